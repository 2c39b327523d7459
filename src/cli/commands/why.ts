import { resolve } from 'node:path';
import { statSync } from 'node:fs';
import { msOfSince, SINCE_FORMS } from '../../core/find/sinceTime.ts';
import { findSession, readSummary } from '../../logs/sessionFiles.ts';
import { sessionVerdict } from '../../core/session/summaryVerdict.ts';
import { verdictSentence } from '../../core/death/verdictSentence.ts';
import { isInTheMiddle } from '../../sessions/unrecorded/judgeLog.ts';
import { AT_ONCE, NEWEST_LOGS, type LogIndex } from '../../sessions/unrecorded/logIndex.ts';
import type { UnrecordedLog } from '../../sessions/unrecorded/unrecordedLog.ts';
import { searchedRoots } from '../chosenRoot.ts';
import type { Command, CommandContext } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { clipped, printable } from '../terminal.ts';
import { LOG_FLAG_HELP, LOG_FLAGS, openLogIndex, unrecordedLogs } from '../unrecorded/unrecordedLogs.ts';
import { machineText, unrecordedText } from '../unrecorded/unrecordedText.ts';

export const why: Command = {
  usage: '[ID|FILE|PID|last] [--since T]',
  summary: 'Why a session died that nobody recorded: its own log, and what this machine remembers',
  readsSessions: true,
  flagHelp: [
    ['--since T', 'each that stopped since then: 2h, 3d, or a date'],
    ...LOG_FLAG_HELP,
    ['--journal PATH', "a journal's file or folder, as of another machine's disk"],
    ['--logins FILE', 'a file like /var/log/wtmp'],
    ['--kernel-log FILE', 'a kernel log saved with `dmesg --time-format iso`'],
  ],
  flags: {
    since: { type: 'string' },
    journal: { type: 'string' },
    logins: { type: 'string' },
    'kernel-log': { type: 'string' },
    ...LOG_FLAGS,
  },
  run: async (context) => {
    const { args, terminal } = context;
    const [given, ...more] = args.positionals;
    if (more.length > 0) throw new UsageError(`One session at a time: "${more[0]}" is too many.`);
    if (given !== undefined && args.text('since') !== undefined)
      throw new UsageError('Give a session or --since, not both.');
    if (given !== undefined && tellRecorded(context, given)) return 0;
    const index = openLogIndex(context, recordsOf(context));
    const logs = await wantedLogs(context, index, given);
    if (logs.length === 0) {
      if (args.isSet('json')) terminal.out('[]');
      else terminal.out('No agent session of the last days stopped in the middle of its work.');
      return 0;
    }
    const told: object[] = [];
    for (const [position, found] of logs.entries()) {
      const { log, gathered } = await index.why(found);
      told.push(jsonOf(log, gathered.looked));
      if (args.isSet('json')) continue;
      const lines = [...unrecordedText(log, terminal), ...machineText(log, gathered.looked, terminal)];
      for (const line of [...(position > 0 ? ['', ''] : []), ...lines]) terminal.out(line);
    }
    if (!args.isSet('json'))
      terminal.out('\nA session that is recorded tells more: session-diagnostics run -- COMMAND');
    if (args.isSet('json'))
      terminal.out(JSON.stringify(given === undefined && args.text('since') !== undefined ? told : told[0]));
    return 0;
  },
};

function recordsOf({ args, cwd }: CommandContext) {
  const place = (flag: string): string | undefined => {
    const path = args.text(flag);
    if (path === undefined) return undefined;
    const full = resolve(cwd, path);
    if (statSync(full, { throwIfNoEntry: false }) === undefined)
      throw new UsageError(`--${flag}: there is no ${full}.`);
    return full;
  };
  return { journal: place('journal'), logins: place('logins'), kernelLog: place('kernel-log') };
}

/** Of a session that was recorded the recorder knows more. */
function tellRecorded(context: CommandContext, given: string): boolean {
  const { args, terminal } = context;
  for (const root of searchedRoots(context)) {
    const place = findSession(root, given);
    if (place === undefined) continue;
    const verdict = sessionVerdict({ isRunning: place.state === 'running', summary: readSummary(place.dir) });
    if (args.isSet('json')) terminal.out(JSON.stringify({ id: place.name, state: place.state, verdict }));
    else {
      terminal.out(verdictSentence(verdict));
      terminal.out(`It was recorded; all that is known: session-diagnostics show ${printable(place.name)}`);
    }
    return true;
  }
  return false;
}

async function wantedLogs(
  context: CommandContext,
  index: LogIndex,
  given: string | undefined,
): Promise<readonly UnrecordedLog[]> {
  const since = context.args.text('since');
  if (given !== undefined && given !== 'last') return [await namedLog(context, index, given)];
  const logs = await unrecordedLogs(context, index);
  const stopped = logs.filter(({ digest, writer }) => writer === undefined && isInTheMiddle(digest));
  if (since === undefined) return stopped.slice(0, 1);
  const sinceMs = sinceMsOf(since);
  return stopped.filter(({ lastMs }) => lastMs >= sinceMs);
}

async function namedLog(context: CommandContext, index: LogIndex, given: string): Promise<UnrecordedLog> {
  const path = resolve(context.cwd, given);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) {
    const log = await index.read(path, AT_ONCE);
    if (log !== undefined) return log;
    throw new CommandError(`${path} is no log of an agent, or nothing happened in it.`);
  }
  const pid = /^\d{1,10}$/.test(given) ? Number(given) : undefined;
  const found = pid === undefined ? await index.find(given, AT_ONCE) : await logsOfPid(index, pid);
  const [first, second] = found;
  if (first !== undefined && (second === undefined || pid !== undefined)) return first;
  const named = clipped(printable(given), 60);
  if (first !== undefined)
    throw new UsageError(`"${named}" begins the ids of ${found.length} sessions: give more of it.`);
  throw new CommandError(
    pid === undefined
      ? `There is no session and no agent's log called ${named}. \`session-diagnostics list --logs\` names those there are.`
      : `No agent's log is known to have been written by pid ${pid}. That is known only of processes that were seen at work; \`session-diagnostics why --since 1d\` goes by the logs.`,
  );
}

async function logsOfPid(index: LogIndex, pid: number): Promise<readonly UnrecordedLog[]> {
  await index.refresh(NEWEST_LOGS, AT_ONCE);
  return index.logs.filter(
    ({ writer, processes }) => writer?.pid === pid || processes.some((known) => known.pid === pid),
  );
}

function sinceMsOf(text: string): number {
  const ms = msOfSince(text, Date.now());
  if (ms === undefined)
    throw new UsageError(`--since takes a time: ${SINCE_FORMS}, not "${clipped(printable(text), 40)}".`);
  return ms;
}

function jsonOf(log: UnrecordedLog, looked: readonly object[]): object {
  const { id, agent, digest, verdict, findings, startMs, lastMs, writer } = log;
  return {
    id,
    state: 'log_only',
    agent,
    session_id: digest.sessionId ?? null,
    cwd: digest.cwd ?? null,
    title: digest.title ?? null,
    log: log.file.path,
    start_ts: new Date(startMs).toISOString(),
    last_ts: new Date(lastMs).toISOString(),
    pid: writer?.pid ?? null,
    verdict,
    open_call: digest.openCall ?? null,
    findings: findings.map(({ record, rule, grade }) => ({
      rule,
      grade,
      ...record,
      ts: new Date(record.ms).toISOString(),
    })),
    looked,
  };
}
