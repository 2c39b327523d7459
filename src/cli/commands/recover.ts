import { spawn } from 'node:child_process';
import { recoverSessions, type Recovered } from '../../recorder/session/recoverSessions.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command, CommandContext } from '../command.ts';
import { exportEnded, otlpEndpoint } from '../exportSession.ts';

export const recover: Command = {
  usage: '[--otlp-endpoint URL]',
  summary: 'Finishes sessions whose recorder is gone, or goes on recording them',
  readsSessions: true,
  takesNothing: true,
  flagHelp: [['--otlp-endpoint URL', 'sends the finished sessions to an OpenTelemetry receiver']],
  flags: { 'otlp-endpoint': { type: 'string' } },
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

export async function recoverAll(context: CommandContext): Promise<readonly Recovered[]> {
  const root = chosenRoot(context);
  const endpoint = otlpEndpoint({ args: context.args, env: {} }); // a variable is inherited
  const flags = [`--log-dir=${root.path}`, ...(endpoint === undefined ? [] : [`--otlp-endpoint=${endpoint}`])];
  const recovered = await recoverSessions({
    root,
    surroundings: context,
    resume: async (id) => {
      const child = spawn(
        process.execPath,
        [...process.execArgv, context.programPath, 'attach', `--resume=${id}`, ...flags],
        { cwd: root.path, env: context.env, detached: true, stdio: 'ignore' },
      );
      await new Promise<void>((resolve) => {
        child.once('spawn', () => resolve());
        child.once('error', () => resolve()); // then the session stays as it is, for the next recovery
      });
      child.unref();
    },
  });
  for (const { id, became } of recovered) if (became === 'finished') await exportEnded(context, id);
  return recovered;
}
