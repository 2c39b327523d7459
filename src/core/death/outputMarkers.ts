import { LAST_WORD_NAMES, LAST_WORDS, type LastWord } from './lastWords.ts';

/** What a program's last words may say about why it ends. Only these names leave the scanner, never the text. */
export type MarkerName = 'v8_heap_limit' | 'too_many_open_files' | 'no_space' | 'panic' | LastWord;
export const MARKER_NAMES: readonly MarkerName[] = [
  'v8_heap_limit',
  'too_many_open_files',
  'no_space',
  'panic',
  ...LAST_WORD_NAMES,
];

export interface OutputMarker {
  readonly name: MarkerName;
  /** Where its line starts, in bytes from the start of the stream. */
  readonly offset: number;
}

export interface MarkerScanner {
  add(chunk: Uint8Array): void;
  /** The last marker of each name so far, in the order of the stream; includes a last line without its newline. */
  markers(): readonly OutputMarker[];
  readonly byteCount: number;
}

/** All shapes below stand within this much of a line; a megabyte of minified source on one line is not looked at. */
const HEAD_BYTES = 400;
const NEWLINE = 10;

const PATTERNS: { readonly [name in MarkerName]: RegExp } = {
  // "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", "# Fatal JavaScript out of
  // memory: Reached heap limit", "Error [ERR_WORKER_OUT_OF_MEMORY]: Worker terminated due to reaching memory limit"
  v8_heap_limit:
    /^FATAL ERROR: .{0,200}JavaScript heap out of memory|^# ?Fatal (?:JavaScript|process) out of memory|^(?:Uncaught )?Error \[ERR_WORKER_OUT_OF_MEMORY\]/,
  // "Error: EMFILE: too many open files, open '/x'", "  code: 'EMFILE',", "OSError: [Errno 24] Too many open files: '/x'",
  // and not "EMFILE: too many open files, watch '/x'": that is inotify's own limit, of instances.
  // "sh: 1: cannot open /x: Too many open files", "Too many open files (os error 24)", "accept4: too many open files; ..."
  too_many_open_files:
    /^(?:(?:\w*Error|Uncaught|Fatal):? )*E[MN]FILE\b(?!: too many open files, watch)|^\s{1,8}code: 'E[MN]FILE'|\[Errno 2[34]\] |(?:^|: )[Tt]oo many open files(?: in system)?(?!, watch)(?:$|[:;.,] ?| \(os error 2[34]\))|message: "Too many open files"/,
  // The same shapes. inotify reports ENOSPC, too, when its watches run out: "ENOSPC: System limit for number of file
  // watchers reached", in older Node versions "ENOSPC: no space left on device, watch '/x'"; neither is a full disk.
  no_space:
    /^(?:(?:\w*Error|Uncaught|Fatal):? )*ENOSPC: no space left on device(?!, watch)|\[Errno (?:28|122)\] (?:No space|Disk quota)|(?:^|: )(?:[Nn]o space left on device|[Dd]isk quota exceeded)(?:$|[:;.] ?| \(os error (?:28|122)\))|message: "No space left on device"/,
  // "thread 'main' panicked at src/main.rs:1:2:", "panic: runtime error: ...", "fatal error: all goroutines are asleep"
  ...LAST_WORDS,
  panic: /^thread '.{0,80}' (?:\(\d+\) )?panicked at |^panic: |^fatal error: |^Fatal Python error: /,
};

/** Reads a stream line by line in whatever pieces it comes. Keeps the head of one line and one offset per name. */
export function createMarkerScanner(): MarkerScanner {
  const lastOffsets = new Map<MarkerName, number>();
  let byteCount = 0;
  let lineStart = 0;
  let head = '';

  function add(chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, from);
      const end = newline < 0 ? chunk.length : newline;
      if (head.length < HEAD_BYTES)
        head += latin1(chunk.subarray(from, Math.min(end, from + HEAD_BYTES - head.length)));
      if (newline < 0) break;
      for (const name of namesIn(head)) lastOffsets.set(name, lineStart);
      head = '';
      from = newline + 1;
      lineStart = byteCount + from;
    }
    byteCount += chunk.length;
  }

  function markers(): readonly OutputMarker[] {
    const all = new Map(lastOffsets);
    for (const name of namesIn(head)) all.set(name, lineStart);
    return [...all].map(([name, offset]) => ({ name, offset })).sort((a, b) => a.offset - b.offset);
  }

  return {
    add,
    markers,
    get byteCount() {
      return byteCount;
    },
  };
}

/** One character a byte: the shapes are ASCII, so a character torn between two chunks cannot hide one. */
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function namesIn(line: string): readonly MarkerName[] {
  if (line.length < 6) return []; // shorter than the shortest shape
  const text = line.includes('\u001b[') ? withoutColours(line) : line;
  const trimmed = text.endsWith('\r') ? text.slice(0, -1) : text;
  return MARKER_NAMES.filter((name) => PATTERNS[name].test(trimmed));
}

/** `\u001b[31;1m`, as tools colour their errors even when nobody asked. */
function withoutColours(line: string): string {
  return line
    .split('\u001b[')
    .map((part, index) => (index === 0 ? part : part.replace(/^[\d;]*m/, '')))
    .join('');
}
