import { join } from 'node:path';
import type { Counter } from 'prom-client';
import { arrayOf, integerOf, jsonLine, numberOf, recordOf, stringOf } from '../../core/words/json.ts';
import { ANOMALY_KINDS, wordOf } from '../../core/words/vocabulary.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { statOf, withFolder, writeIn } from '../../logs/folders.ts';
import { readJsonFile } from '../../logs/sessionIndex.ts';
import type { Counted, SeenAnomalies } from './metricsReader.ts';
import type { Metrics } from './metricsRegistry.ts';

/**
 * What the counters stood at, kept on the log root. Without it they would begin again with the sessions that are still
 * there: after some have been pruned that is less than before, which Prometheus takes for a restart from zero, and adds
 * every session of the root to what died just now.
 */
export interface MetricsState {
  /** Sets the counters to where they stood; `undefined` when nothing, or nothing readable, was kept. */
  readonly restored: () => Promise<Counted | undefined>;
  readonly save: (counted: Counted) => Promise<void>;
}

const VERSION = 1;
const FOLDER = '.metrics';
const FILE = 'state.json';
/** The names of 100,000 sessions have a third of this. */
const MOST_BYTES = 16 * 1024 * 1024;
/** A damaged file must not keep us busy. */
const MOST_LIFETIMES = 1_000_000;

type Labels = Readonly<Record<string, string>>;

interface SavedCounter {
  readonly name: string;
  readonly values: readonly { readonly labels: Labels; readonly value: number }[];
}

export function openMetricsState(root: LogRoot, metrics: Metrics): MetricsState {
  // A folder of its own: editors watch the root itself, and have nothing to do with this file.
  const folder = join(root.path, FOLDER);
  let savedRevision = 0;
  return {
    restored: async () => {
      const saved = recordOf(
        statOf(folder)?.isDirectory() === true ? readJsonFile(join(folder, FILE), MOST_BYTES) : undefined,
      );
      if (saved?.['version'] !== VERSION) return undefined;
      await restoreCounters(metrics, saved['counters']);
      const counted = countedFrom(saved);
      for (const { count, sum } of counted.lifetimes) {
        for (let n = 0; n < count; n += 1) metrics.lifetimes.observe(sum / count);
      }
      return counted;
    },
    save: async (counted) => {
      const { revision } = counted;
      if (revision === savedRevision) return;
      const text = jsonLine({ version: VERSION, counters: await savedCounters(metrics), ...recordFrom(counted) });
      try {
        // Not the root: one that was removed stays removed.
        withFolder(root.path, [], 'write', (there) => there.enter(FOLDER, 'make', (kept) => writeIn(kept, FILE, text)));
        savedRevision = revision;
      } catch {
        // A root that cannot be written is served all the same; only a restart would count anew.
      }
    },
  };
}

function countersOf({ created, finished, deaths, anomalies, failures, recorderCpu }: Metrics): readonly Counter[] {
  return [created, finished, deaths, anomalies, failures, recorderCpu];
}

async function savedCounters(metrics: Metrics): Promise<SavedCounter[]> {
  const counters = await Promise.all(countersOf(metrics).map((counter) => counter.get()));
  return counters.map(({ name, values }) => ({
    name,
    values: values.map(({ labels, value }) => ({ labels: { ...labels } as Labels, value })), // ours are words
  }));
}

/** Only series that there are: no label of a file, whoever wrote it, is taken over. */
async function restoreCounters(metrics: Metrics, saved: unknown): Promise<void> {
  const kept = new Map<string, number>();
  for (const counter of arrayOf(saved)) {
    const record = recordOf(counter);
    for (const item of arrayOf(record?.['values'])) {
      const value = numberOf(recordOf(item)?.['value']) ?? 0;
      kept.set(jsonLine([record?.['name'], recordOf(item)?.['labels']]), Math.max(0, value));
    }
  }
  for (const counter of countersOf(metrics)) {
    const { name, values } = await counter.get();
    for (const { labels } of values) counter.inc(labels, kept.get(jsonLine([name, labels])) ?? 0);
  }
}

function recordFrom({ begun, ended, anomalies, lifetimes, recorders }: Counted): object {
  return {
    begun: [...begun],
    ended: [...ended],
    anomalies: [...anomalies].map(([name, seen]) => [name, seen.sizeBytes, [...seen.episodes]]),
    lifetimes,
    recorders: [...recorders],
  };
}

function countedFrom(saved: Readonly<Record<string, unknown>>): Counted {
  const names = (value: unknown) => new Set(arrayOf(value).filter((name) => typeof name === 'string'));
  const pairs = <T>(value: unknown, from: (rest: readonly unknown[]) => T | undefined) =>
    new Map(
      arrayOf(value).flatMap((item): [string, T][] => {
        const [name, ...rest] = arrayOf(item);
        const read = from(rest);
        return typeof name === 'string' && read !== undefined ? [[name, read]] : [];
      }),
    );
  return {
    revision: 0,
    begun: names(saved['begun']),
    ended: names(saved['ended']),
    anomalies: pairs(saved['anomalies'], seenFrom),
    lifetimes: arrayOf(saved['lifetimes']).map((bucket) => ({
      count: Math.min(MOST_LIFETIMES, integerOf(recordOf(bucket)?.['count']) ?? 0),
      sum: numberOf(recordOf(bucket)?.['sum']) ?? 0,
    })),
    recorders: pairs(saved['recorders'], ([seconds]) => numberOf(seconds)),
  };
}

function seenFrom([sizeBytes, episodes]: readonly unknown[]): SeenAnomalies | undefined {
  const size = integerOf(sizeBytes);
  if (size === undefined) return undefined;
  return {
    sizeBytes: size,
    episodes: new Map(
      arrayOf(episodes).flatMap((item) => {
        const [kind, count] = arrayOf(item);
        return [[wordOf(ANOMALY_KINDS, stringOf(kind)) ?? 'other', integerOf(count) ?? 0]];
      }),
    ),
  };
}
