import { arrayOf, recordOf, stringOf } from '../../core/words/json.ts';
import { undone, valueOf, withJsonAt, type Edited } from './editConfig.ts';

/** The events of an agent that we are called at, and what is called then. */
export const HOOKS: readonly { readonly event: string; readonly matcher?: string; readonly word: string }[] = [
  { event: 'SessionStart', word: 'session-start' },
  { event: 'PostToolUse', matcher: 'Bash', word: 'after-command' },
  { event: 'PostToolUseFailure', matcher: 'Bash', word: 'after-command' },
];

/** Where we are gone it says nothing and fails nobody. */
function commandOf(program: string, word: string): string {
  const quoted = `'${program.replaceAll("'", `'\\''`)}'`;
  return `[ -x ${quoted} ] && ${quoted} hook ${word}; exit 0`;
}

export function withHooks(text: string, program: string): Edited {
  let edited = removeOurs(text, (command, word) => command !== commandOf(program, word));
  for (const { event, matcher, word } of HOOKS) {
    const command = commandOf(program, word);
    if (commandsIn(edited, event).some((commands) => commands.includes(command))) continue;
    const hook = { ...(matcher !== undefined && { matcher }), hooks: [{ type: 'command', command, timeout: 5 }] };
    const isThere = recordOf(recordOf(valueOf({ format: 'json' }, edited))?.['hooks'])?.[event] !== undefined;
    edited = isThere ? withJsonAt(edited, ['hooks', event, -1], hook) : withJsonAt(edited, ['hooks', event], [hook]);
  }
  return { ok: true, text: edited };
}

export function withoutHooks(text: string, backup: string, program: string): Edited {
  if (!HOOKS.some(({ event, word }) => commandsIn(text, event).some((all) => all.some((one) => isOurs(one, word)))))
    return { ok: true, text };
  const restored = undone(text, backup, withHooks(backup, program));
  return { ok: true, text: restored ?? removeOurs(text, () => true) };
}

/** Whatever path it was written with. */
function isOurs(command: string, word: string): boolean {
  return command.endsWith(` hook ${word}; exit 0`) && command.includes('session-diagnostics');
}

function removeOurs(text: string, isUnwanted: (command: string, word: string) => boolean): string {
  let left = text;
  for (const { event, word } of HOOKS) {
    for (const [index, commands] of [...commandsIn(left, event).entries()].toReversed()) {
      const isUnwantedOne =
        commands.length === 1 && commands.every((one) => isOurs(one, word) && isUnwanted(one, word));
      if (isUnwantedOne) left = withJsonAt(left, ['hooks', event, index], undefined);
    }
  }
  return left;
}

/** The commands of each entry of one event. */
function commandsIn(text: string, event: string): readonly (readonly string[])[] {
  const hooks = recordOf(recordOf(valueOf({ format: 'json' }, text))?.['hooks']);
  return arrayOf(hooks?.[event]).map((entry) =>
    arrayOf(recordOf(entry)?.['hooks']).flatMap((hook) => stringOf(recordOf(hook)?.['command']) ?? []),
  );
}
