import { commandKindOf } from '../core/failures/commandKind.ts';
import { arrayOf, isRecord, parseJson, stringOf } from '../core/words/json.ts';
import { killCallOf, type KillCall } from '../core/session/killCall.ts';
import type { CommandKind } from '../core/failures/transcriptEvents.ts';

/** Arguments longer than this hold a file, not a command. */
const MAX_ARGUMENTS = 200_000;
const SHELL = /^(?:\S{0,40}\/)?(?:ba|da|z|k|fi)?sh(?:\.exe)?$/;

/**
 * The kind of the shell command in a call's arguments, in the shapes of all agents: a record or the JSON of one, whose
 * `command`, `cmd` or `script` is a text or an argv.
 */
export function shellCommandKind(args: unknown): CommandKind | undefined {
  const command = shellCommandOf(args);
  return command === undefined ? undefined : commandKindOf(command);
}

/** What the call ends, where it ends processes. */
export function shellKill(args: unknown): KillCall | undefined {
  const command = shellCommandOf(args);
  return command === undefined ? undefined : killCallOf(command);
}

export function shellCommandOf(args: unknown): string | undefined {
  if (typeof args === 'string') {
    const parsed = args.startsWith('{') && args.length <= MAX_ARGUMENTS ? parseJson(args) : undefined;
    return parsed?.ok === true && isRecord(parsed.value) ? shellCommandOf(parsed.value) : undefined;
  }
  if (!isRecord(args)) return undefined;
  // Several commands of one call: the last decides, as in a line of them.
  const command = args['command'] ?? args['cmd'] ?? args['script'] ?? arrayOf(args['commands']).at(-1);
  if (typeof command === 'string') return unwrapped(command);
  const argv = arrayOf(command).filter((word) => typeof word === 'string');
  if (argv.length === 0) return undefined;
  return SHELL.test(argv[0] ?? '') && /^-\w*c$/.test(argv[1] ?? '') ? stringOf(argv[2]) : argv.join(' ');
}

/** "/bin/bash -lc 'rg foo'": what the shell runs, without the shell and its quotes. */
function unwrapped(command: string): string {
  const script = command.replace(/^(?:\S{0,40}\/)?(?:ba|da|z|k)?sh -l?c (?=\S)/, '');
  return script !== command && /^(['"]).*\1$/s.test(script) ? script.slice(1, -1) : script;
}
