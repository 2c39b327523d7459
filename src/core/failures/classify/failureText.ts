/**
 * Where in a failed output the reason stands: at the very start (the program could not be started) or at the end (what
 * it said last). Scanning only those keeps the cost of a 5 MB output at that of a small one, and keeps what lies
 * between, mostly file content and logs of other things, out of the judgement.
 */
const HEAD_CHARS = 4000;
const TAIL_CHARS = 8000;
/** No error line of any known tool carries its cue after 400 characters. */
const LINE_CHARS = 400;
const MAX_LINES = 300;

/** A terminal's colour code starts with the escape character. */
const COLOUR = /\u001B\[[0-9;?]{0,20}[A-Za-z]/g;

/** Source code as compilers and test runners quote it: "  12 | throw new Error('ECONNREFUSED')", "> 3 │ x". */
const SOURCE_LINE = /^>?\s?\d{1,6} ?[|│]/;

/** A frame of a stack: "at connect (/srv/timeout.js:3:1)"; 'File "a.py", line 3, in f', which the code's line follows. */
const FRAME = /^(?:at .{0,300}[:(]\d+\)?:?\d*\)?$|File "[^"]{1,300}", line \d+)/;
const PYTHON_ERROR = /^[\w.]+(?::|$)/;

/** Claude Code's own note of where its shell stands, which its sandbox may refuse before the command begins. */
const HARNESS_NOISE = /\bclaude-\w{1,12}[-/]cwd/;

/** GNU's tools quote names so in UTF-8 locales, and some services write "You’ve" so. */
const CURLY = /[‘’]/g;

/** The lines of an output that may say why it failed: bounded in number and length, without colours. */
export function tellingLines(output: string): string[] {
  const text =
    output.length <= HEAD_CHARS + TAIL_CHARS
      ? output
      : `${output.slice(0, HEAD_CHARS)}\n${output.slice(output.length - TAIL_CHARS)}`;
  const lines: string[] = [];
  let isAfterFrame = false;
  for (const line of text.replace(COLOUR, '').replace(CURLY, "'").split('\n', 2000)) {
    const trimmed = line.slice(0, LINE_CHARS).trim();
    const isFrame = FRAME.test(trimmed);
    const isQuoted =
      isFrame ||
      SOURCE_LINE.test(trimmed) ||
      HARNESS_NOISE.test(trimmed) ||
      (isAfterFrame && !PYTHON_ERROR.test(trimmed));
    if (trimmed !== '' && !isQuoted) lines.push(trimmed);
    isAfterFrame = isFrame && trimmed.startsWith('F');
  }
  return lines.length <= MAX_LINES ? lines : [...lines.slice(0, MAX_LINES / 3), ...lines.slice((-2 * MAX_LINES) / 3)];
}

const QUOTED = /"[^"]{0,60}"|'[^'\s][^']{0,200}'(?!\w)|`[^`]{0,200}`/g;
/** A program's own words come early in its line; what is longer quotes something. */
const PLAIN_CHARS = 240;
const FILE_NAME = /(?<![\w:/.-])(?!https?:)[\w@~+-]*[./\\][\w./\\@+-]*\w/g;

/** A comment, a diff, a script's echo, a line that was found in a file. */
const NOT_ITS_OWN = /^(?:> [a-z]|\/\/|#(?!\d)|[+<@]|\S{1,200}\.\w{1,6}:\d+[:-])/;

/** A line without what it quotes and without the names of files: the words of the program alone. */
export function plainWords(line: string): string {
  if (NOT_ITS_OWN.test(line)) return '';
  return line.replace(QUOTED, '_').replace(FILE_NAME, '_').slice(0, PLAIN_CHARS);
}

/** The start of a harness's sentence; longer ones quote what is not the harness's. */
export function sentenceStart(text: string): string {
  return text
    .slice(0, LINE_CHARS)
    .trimStart()
    .replace(/^(?:<tool_use_error>\s*)?(?:error: |McpError: )?/i, '')
    .replace(API_ERROR, '')
    .replace(/\]$/, '');
}

/** "API Error: 529 Overloaded", "[API Error: terminated]": how all agents of one family hand on what the service said. */
const API_ERROR = /^\[?API Error: (?:(\d{3})\b[ :]{0,2})?/;

/** Whether a sentence hands on what the model's service said, and with which status. */
export function serviceWords(text: string): { readonly status: number | undefined } | undefined {
  const match = API_ERROR.exec(text.trimStart());
  if (match === null) return undefined;
  return { status: match[1] === undefined ? undefined : Number(match[1]) };
}
