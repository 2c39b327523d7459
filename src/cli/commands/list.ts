import { isTraceName } from '../../core/session/devboyTrace.ts';
import { msFromIso } from '../../core/words/time.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { listSessions, type ListedSession } from '../../logs/sessionIndex.ts';
import { listTraces } from '../../logs/traceFolders.ts';
import { searchedRoots } from '../chosenRoot.ts';
import { listedLog, type ListedLog } from '../../sessions/unrecorded/listedLog.ts';
import type { Command, CommandContext } from '../command.ts';
import { sessionTable } from '../sessionTable.ts';
import { LOG_FLAG_HELP, LOG_FLAGS, openLogIndex, unrecordedLogs } from '../unrecorded/unrecordedLogs.ts';

export const list: Command = {
  usage: '[--running|--failed|--anomalies] [--logs]',
  summary: 'One line per session, newest first',
  readsSessions: true,
  takesNothing: true,
  flagHelp: [
    ['--running', 'those that run now'],
    ['--failed', 'those that ended badly'],
    ['--anomalies', 'those with anomalies'],
    ['--logs', 'also those that nobody recorded, by the logs of their agents'],
    ...LOG_FLAG_HELP,
  ],
  flags: {
    running: { type: 'boolean' },
    failed: { type: 'boolean' },
    anomalies: { type: 'boolean' },
    logs: { type: 'boolean' },
    ...LOG_FLAGS,
  },
  run: async (context) => {
    const { args, terminal } = context;
    const roots = searchedRoots(context);
    const recorded = everySession(roots);
    const all: readonly Row[] = args.isSet('logs')
      ? [...recorded, ...(await everyLog(context))].sort(newestFirst)
      : recorded;
    const sessions = all.filter(
      (session) =>
        (!args.isSet('running') || isRunning(session)) &&
        (!args.isSet('failed') || (!isRunning(session) && !session.success)) &&
        (!args.isSet('anomalies') || session.anomaly_count > 0),
    );
    if (args.isSet('json')) terminal.out(JSON.stringify(sessions));
    else if (sessions.length === 0 && all.length > 0)
      terminal.out(`No session in ${roots[0]?.path} is such a one; it has ${all.length} in all.`);
    else if (sessions.length === 0)
      terminal.out(
        `No sessions in ${roots[0]?.path}. Record one: session-diagnostics run -- COMMAND${args.isSet('logs') ? '' : '. Those that nobody recorded: session-diagnostics list --logs'}`,
      );
    else for (const line of sessionTable(sessions.map(named), terminal)) terminal.out(line);
    return 0;
  },
};

type Row = ListedSession | ListedLog;

/** Newest first, traces among them. */
function everySession(roots: readonly LogRoot[]): readonly ListedSession[] {
  const sessions = roots.flatMap((root) => listSessions(root));
  const traces = roots.flatMap((root) => listTraces(root));
  return traces.length === 0 ? sessions : [...sessions, ...traces].sort(newestFirst);
}

async function everyLog(context: CommandContext): Promise<readonly ListedLog[]> {
  return (await unrecordedLogs(context, openLogIndex(context))).map(listedLog);
}

function newestFirst(a: Row, b: Row): number {
  return (msFromIso(b.timestamp) ?? 0) - (msFromIso(a.timestamp) ?? 0);
}

function isRunning(session: Row): boolean {
  return session.state === 'log_only' ? session.outcome === 'running' : session.state === 'running';
}

/** A trace goes by its id: `show` takes it, and its folders would not fit into the line. */
function named(session: Row): Row {
  return isTraceName(session.dir_name) ? { ...session, dir_name: session.session_id } : session;
}
