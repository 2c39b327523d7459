import { isTraceName } from '../../core/session/devboyTrace.ts';
import { msFromIso } from '../../core/words/time.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { listSessions, type ListedSession } from '../../logs/sessionIndex.ts';
import { listTraces } from '../../logs/traceFolders.ts';
import { searchedRoots } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { sessionTable } from '../sessionTable.ts';

export const list: Command = {
  usage: '[--running|--failed|--anomalies]',
  summary: 'One line per session, newest first',
  readsSessions: true,
  takesNothing: true,
  flagHelp: [
    ['--running', 'those that run now'],
    ['--failed', 'those that ended badly'],
    ['--anomalies', 'those with anomalies'],
  ],
  flags: { running: { type: 'boolean' }, failed: { type: 'boolean' }, anomalies: { type: 'boolean' } },
  run: (context) => {
    const { args, terminal } = context;
    const roots = searchedRoots(context);
    const all = everySession(roots);
    const sessions = all.filter(
      (session) =>
        (!args.isSet('running') || session.state === 'running') &&
        (!args.isSet('failed') || (session.state === 'finished' && !session.success)) &&
        (!args.isSet('anomalies') || session.anomaly_count > 0),
    );
    if (args.isSet('json')) terminal.out(JSON.stringify(sessions));
    else if (sessions.length === 0 && all.length > 0)
      terminal.out(`No session in ${roots[0]?.path} is such a one; it has ${all.length} in all.`);
    else if (sessions.length === 0)
      terminal.out(`No sessions in ${roots[0]?.path}. Record one: session-diagnostics run -- COMMAND`);
    else for (const line of sessionTable(sessions.map(named), terminal)) terminal.out(line);
    return Promise.resolve(0);
  },
};

/** Newest first, traces among them. */
function everySession(roots: readonly LogRoot[]): readonly ListedSession[] {
  const sessions = roots.flatMap((root) => listSessions(root));
  const traces = roots.flatMap((root) => listTraces(root));
  if (traces.length === 0) return sessions;
  return [...sessions, ...traces].sort((a, b) => (msFromIso(b.timestamp) ?? 0) - (msFromIso(a.timestamp) ?? 0));
}

/** A trace goes by its id: `show` takes it, and its folders would not fit into the line. */
function named(session: ListedSession): ListedSession {
  return isTraceName(session.dir_name) ? { ...session, dir_name: session.session_id } : session;
}
