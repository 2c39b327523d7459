import { nearestWord } from '../core/words/nearestWord.ts';
import { parseArguments } from './arguments.ts';
import type { Command, CommandContext } from './command.ts';
import { COMMANDS } from './commandTable.ts';
import { chosenRoot } from './chosenRoot.ts';
import { CommandError, UsageError } from './failure.ts';
import { manPage } from './guide/manPage.ts';
import { commandHelp, programHelp } from './help.ts';
import { openedBundles } from './openedBundles.ts';
import { publicationOf } from './publication.ts';
import { clipped, printable } from './terminal.ts';
import type { FoundSession } from '../sessions/readFound.ts';

/** Put in by the build. */
declare const PRODUCT_VERSION: string;

export type Surroundings = Omit<CommandContext, 'args' | 'command' | 'opened'>;

/** Runs one command line and returns its exit code: 0 done, 1 what was asked about failed, 2 wrong usage. */
export async function runCommandLine(argv: readonly string[], around: Surroundings): Promise<number> {
  const [name, ...rest] = argv;
  const { terminal } = around;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    (name === undefined ? terminal.err : terminal.out)(programHelp(COMMANDS, terminal));
    return name === undefined ? 2 : 0;
  }
  if (name === '--version') {
    terminal.out(PRODUCT_VERSION);
    return 0;
  }
  if (name === '--man') {
    terminal.out(manPage(COMMANDS, PRODUCT_VERSION));
    return 0;
  }
  try {
    const command = COMMANDS.get(name);
    if (command === undefined) throw noSuchCommand(name);
    return await runOne(name, command, { rest, around });
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(
        `session-diagnostics: ${printable(error.message)} See session-diagnostics ${COMMANDS.has(name) ? `${name} ` : ''}--help.`,
      );
      return 2;
    }
    if (error instanceof CommandError) {
      terminal.err(`session-diagnostics: ${printable(error.message)}`);
      return 1;
    }
    if (error instanceof Error && 'syscall' in error) {
      // The disk, or its rights: node's own message names the operation and the path.
      terminal.err(`session-diagnostics: ${printable(error.message)}.`);
      return 1;
    }
    throw error; // a bug of ours: Node prints where
  }
}

function noSuchCommand(name: string): UsageError {
  const meant = nearestWord(name, COMMANDS.keys());
  const guess = meant === undefined ? '' : ` Did you mean ${meant}?`;
  return new UsageError(`There is no command "${clipped(printable(name), 40)}".${guess}`);
}

interface Rest {
  readonly rest: readonly string[];
  readonly around: Surroundings;
}

async function runOne(name: string, command: Command, { rest, around }: Rest): Promise<number> {
  const end = command.takesCommand === true ? rest.indexOf('--') : -1;
  const own = end < 0 ? rest : rest.slice(0, end);
  const args = parseArguments(own, command.flags);
  if (args.isSet('help')) {
    around.terminal.out(commandHelp(name, command, around.terminal));
    return 0;
  }
  const [first] = args.positionals;
  if (command.takesNothing === true && first !== undefined) {
    throw new UsageError(`"${clipped(printable(first), 40)}" is too much: ${name} takes flags only.`);
  }
  if (command.takesCommand === true && args.positionals.length > 0) {
    throw new UsageError(`Put -- before the command: session-diagnostics ${name} -- ${args.positionals.join(' ')}.`);
  }
  const opened =
    command.takesBundles === true ? await openedBundles(args.positionals, around.cwd) : new Map<string, FoundSession>();
  const context = { ...around, args, opened, command: end < 0 ? [] : rest.slice(end + 1) };
  if (command.readsSessions === true) await publicationOf(chosenRoot(context));
  return command.run(context);
}
