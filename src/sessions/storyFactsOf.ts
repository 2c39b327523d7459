import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { CallTexts } from '../agents/callTexts.ts';
import type { TranscriptAnalyzer } from '../agents/transcriptReader.ts';
import { waitingProcess } from '../core/anomalies/waitingProcess.ts';
import { CAPTURED_OUTPUT } from '../core/words/agentTable.ts';
import type { CallSpan } from '../core/failures/callSpans.ts';
import type { Anomaly } from '../core/session/anomaly.ts';
import type { Failures } from '../core/session/failures.ts';
import { leftoversFrom } from '../core/session/readSession.ts';
import type { Enrollment } from '../core/session/session.ts';
import { sessionVerdict } from '../core/session/summaryVerdict.ts';
import type { Snapshot } from '../core/session/snapshot.ts';
import type { TreeSample } from '../core/session/tree.ts';
import type {
  CallFact,
  FailureFact,
  KilledFact,
  MemoryFact,
  ProcessFact,
  StoryFacts,
} from '../core/story/storyFacts.ts';
import { integerOf, numberOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import { msFromIso } from '../core/words/time.ts';
import { activityNow } from './activityNow.ts';
import { lastSamples, momentsOf, type LastSamples } from './lastSamples.ts';
import { printedLast } from './printedLast.ts';

/** What is known of a session, whoever read it. */
export interface StorySource {
  readonly dir: string;
  readonly isRunning: boolean;
  readonly summary: JsonRecord | undefined;
  readonly enrollment: Enrollment | undefined;
  readonly failures: Failures | undefined;
  /** The agent's own log as far as it was read. */
  readonly log:
    | { readonly analyzer: Pick<TranscriptAnalyzer, 'calls' | 'openCalls'>; readonly texts: CallTexts }
    | undefined;
  readonly oomKills: readonly Anomaly[];
  readonly forecast: string | undefined;
  readonly commandOf: (pid: number | undefined, startTicks: number | undefined) => string | undefined;
  readonly nowMs: number;
}

export function storyFactsOf(session: StorySource): StoryFacts {
  const { dir, isRunning, summary, enrollment } = session;
  const samples = lastSamples(dir);
  const activity = isRunning ? activityNow(dir, momentsOf(samples).slice(-3)) : undefined;
  const trackedPid = integerOf(summary?.['pid']) ?? enrollment?.pid ?? undefined;
  const endMs = isRunning ? session.nowMs : msFromIso(summary?.['end_ts']);
  const tree = livingTree(samples.trees);
  return {
    verdict: { ...sessionVerdict({ isRunning, summary }), ...(activity !== undefined && { activity }) },
    isRunning,
    exitCode: integerOf(summary?.['exit_code']),
    signal: stringOf(summary?.['signal']),
    durationSeconds: numberOf(summary?.['duration_seconds']),
    timeoutSeconds: enrollment?.timeout_seconds ?? undefined,
    memory: memoryOf(samples.snapshots),
    peakTreeKb: numberOf(summary?.['peak_tree_rss_kb']) ?? numberOf(summary?.['peak_rss_kb']),
    call: callOf(session, endMs),
    failure: failureOf(session),
    processes: processesOf(session, { tree, snapshot: samples.snapshots.at(-1), trackedPid }),
    killedForMemory: killedOf(session, { samples, trackedPid }),
    lastWords: isRunning ? undefined : printedLast(dir),
    silentSeconds: isRunning ? silentSeconds(dir, session.nowMs) : undefined,
    forecast: isRunning ? session.forecast : undefined,
    leftovers: leftoversFrom(summary).length,
  };
}

/** The exit snapshot reads what is left of it: the group may be its parent's by then. */
function memoryOf(snapshots: readonly Snapshot[]): MemoryFact | undefined {
  const ours = snapshots.findLast(({ event, vm_rss_kb: kb }) => event !== 'exit_snapshot' && (kb ?? 0) > 0)?.ours;
  if (ours?.cgroup_memory_kb === undefined) return undefined;
  return { usedKb: ours.cgroup_memory_kb, limitKb: ours.cgroup_memory_limit_kb };
}

/** The last sample in which something of it had memory. */
function livingTree(trees: readonly TreeSample[]): TreeSample | undefined {
  return trees.findLast(({ processes }) => processes.some(({ rss_kb }) => (rss_kb ?? 0) > 0));
}

function callOf({ log, isRunning }: StorySource, endMs: number | undefined): CallFact | undefined {
  const calls = log?.analyzer.calls() ?? [];
  const open = log?.analyzer.openCalls().at(-1);
  const span = open ?? calls.findLast(({ status }) => status !== 'open');
  if (span === undefined || log === undefined) return undefined;
  const sinceMs = msFromIso(open === undefined ? span.closed_ts : span.opened_ts);
  const text = log.texts.ofCall(span);
  const seconds = sinceMs === undefined || endMs === undefined ? undefined : (endMs - sinceMs) / 1000;
  // A log of another machine's clock, or read long after its session.
  const isSane = seconds !== undefined && seconds >= 0 && (isRunning || seconds < MOST_SECONDS);
  return {
    tool_kind: span.tool_kind,
    asked: text?.asked,
    answer: text?.answer,
    status: open === undefined ? span.status : 'open',
    seconds: isSane ? seconds : undefined,
    handle: undefined,
  };
}

const MOST_SECONDS = 30 * 86_400;

function failureOf({ failures, log }: StorySource): FailureFact | undefined {
  if (failures === undefined) return undefined;
  const { ended_by: endedBy, sources } = failures;
  const told = sources.filter(({ rule }) => rule !== 'call_open_at_end' && rule !== 'turn_open_at_end');
  const source = told.findLast(({ category }) => endedBy === undefined || category === endedBy);
  if (source === undefined) return undefined;
  const text = log?.texts.ofFailure(source);
  return {
    category: source.category,
    detail: source.detail,
    exitCode: source.exit_code,
    asked: text?.asked,
    answer: text?.answer,
    isLast: endedBy !== undefined || isAfterAll(source.line, log?.analyzer.calls()),
    hasEndedIt: endedBy !== undefined || failures.format === CAPTURED_OUTPUT,
    handle: source.handle === '' ? undefined : source.handle,
  };
}

function isAfterAll(line: number, calls: readonly CallSpan[] | undefined): boolean {
  const last = calls?.at(-1);
  return last !== undefined && last.status === 'failed' && line >= last.line;
}

interface Seen {
  readonly tree: TreeSample | undefined;
  readonly snapshot: Snapshot | undefined;
  readonly trackedPid: number | undefined;
}

function processesOf({ commandOf }: StorySource, { tree, snapshot, trackedPid }: Seen): readonly ProcessFact[] {
  if (tree === undefined || snapshot === undefined) return [];
  const waiting = integerOf(waitingProcess({ snapshot, tree })['waiting_pid']);
  return tree.processes.map(({ pid, start_ticks, comm, rss_kb, wchan }) => ({
    pid,
    comm,
    command: commandOf(pid, start_ticks),
    rssKb: rss_kb,
    wchan,
    isTracked: pid === trackedPid,
    isWaitedFor: pid === waiting,
  }));
}

function killedOf(
  { oomKills, commandOf }: StorySource,
  { samples, trackedPid }: { readonly samples: LastSamples; readonly trackedPid: number | undefined },
): readonly KilledFact[] {
  return oomKills.flatMap(({ detail }) => {
    const pid = integerOf(detail['killed_pid']);
    if (pid !== undefined && pid === trackedPid) return [];
    const seen = pid === undefined ? undefined : lastSeen(samples.trees, pid);
    return [
      {
        pid,
        comm: stringOf(detail['killed_comm']),
        command: commandOf(pid, seen?.start_ticks),
        rssKb: integerOf(detail['killed_rss_kb']) ?? seen?.rss_kb,
        limitKb: integerOf(detail['limit_kb']),
      },
    ];
  });
}

function lastSeen(trees: readonly TreeSample[], pid: number): TreeSample['processes'][number] | undefined {
  for (const { processes } of trees.toReversed()) {
    const found = processes.find((member) => member.pid === pid && (member.rss_kb ?? 0) > 0);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Since its output grew; `undefined` where none is captured. */
function silentSeconds(dir: string, nowMs: number): number | undefined {
  const times = ['stdout.log', 'stderr.log'].flatMap((name) => {
    const stat = statSync(join(dir, name), { throwIfNoEntry: false });
    return stat === undefined ? [] : [stat.mtimeMs];
  });
  return times.length === 0 ? undefined : Math.max(0, (nowMs - Math.max(...times)) / 1000);
}
