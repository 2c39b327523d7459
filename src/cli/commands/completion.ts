import { bashCompletion } from '../guide/bashCompletion.ts';
import type { CommandWords } from '../guide/commandWords.ts';
import { fishCompletion } from '../guide/fishCompletion.ts';
import { zshCompletion } from '../guide/zshCompletion.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command, CommandContext } from '../command.ts';
import { onlyPositional } from '../arguments.ts';
import { UsageError } from '../failure.ts';
import { sessionDirs } from '../../logs/sessionIndex.ts';

const SHELLS: ReadonlyMap<string, (commands: readonly CommandWords[]) => string> = new Map([
  ['bash', bashCompletion],
  ['zsh', zshCompletion],
  ['fish', fishCompletion],
]);

/** `words` are those of the whole command line, which has this command in it. */
export function completionCommand(words: () => readonly CommandWords[]): Command {
  return {
    usage: [...SHELLS.keys()].join('|'),
    summary:
      'What a shell needs to complete commands, flags and sessions: source <(session-diagnostics completion bash)',
    flagHelp: [
      ['--sessions', 'only prints the ids that could be meant, one a line'],
      ['--running', 'of them those that run now'],
    ],
    flags: { sessions: { type: 'boolean' }, running: { type: 'boolean' } },
    run: (context) => {
      const { args, terminal } = context;
      if (args.isSet('sessions') || args.isSet('running')) {
        for (const id of sessionIds(context)) terminal.out(id);
        return Promise.resolve(0);
      }
      const shell = onlyPositional(args, 'shell');
      const completion = SHELLS.get(shell);
      if (completion === undefined) throw new UsageError(`Completion is for ${[...SHELLS.keys()].join(', ')}.`);
      terminal.out(completion(words()));
      return Promise.resolve(0);
    },
  };
}

/** Folder names alone: whoever types waits for no index. The newest first, as their dates are in their names. */
function sessionIds(context: CommandContext): readonly string[] {
  const { running, sessions } = chosenRoot(context);
  return (context.args.isSet('running') ? [running] : [running, sessions])
    .flatMap((folder) => sessionDirs(folder))
    .sort()
    .toReversed();
}
