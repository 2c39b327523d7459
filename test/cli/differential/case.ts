/** What is done to a case while it runs: each waits for a state, none for a time. Text is bytes, one a character. */
export type Step =
  | readonly ['expect', string]
  | readonly ['file' | 'make', string]
  | readonly ['send', string]
  | readonly ['eof']
  | readonly ['kill' | 'killgroup', number]
  | readonly ['resize', number]
  | readonly ['stopped']
  | readonly ['hangup']
  | readonly ['close', 'out' | 'err'];

/** One thing that must be the same bare and through `run`. */
export interface Case {
  readonly name: string;
  /** A bash script in which `{run}` stands before the command in question, and is nothing in the bare variant. */
  readonly script: string;
  /** What the script's own stdin is; a terminal is its stdout, stderr and controlling terminal too. */
  readonly stdin?: 'null' | 'pipe' | 'socket' | 'terminal';
  readonly steps?: readonly Step[];
  readonly seconds?: number;
  readonly onlyAsRoot?: boolean;
  /** How many cases a batch stands for: each goes through a `run` of its own. */
  readonly count?: number;
}

/** What came of one variant of a case. Whatever differs here differs for the caller. */
export interface Observed {
  readonly code: number | null;
  readonly signal: number | null;
  readonly timedOut: boolean;
  /** Something of it still lived 8 s after its output had ended. */
  readonly leftProcesses: boolean;
  /** From the end of the script to the end of its output. */
  readonly eofDelayMs: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Quotes for sh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `sh -c` with a program that the quotes of the script around it do not disturb. */
export function sh(program: string): string {
  return `sh -c ${quoted(program)}`;
}

export const SIGNALS = {
  hup: 1,
  int: 2,
  quit: 3,
  kill: 9,
  usr1: 10,
  usr2: 12,
  pipe: 13,
  alrm: 14,
  term: 15,
  cont: 18,
  stop: 19,
  tstp: 20,
} as const;
