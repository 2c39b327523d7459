/** Paths of every system, absolute and relative: what they are called says whose they are. */

type Remove = (kind: string) => string;

const SEGMENT = String.raw`[^\s"'<>|:;,*?()\\/]`;
const WINDOWS_PATH = new RegExp(
  String.raw`(?<![A-Za-z0-9])[A-Za-z]:[\\/]+(?:${SEGMENT}{1,255}(?: ${SEGMENT}{1,255}){0,3}[\\/]+)*${SEGMENT}*`,
  'g',
);
const UNC_PATH = new RegExp(
  String.raw`(?<![\w\\])\\\\[\w.$-]{1,255}\\+(?:${SEGMENT}{1,255}(?: ${SEGMENT}{1,255}){0,3}\\+)*${SEGMENT}*`,
  'g',
);
/** What ends a path; `=` too, because of `--out=/a/b`. */
const OUTSIDE_PATH = /[\s"'`<>|:;,()[\]{}*?\\=]/g;
const IS_OUTSIDE = new RegExp(OUTSIDE_PATH.source);
/** A word of a name with blanks, as it is (`My Data`) or escaped for a shell. */
const MORE = String.raw`\\? [^\s"'\`<>|:;,()[\]{}*?\\=/]{1,64}`;
/** Up to three more words with a slash right behind them are still the folder's name, one with an ending the file's. */
const MORE_FOLDER = new RegExp(String.raw`(?:${MORE}){1,3}/[^\s"'\`<>|:;,()[\]{}*?\\=]*`, 'y');
const MORE_FILE = new RegExp(String.raw`${MORE}(?<=\.[A-Za-z]\w{0,4})(?![\w/])`, 'y');
/** Within quotes the name ends where they do. */
const MORE_QUOTED = new RegExp(String.raw`(?:${MORE}){1,2}(?=["'\`])`, 'y');
/** After a path these begin something else: `moved /a/b to c/d`. */
const CONNECTIVE =
  /(?:^|\s)(?:a|an|and|are|as|at|be|by|but|can|cannot|did|do|does|failed|for|from|has|have|if|in|into|is|it|no|not|of|on|or|over|than|that|the|then|this|to|under|via|vs|was|were|when|with)(?=[\s/.]|$)/i;
const SYSTEM =
  /^\/(?:usr\/(?:bin|sbin|lib|lib64|libexec|share|include)|usr\/local\/bin|bin|sbin|lib|lib64|dev|proc|sys)(?:\/|$)/;

export function removePaths(text: string, remove: Remove): string {
  let result = text;
  if (result.includes('\\')) result = result.replace(UNC_PATH, () => remove('path'));
  if (/[A-Za-z]:[\\/]/.test(result)) result = result.replace(WINDOWS_PATH, () => remove('path'));
  return removePosixPaths(result, remove);
}

function removePosixPaths(text: string, remove: Remove): string {
  let result = '';
  let done = 0;
  let end = 0;
  for (let slash = text.indexOf('/'); slash !== -1; slash = text.indexOf('/', end)) {
    let start = slash;
    while (start > end && !IS_OUTSIDE.test(text.charAt(start - 1))) start -= 1;
    OUTSIDE_PATH.lastIndex = slash;
    end = withBlanks(text, start, OUTSIDE_PATH.exec(text)?.index ?? text.length);
    const path = text.slice(start, end).replace(/[.!]{1,3}$/, '');
    // What follows a scheme or something removed was dealt with already.
    if (path.startsWith('//') || /[\]\\]/.test(text.charAt(start - 1)) || !isPath(path)) continue;
    result += text.slice(done, start) + remove('path');
    done = start + path.length;
  }
  return done === 0 ? text : result + text.slice(done);
}

/** Where a rooted path really ends, when its names have blanks. */
function withBlanks(text: string, start: number, firstEnd: number): number {
  let end = firstEnd;
  if (!/[ \\]/.test(text.charAt(end)) || !/^(?:\/|~\/|\.{1,2}\/)[^/]/.test(text.slice(start, start + 5))) return end;
  const isQuoted = /["'`]/.test(text.charAt(start - 1));
  for (;;) {
    const more = (isQuoted ? [MORE_FOLDER, MORE_FILE, MORE_QUOTED] : [MORE_FOLDER, MORE_FILE])
      .map((pattern) => matchAt(pattern, text, end))
      .find((found) => found !== undefined && !CONNECTIVE.test(found));
    if (more === undefined) return end;
    end += more.length;
  }
}

function matchAt(sticky: RegExp, text: string, at: number): string | undefined {
  sticky.lastIndex = at;
  return sticky.exec(text)?.[0];
}

/** `and/or`, `text/html`, `n/a` and `3/4` are words; a path is rooted, or ends in a file name, or is deep. */
function isPath(run: string): boolean {
  if (SYSTEM.test(run)) return false;
  if (/^(?:\.{1,2}|~[\w.-]*)\/./.test(run)) return true;
  const segments = run.split('/').filter((segment) => segment !== '');
  if (run.startsWith('/')) return segments.length >= 2 || (segments[0]?.length ?? 0) >= 3;
  if (segments.length >= 2 && /[^.]\.[A-Za-z]\w{0,7}$/.test(segments.at(-1) ?? '')) return true;
  return segments.length >= 3 && segments.some((segment) => /[a-z]{2}/i.test(segment));
}
