import { isTraceName } from '../../core/session/devboyTrace.ts';
import { listedFacts } from '../../core/find/listedFacts.ts';
import { isEmptyQuery, isFound, queryOf, searched, type Searched } from '../../core/find/sessionQuery.ts';
import { QUERY_EXAMPLE } from '../../core/find/queryExample.ts';
import { SINCE_FORMS } from '../../core/find/sinceTime.ts';
import { BAD_OUTCOMES } from '../../core/words/vocabulary.ts';
import { msFromIso } from '../../core/words/time.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { listSessions, type ListedSession } from '../../logs/sessionIndex.ts';
import { listTraces } from '../../logs/traceFolders.ts';
import { searchedRoots } from '../chosenRoot.ts';
import { listedLog, type ListedLog } from '../../sessions/unrecorded/listedLog.ts';
import type { Arguments } from '../arguments.ts';
import type { Command, CommandContext } from '../command.ts';
import { UsageError } from '../failure.ts';
import { sessionTable, type TableRow } from '../sessionTable.ts';
import { LOG_FLAG_HELP, LOG_FLAGS, openLogIndex, unrecordedLogs } from '../unrecorded/unrecordedLogs.ts';

export const list: Command = {
  usage: '[--running|--failed|--anomalies] [--agent A] [--cause C] [--since T] [--grep TEXT] [--logs]',
  summary: 'One line per session, newest first',
  readsSessions: true,
  takesNothing: true,
  flagHelp: [
    ['--running', 'those that run now'],
    ['--failed', 'those that ended badly'],
    ['--anomalies', 'those with anomalies'],
    ['--agent A', 'those of an agent: claude, "Claude Code" or its beginning; several with commas'],
    ['--cause C', 'those that ended so: oom_kill, OOM-killed, oom; several with commas'],
    ['--since T', `those that ran since then: ${SINCE_FORMS}`],
    ['--grep TEXT', `those with these words in what is listed, as the editor searches: ${QUERY_EXAMPLE}`],
    ['--logs', 'also those that nobody recorded, by the logs of their agents'],
    ...LOG_FLAG_HELP,
  ],
  flags: {
    running: { type: 'boolean' },
    failed: { type: 'boolean' },
    anomalies: { type: 'boolean' },
    agent: { type: 'string' },
    cause: { type: 'string' },
    since: { type: 'string' },
    grep: { type: 'string' },
    logs: { type: 'boolean' },
    ...LOG_FLAGS,
  },
  run: async (context) => {
    const { args, terminal } = context;
    const roots = searchedRoots(context);
    const isWanted = filterOf(args);
    const recorded = everySession(roots);
    const lines: readonly Row[] = args.isSet('logs')
      ? [...recorded, ...(await everyLog(context))].sort(newestFirst)
      : recorded;
    const all = lines.map(listed);
    const found = all.filter(isWanted);
    if (args.isSet('json'))
      terminal.out(JSON.stringify(found.map(({ line, facts: { outcome, agent } }) => ({ ...line, outcome, agent }))));
    else if (found.length === 0 && all.length > 0)
      terminal.out(`No session in ${roots[0]?.path} is such a one; it has ${all.length} in all.`);
    else if (found.length === 0)
      terminal.out(
        `No sessions in ${roots[0]?.path}. Record one: session-diagnostics run -- COMMAND${args.isSet('logs') ? '' : '. Those that nobody recorded: session-diagnostics list --logs'}`,
      );
    else {
      for (const line of sessionTable(found.map(named), terminal)) terminal.out(line);
      // A script counts lines.
      if (terminal.isScreen && found.length < all.length)
        terminal.out(terminal.styled('dim', `${found.length} of ${all.length}`));
    }
    return 0;
  },
};

interface Listed extends Searched {
  readonly line: Row;
}

function listed(line: Row): Listed {
  return Object.assign(
    searched(() => listedFacts(line)),
    { line },
  );
}

/** What the flags ask for; a word that is none of them is an error that names those there are. */
function filterOf(args: Arguments): (session: Listed) => boolean {
  const nowMs = Date.now();
  const text = (flag: string): { readonly [flag: string]: string } => {
    const value = args.text(flag);
    return value === undefined ? {} : { [flag]: value };
  };
  const grep = args.text('grep');
  const query = queryOf(
    { ...text('agent'), ...text('cause'), ...text('since'), ...(grep !== undefined && { text: grep }) },
    nowMs,
  );
  const [problem] = query.problems;
  if (problem !== undefined) throw new UsageError(problem);
  return (session) =>
    (!args.isSet('running') || session.facts.outcome === 'running') &&
    (!args.isSet('failed') || BAD_OUTCOMES.has(session.facts.outcome)) &&
    (!args.isSet('anomalies') || session.facts.anomalyCount > 0) &&
    (isEmptyQuery(query) || isFound(query, session, nowMs));
}

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

/** A trace goes by its id: `show` takes it, and its folders would not fit into the line. */
function named({ line, facts }: Listed): TableRow {
  const id = isTraceName(line.dir_name) ? line.session_id : facts.id;
  return { facts: { ...facts, id }, peakKb: line.peak_rss_kb, label: line.label };
}
