import type { ParseArgsOptionsConfig } from 'node:util';
import type { Arguments } from './arguments.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import type { Terminal } from './terminal.ts';

/** One word of the command line. */
export interface Command {
  /** What follows the command's name, as `--help` shows it. */
  readonly usage: string;
  readonly summary: string;
  /** One line per flag of its own: the flag, and what it does. */
  readonly flagHelp: readonly (readonly [string, string])[];
  readonly flags: ParseArgsOptionsConfig;
  /** True when everything after `--` is somebody else's command line. */
  readonly takesCommand?: boolean;
  /** True when it takes flags only: a word more is a mistake, such as the id of a session that was to be pruned. */
  readonly takesNothing?: boolean;
  /** True when it tells of ended sessions: one whose agent has just ended is given a moment to be published. */
  readonly readsSessions?: boolean;
  /** True when it only looks at sessions: the file of a bundle will do for an id. */
  readonly takesBundles?: boolean;
  run(context: CommandContext): Promise<number>;
}

export interface CommandContext {
  readonly args: Arguments;
  /** Sessions that were given as files, by what was given. */
  readonly opened: ReadonlyMap<string, FoundSession>;
  /** What stood after `--`. */
  readonly command: readonly string[];
  readonly terminal: Terminal;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly home: string;
  /** This program's own file: to start itself again, detached. */
  readonly programPath: string;
}
