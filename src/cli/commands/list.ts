import { listSessions } from '../../logs/sessionIndex.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { sessionTable } from '../sessionTable.ts';

export const list: Command = {
  usage: '[--running|--failed|--anomalies]',
  summary: 'One line per session, newest first',
  flagHelp: [
    ['--running', 'those that run now'],
    ['--failed', 'those that ended badly'],
    ['--anomalies', 'those with anomalies'],
  ],
  flags: { running: { type: 'boolean' }, failed: { type: 'boolean' }, anomalies: { type: 'boolean' } },
  run: (context) => {
    const { args, terminal } = context;
    const root = chosenRoot(context);
    const sessions = listSessions(root).filter(
      (session) =>
        (!args.isSet('running') || session.state === 'running') &&
        (!args.isSet('failed') || (session.state === 'finished' && !session.success)) &&
        (!args.isSet('anomalies') || session.anomaly_count > 0),
    );
    if (args.isSet('json')) terminal.out(JSON.stringify(sessions));
    else if (sessions.length === 0)
      terminal.out(`No sessions in ${root.path}. Record one: session-diagnostics run -- COMMAND`);
    else for (const line of sessionTable(sessions, terminal)) terminal.out(line);
    return Promise.resolve(0);
  },
};
