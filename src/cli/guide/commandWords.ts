import type { Command } from '../command.ts';
import { GUIDE } from './guideTable.ts';

/** A flag as it is completed and described. */
export interface FlagWords {
  readonly name: string;
  readonly meaning: string;
  /** What stands for its value in `--help`; absent where it takes none. */
  readonly value?: string;
  /** The words that it may be, where they are few. */
  readonly choices: readonly string[];
  /** Its value is a path. */
  readonly isPath: boolean;
}

export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagWords[];
  readonly takes: 'session' | 'running session' | 'file' | readonly string[] | undefined;
  readonly takesCommand: boolean;
}

/** Every command takes them; `help.ts` shows them under each. */
export const COMMON_FLAGS: readonly (readonly [string, string])[] = [
  ['--log-dir DIR', 'the log root, instead of the standard one'],
  ['--json', 'for scripts, where the command prints data'],
  ['--help', 'this text'],
];

const PATHS = new Set(['DIR', 'FILE', 'PATH', 'FOLDER']);

function flagWords([flag, meaning]: readonly [string, string]): FlagWords {
  const [dashed = '', value] = flag.split(' ');
  const name = dashed.slice(2);
  // `--stdin inherit|close` says its words itself; `--format F` in what it means: "markdown, json (markdown)".
  const listed = value?.includes('|') === true ? value.split('|') : [];
  const told = value === 'F' ? meaning.replace(/ \(.*/, '').split(', ') : [];
  const isPath = value !== undefined && PATHS.has(value);
  return { name, meaning, choices: [...listed, ...told], isPath, ...(value !== undefined && { value }) };
}

export function commandWords(commands: ReadonlyMap<string, Command>): readonly CommandWords[] {
  return [...commands].map(([name, command]) => ({
    name,
    summary: command.summary,
    flags: [...command.flagHelp, ...COMMON_FLAGS].map(flagWords),
    takes: GUIDE.get(name)?.takes,
    takesCommand: command.takesCommand === true,
  }));
}
