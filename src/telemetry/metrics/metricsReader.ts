import { statSync } from 'node:fs';
import { join } from 'node:path';
import { anomalyFrom, type Anomaly } from '../../core/session/anomaly.ts';
import { EpisodeGatherer } from '../../core/anomalies/episodes.ts';
import { numberOf, parseJson } from '../../core/words/json.ts';
import { snapshotFrom } from '../../core/session/snapshot.ts';
import { AGENT_KINDS, FAILURE_CATEGORIES, wordOf, type AgentKind } from '../../core/words/vocabulary.ts';
import { readJsonLines } from '../../logs/jsonLines.ts';
import { lastLine } from '../../logs/lastLine.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { readEnrollment, sessionDirs } from '../../logs/sessionIndex.ts';
import { isProcessAlive } from '../../recorder/proc/ownProcess.ts';
import { knownEnd, type KnownEnd } from '../../sessions/knownEnd.ts';
import { LIFETIME_SECONDS, type Metrics } from './metricsRegistry.ts';
import { createRecorderUsage } from './recorderUsage.ts';

/** What has been counted of a running session's anomalies, so that its end does not count them again. */
export interface SeenAnomalies {
  readonly sizeBytes: number;
  readonly episodes: ReadonlyMap<Anomaly['kind'], number>;
}

/** What has been counted: enough to go on counting after a restart. */
export interface Counted {
  /** Grows whenever a session has begun, has ended or has shown an anomaly. */
  readonly revision: number;
  readonly begun: ReadonlySet<string>;
  readonly ended: ReadonlySet<string>;
  readonly anomalies: ReadonlyMap<string, SeenAnomalies>;
  /** Seconds by bucket of the histogram, which gives away no single one: how many, and their sum. */
  readonly lifetimes: readonly Lifetimes[];
  /** CPU seconds by recorder. */
  readonly recorders: ReadonlyMap<string, number>;
}

export interface Lifetimes {
  count: number;
  sum: number;
}

export interface MetricsReader {
  readonly read: () => void;
  readonly counted: () => Counted;
}

/** How many sessions are running, on one root, and how much they use. */
interface AgentSums {
  sessions: number;
  memoryBytes: number;
  descriptors: number;
  processes: number;
}

/**
 * Brings the metrics up to date with a log root. An ended session is read once, a running one by its last line: a look
 * at five hundred sessions is two listings of directories.
 */
export function createMetricsReader(root: LogRoot, metrics: Metrics, before: Counted | undefined): MetricsReader {
  let revision = 0;
  const begun = new Set(before?.begun);
  const ended = new Set(before?.ended);
  const anomalies = new Map(before?.anomalies);
  const lifetimes = [...LIFETIME_SECONDS, Infinity].map((_, at) => ({ count: 0, sum: 0, ...before?.lifetimes[at] }));
  const recorders = createRecorderUsage(before?.recorders ?? new Map());

  const countBegun = (name: string, agent: AgentKind): void => {
    if (begun.has(name)) return;
    begun.add(name);
    revision += 1;
    metrics.created.inc({ agent });
  };
  const countAnomalies = (name: string, dir: string): void => {
    const seen = anomalies.get(name);
    const now = anomaliesOf(dir, seen);
    if (now === undefined) return;
    anomalies.set(name, now);
    revision += 1;
    for (const [kind, count] of now.episodes) {
      const added = count - (seen?.episodes.get(kind) ?? 0);
      if (added > 0) metrics.anomalies.inc({ kind }, added);
    }
  };
  const countLifetime = (seconds: number): void => {
    metrics.lifetimes.observe(seconds);
    const bucket = lifetimes[LIFETIME_SECONDS.filter((bound) => bound < seconds).length];
    if (bucket === undefined) return;
    bucket.count += 1;
    bucket.sum += seconds;
  };
  const countEnded = (name: string): void => {
    const dir = join(root.sessions, name);
    const end = knownEnd(dir);
    if (end === undefined) return; // its writer has not finished it: looked at again next time
    const { summary } = end;
    ended.add(name);
    revision += 1;
    countBegun(name, agentOf(summary['agent']));
    countEnd(metrics, end);
    const seconds = numberOf(summary['duration_seconds']);
    if (seconds !== undefined && seconds >= 0) countLifetime(seconds);
    countAnomalies(name, dir);
    anomalies.delete(name);
  };

  const read = (): void => {
    // A session moves from the first folder to the second: in this order it is found in at least one.
    const running = sessionDirs(root.running);
    const finished = sessionDirs(root.sessions);
    const sums = new Map<AgentKind, AgentSums>();
    let unrecorded = 0;
    recorders.begin();
    for (const name of running) {
      const dir = join(root.running, name);
      const enrollment = readEnrollment(dir);
      if (enrollment === undefined) continue;
      countBegun(name, enrollment.agent);
      countAnomalies(name, dir);
      if (!isProcessAlive(enrollment.recorder, enrollment.boot_id)) {
        unrecorded += 1;
        continue;
      }
      recorders.add(enrollment.recorder);
      addSample(sums, enrollment.agent, dir);
    }
    for (const name of finished) if (!ended.has(name)) countEnded(name);
    forget(begun, [running, finished]);
    forget(ended, [finished]);
    forget(anomalies, [running, finished]);

    showSums(metrics, sums);
    metrics.withoutRecorder.set(unrecorded);
    const usage = recorders.end();
    metrics.recorderMemory.set(usage.residentBytes);
    metrics.recorderCpu.inc(usage.addedCpuSeconds);
  };
  return { read, counted: () => ({ revision, begun, ended, anomalies, lifetimes, recorders: recorders.seconds() }) };
}

