import type { LogDigest } from '../../agents/logDigest.ts';
import type { AgentKind } from '../../core/words/vocabulary.ts';
import type { LiveAgent } from './liveAgents.ts';
import type { LogWriter } from './unrecordedLog.ts';

/** A log as far as a process can be found that writes it. */
export interface ClaimableLog {
  readonly path: string;
  readonly agent: AgentKind;
  readonly digest: Pick<LogDigest, 'sessionId' | 'cwd'>;
  readonly startMs: number;
  /** The last time it changed. */
  readonly changedMs: number;
}

export interface Claim extends LogWriter {
  readonly process: LiveAgent;
}

const SLACK_MS = 5000;
const SHORTEST_ID = 16;

/**
 * Which living process writes which log: the one that has it open or names its id; else, of the logs of its agent and
 * its folder that changed since it began, the one that began first after it. One log for each process, and what a
 * process has claimed its wrappers and helpers do not claim again.
 */
export function claimLogs(logs: readonly ClaimableLog[], processes: readonly LiveAgent[]): ReadonlyMap<string, Claim> {
  const claims = new Map<string, Claim>();
  const busy = new Set<number>();
  const claim = (log: ClaimableLog, process: LiveAgent, how: LogWriter['how']): void => {
    claims.set(log.path, { pid: process.pid, how, process });
    busy.add(process.pid);
  };
  for (const process of processes) {
    const open = new Set(process.openFiles);
    for (const log of logs)
      if (open.has(log.path.replace(/#.*$/, '')) && !log.path.includes('.db#')) claim(log, process, 'open_file');
    const named = logs.find((log) => !claims.has(log.path) && isNamedBy(process, log));
    if (named !== undefined) claim(named, process, 'session_id');
  }
  for (const process of processes) {
    const family = processes.filter(({ pid, parent }) => pid === process.parent || parent === process.pid);
    if (busy.has(process.pid) || family.some(({ pid }) => busy.has(pid))) continue;
    const log = nearest(
      logs.filter(({ path }) => !claims.has(path)),
      process,
    );
    if (log !== undefined) claim(log, process, 'folder_and_time');
  }
  return claims;
}

function isNamedBy(process: LiveAgent, { agent, digest, changedMs }: ClaimableLog): boolean {
  const id = digest.sessionId ?? '';
  if (agent !== process.agent || id.length < SHORTEST_ID || changedMs < process.startMs - SLACK_MS) return false;
  return process.commandLine.includes(id);
}

function nearest(logs: readonly ClaimableLog[], process: LiveAgent): ClaimableLog | undefined {
  const own = logs.filter(
    ({ agent, digest, changedMs }) =>
      agent === process.agent && digest.cwd === process.cwd && changedMs >= process.startMs - SLACK_MS,
  );
  const born = own.filter(({ startMs }) => startMs >= process.startMs - SLACK_MS);
  // Of those it can have begun the first; else the one it went on with is the latest to change.
  return born.toSorted((a, b) => a.startMs - b.startMs)[0] ?? own.toSorted((a, b) => b.changedMs - a.changedMs)[0];
}
