import { recordOf } from '../../core/words/json.ts';
import type { ReportedSession } from '../../core/report/reportBuild.ts';
import { SeriesTally } from '../../core/report/seriesTally.ts';
import { openHandles } from '../../logs/handles.ts';
import { AT_ONCE } from '../../sessions/unrecorded/logIndex.ts';
import { failuresOfLog, summaryOfLog } from '../../sessions/unrecorded/logSummary.ts';
import { isUnrecordedId } from '../../core/words/sessionId.ts';
import type { UnrecordedLog } from '../../sessions/unrecorded/unrecordedLog.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { CommandContext } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { wrapped } from '../terminal.ts';
import { openLogIndex } from './unrecordedLogs.ts';
import { unrecordedText } from './unrecordedText.ts';

/** The log of an id as `list --logs` shows it. */
async function logOfId(context: CommandContext, id: string): Promise<UnrecordedLog | undefined> {
  return (await openLogIndex(context).find(id, AT_ONCE)).find((log) => log.id === id);
}

/** By how its id begins, where that is enough. */
async function logThatBegins(context: CommandContext, begun: string): Promise<UnrecordedLog | undefined> {
  const found = (await openLogIndex(context).find(begun, AT_ONCE)).filter(({ id }) => id.startsWith(begun));
  const [first, second] = found;
  if (second === undefined || first?.id === begun) return first;
  const names = found.slice(0, 5).map(({ id }) => id);
  throw new UsageError(`"${begun}" begins the ids of ${found.length} logs: ${names.join(', ')}. Give more of it.`);
}

/** False where there is no such log. */
export async function showUnrecorded(context: CommandContext, id: string): Promise<boolean> {
  const log = await logThatBegins(context, id);
  if (log === undefined) return false;
  const { args, terminal } = context;
  const failures = failuresOfLog(log, openHandles(chosenRoot(context)));
  if (args.isSet('json')) {
    const summary = summaryOfLog(log, failures);
    const rest = { anomalies: [], failures, lifecycle: [], leftovers: [] };
    terminal.out(JSON.stringify({ id: log.id, state: 'log_only', summary, verdict: log.verdict, ...rest }));
    return true;
  }
  for (const line of unrecordedText(log, terminal)) terminal.out(line);
  const counts = Object.entries(failures.counts).filter(([, count]) => count > 0);
  terminal.out('');
  terminal.out(wrapped(failures.suspect.sentence, terminal.columns, '  '));
  if (counts.length > 0)
    terminal.out(`  ${counts.map(([category, count]) => `${count} ${category.replaceAll('_', ' ')}`).join(', ')}`);
  terminal.out('');
  terminal.out(`What this machine remembers of its end: session-diagnostics why ${log.id}`);
  return true;
}

/** What a report may choose from; `undefined` for what is no log's id. */
export async function reportedUnrecorded(context: CommandContext, id: string): Promise<ReportedSession | undefined> {
  const log = isUnrecordedId(id) ? await logOfId(context, id) : undefined;
  if (log === undefined) return undefined;
  const handles = openHandles(chosenRoot(context));
  const failures = failuresOfLog(log, handles);
  return {
    handle: handles.handleOf(log.file.path)(1),
    handleOfFailure: handles.handleOf(log.file.path),
    summary: recordOf(summaryOfLog(log, failures)),
    verdict: log.verdict,
    episodes: [],
    failures,
    series: new SeriesTally(),
    agentVersion: undefined,
    badLines: failures.malformed_lines,
  };
}

/** For `analyze` without a file. */
export async function newestLogPath(context: CommandContext): Promise<string> {
  const index = openLogIndex(context);
  await index.refresh(NEWEST, AT_ONCE);
  const log = index.logs.find(({ file }) => !file.path.includes('.db#'));
  if (log !== undefined) return log.file.path;
  throw new CommandError(
    'No agent has left a log in its usual place here. Give a file, or a folder with --logs-in DIR.',
  );
}

/** Some may hold nothing. */
const NEWEST = 20;