function agentOf(value: unknown): AgentKind {
  return wordOf(AGENT_KINDS, value) ?? 'other';
}

function countEnd(metrics: Metrics, { verdict: { outcome, cause }, isDeath, failures }: KnownEnd): void {
  metrics.finished.inc({ outcome });
  if (isDeath) metrics.deaths.inc({ cause });
  const counts = failures?.counts ?? {};
  for (const category of FAILURE_CATEGORIES) {
    const count = counts[category] ?? 0;
    if (count > 0) metrics.failures.inc({ category }, count);
  }
}

/** `undefined` when nothing has been added since the last look. */
function anomaliesOf(dir: string, seen: SeenAnomalies | undefined): SeenAnomalies | undefined {
  const path = join(dir, 'anomalies.jsonl');
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeBytes === (seen?.sizeBytes ?? 0)) return undefined;
  const found = new EpisodeGatherer();
  try {
    readJsonLines(path, 0, (value) => {
      const anomaly = anomalyFrom(value);
      if (anomaly !== undefined) found.push(anomaly);
    });
  } catch {
    return undefined; // moved or removed just now
  }
  return { sizeBytes, episodes: found.counts };
}

function addSample(sums: Map<AgentKind, AgentSums>, agent: AgentKind, dir: string): void {
  const sum = sums.get(agent) ?? { sessions: 0, memoryBytes: 0, descriptors: 0, processes: 0 };
  sums.set(agent, sum);
  sum.sessions += 1;
  const line = lastLine(join(dir, 'proc_trace.jsonl'));
  const parsed = line === undefined ? undefined : parseJson(line);
  const snapshot = parsed?.ok === true ? snapshotFrom(parsed.value, 0) : undefined;
  if (snapshot === undefined) return; // no sample yet
  sum.memoryBytes += 1024 * (snapshot.ours?.tree_rss_kb ?? snapshot.vm_rss_kb ?? 0);
  sum.descriptors += snapshot.ours?.tree_fd_count ?? snapshot.fd_count ?? 0;
  sum.processes += snapshot.ours?.tree_process_count ?? 1;
}

function showSums(metrics: Metrics, sums: ReadonlyMap<AgentKind, AgentSums>): void {
  for (const agent of AGENT_KINDS) {
    const sum = sums.get(agent);
    metrics.active.set({ agent }, sum?.sessions ?? 0);
    metrics.treeMemory.set({ agent }, sum?.memoryBytes ?? 0);
    metrics.treeDescriptors.set({ agent }, sum?.descriptors ?? 0);
    metrics.treeProcesses.set({ agent }, sum?.processes ?? 0);
  }
}

/** Sessions that were pruned stay counted, but their names need not be kept. */
function forget(names: Set<string> | Map<string, unknown>, folders: readonly (readonly string[])[]): void {
  const there = new Set(folders.flat());
  for (const name of names.keys()) if (!there.has(name)) names.delete(name);
}
