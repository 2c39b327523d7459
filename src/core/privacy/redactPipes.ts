import { openQuoteAt, simpleCommandAt, type Span } from './shellWords.ts';

type Remove = (kind: string) => string;

/** Commands that read a secret from standard input. */
const READER = String.raw`(?:sudo\s[^|;&\n]{0,80}?(?:-\w*S\b|--stdin\b)|(?:sudo\s+(?:-\S+\s+)*)?(?:\S{0,60}/)?(?:chpasswd|passwd|smbpasswd|kinit|cryptsetup|pass\s+insert|secret-tool\s+store|vncpasswd\s+-f|gh\s+secret\s+set|vercel\s+env\s+add|wrangler\s+secret\s+put|(?:docker|podman)\s+secret\s+create|rclone\s+obscure|openconnect|keepassxc-cli|lpass\s+login|htpasswd\s+-\w*i|ssh-add|su)(?![\w.-])|[^|;&\n]{0,100}?(?:--?password-stdin|--with-token|--passphrase-fd[ =]0|--pass(?:word|wd)?-on-stdin|--?pass(?:word|wd)?-fd[ =]0|--stdinpass|-stdinpass|-pass(?:in|out)?\s+(?:stdin|fd:0)|--secret-stdin|--api-key-stdin|--token-stdin|--data-file[ =]-(?=\s|$)))`;
const READS_SECRET = new RegExp(String.raw`\|\s*${READER}`, 'y');
const LINE_READS_SECRET = new RegExp(String.raw`(?:^|[\s;&|('"])${READER}`);
/** What every one of them has; looked for first, as most redirections have nothing to do with secrets. */
const READER_HINT = /sudo|pass|secret|kinit|cryptsetup|vercel|obscure|openconnect|ssh-add|\bsu\b|stdin|token|data-file/;
const MAX_BEFORE = 200;
const SAYING = /(?<![\w.-])(?:echo|printf)[ \t]/g;
const HERE_WORD = /<<<[ \t]{0,4}(?:"([^"\n]{1,400})"|'([^'\n]{1,400})'|([^\s"'|;&<>()]{1,400}))/y;
const HERE_TEXT = /<<[-~]?[ \t]?(?:'\\''|\\?["']|\\)?([A-Za-z_]\w{0,30})[^\n]{0,400}\n/y;
const STAND_IN = /^(?:$|[$`]|\[redacted|<)/;

/** `echo secret | sudo -S`, `<<< secret`, and the lines of a here-document that a command reads a secret from. */
export function removePipedSecrets(text: string, remove: Remove): string {
  const spans = [...(text.includes('|') ? saidSpans(text) : []), ...(text.includes('<<') ? hereSpans(text) : [])].sort(
    (a, b) => a.start - b.start,
  );
  let result = '';
  let done = 0;
  for (const { start, end } of spans) {
    if (start < done || STAND_IN.test(text.slice(start, end))) continue;
    result += text.slice(done, start) + remove('secret_input');
    done = end;
  }
  return done === 0 ? text : result + text.slice(done);
}

function saidSpans(text: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  SAYING.lastIndex = 0;
  for (let hit = SAYING.exec(text); hit !== null; hit = SAYING.exec(text)) {
    const { words, end } = simpleCommandAt(text, hit.index, openQuoteAt(text, hit.index, from));
    from = end;
    SAYING.lastIndex = end;
    READS_SECRET.lastIndex = end;
    if (!READS_SECRET.test(text)) continue;
    const isPairs = /^\|\s*(?:sudo\s+)?\S{0,60}chpasswd/.test(text.slice(end, end + 100));
    for (const word of words.slice(1)) {
      // `printf '%s\n' secret`: the form says nothing.
      if (/^-[neE]+$/.test(word.text) || /^(?:%s|\\n)+$/.test(word.text)) continue;
      const colon = isPairs ? word.text.indexOf(':') : -1;
      spans.push({ start: word.start + colon + 1, end: word.end });
    }
  }
  return spans;
}

function hereSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf('<<'); at !== -1; at = text.indexOf('<<', at + 3)) {
    const lineStart = Math.max(text.lastIndexOf('\n', at) + 1, at - MAX_BEFORE);
    const before = text.slice(lineStart, at);
    HERE_WORD.lastIndex = at;
    const word = HERE_WORD.exec(text);
    if (word !== null) {
      const said = word[1] ?? word[2] ?? word[3] ?? '';
      const start = at + word[0].indexOf(said, 3);
      if (readsSecret(before)) spans.push({ start, end: start + said.length });
      continue;
    }
    HERE_TEXT.lastIndex = at;
    const head = HERE_TEXT.exec(text);
    if (head === null || !readsSecret(`${before} ${head[0]}`)) continue;
    const end = text
      .slice(HERE_TEXT.lastIndex, HERE_TEXT.lastIndex + 8192)
      .search(new RegExp(`^[ \\t]*${head[1] ?? ''}(?!\\w)`, 'm'));
    if (end !== -1) spans.push(...lineSpans(text, { start: HERE_TEXT.lastIndex, end: HERE_TEXT.lastIndex + end }));
  }
  return spans;
}

function readsSecret(line: string): boolean {
  return READER_HINT.test(line) && LINE_READS_SECRET.test(line);
}

function lineSpans(text: string, { start, end }: Span): Span[] {
  const spans: Span[] = [];
  for (let at = start; at < end;) {
    const stop = text.indexOf('\n', at);
    const lineEnd = stop === -1 || stop > end ? end : stop;
    if (lineEnd > at) spans.push({ start: at, end: lineEnd });
    at = lineEnd + 1;
  }
  return spans;
}
