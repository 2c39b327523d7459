import { spawn } from 'node:child_process';
import { recoverSessions, type Recovered } from '../../recorder/recoverSessions.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command, CommandContext } from '../command.ts';
import { failureFinder } from '../findFailures.ts';

export const recover: Command = {
  usage: '',
  summary: 'Finishes sessions whose recorder is gone, or goes on recording them',
  flagHelp: [],
  flags: {},
  run: async (context) => {
    const { args, terminal } = context;
    const recovered = await recoverAll(context);
    if (args.isSet('json')) terminal.out(JSON.stringify(recovered));
    else if (recovered.length === 0) terminal.out('Nothing to recover: every session has its recorder.');
    else
      for (const { id, became, message } of recovered)
        terminal.out(`${id}  ${became}${message === undefined ? '' : `: ${message}`}`);
    return recovered.some(({ became }) => became === 'failed') ? 1 : 0;
  },
};

export function recoverAll(context: CommandContext): Promise<readonly Recovered[]> {
  const root = chosenRoot(context);
  return recoverSessions({
    root,
    findFailures: failureFinder(root, context),
    resume: async (id) => {
      const child = spawn(
        process.execPath,
        [...process.execArgv, context.programPath, 'attach', `--resume=${id}`, `--log-dir=${root.path}`],
        { cwd: root.path, env: context.env, detached: true, stdio: 'ignore' },
      );
      await new Promise<void>((resolve) => {
        child.once('spawn', () => resolve());
        child.once('error', () => resolve()); // then the session stays as it is, for the next recovery
      });
      child.unref();
    },
  });
}
