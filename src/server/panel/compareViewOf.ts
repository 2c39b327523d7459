import type { ComparedSession } from '../../core/compare/comparedSession.ts';
import { differenceName, differenceSentence, partingSentence, valueWords } from '../../core/compare/differenceWords.ts';
import type { Difference } from '../../core/compare/differenceNames.ts';
import { partingPoint } from '../../core/compare/partingPoint.ts';
import { sessionDifferences } from '../../core/compare/sessionDifferences.ts';
import type { ComparedCallView, CompareSide, CompareView, PartingView } from '../../core/panel/compareView.ts';
import type { SeriesPoints, SessionRef } from '../../core/panel/sessionView.ts';
import { humanSeconds } from '../../core/words/humanUnits.ts';
import { causeWords } from '../../core/words/vocabularyWords.ts';
import type { FoundSession } from '../../sessions/readFound.ts';
import { readCompared } from '../../sessions/readCompared.ts';
import { clippedLabel } from './clippedRecord.ts';
import { overviewOf } from './overviewOf.ts';
import type { SessionReader } from './sessionReader.ts';

/** More calls than these are a grey bar, and more rows nobody reads. */
const MOST_CALLS = 400;
const MOST_ROWS = 100;

export interface ComparedReading {
  readonly ref: SessionRef;
  readonly found: FoundSession;
  readonly reader: SessionReader;
}

export function compareViewOf(a: ComparedReading, b: ComparedReading, pixels: number): CompareView {
  const nowMs = Date.now();
  const [one, other] = [readCompared(a.found, nowMs), readCompared(b.found, nowMs)];
  const differences = sessionDifferences(one, other).map(clippedDifference);
  const [first] = differences;
  return {
    a: sideOf(a, one, pixels),
    b: sideOf(b, other, pixels),
    first: first === undefined ? undefined : differenceSentence(first),
    parting: first === undefined ? undefined : partingView(one, other),
    rows: differences.slice(0, MOST_ROWS).map((difference) => ({
      name: differenceName(difference),
      a: valueWords(difference.what, difference.a),
      b: valueWords(difference.what, difference.b),
    })),
  };
}

/** Texts of a log, which may be of any length. */
function clippedDifference({ what, subject, a, b }: Difference): Difference {
  const clipped = (value: Difference['a']) => (typeof value === 'string' ? clippedLabel(value) : value);
  return { what, ...(subject !== undefined && { subject: clippedLabel(subject) }), a: clipped(a), b: clipped(b) };
}

function partingView(a: ComparedSession, b: ComparedSession): PartingView | undefined {
  const point = partingPoint(a, b);
  if (point === undefined) return undefined;
  return { what: point.what, aMs: point.a * 1000, bMs: point.b * 1000, sentence: clippedLabel(partingSentence(point)) };
}

function sideOf({ ref, reader }: ComparedReading, compared: ComparedSession, pixels: number): CompareSide {
  const { samples } = reader;
  const range = { fromMs: samples.firstMs ?? 0, toMs: samples.lastMs ?? 0 };
  const overview = overviewOf(reader);
  const startMs = startOf(overview.startMs, { ...range, durationMs: (compared.durationSeconds ?? 0) * 1000 });
  const series = reader.samplesIn(range).slice({ ...range, pixels });
  const sampledMs = Math.max(0, range.toMs - startMs);
  const lanes = {
    memory: sinceStart(series.tree_rss_kb ?? series.vm_rss_kb, startMs),
    cpu: sinceStart(series.tree_cpu_percent ?? series.cpu_percent, startMs),
    descriptors: sinceStart(series.tree_fd_count ?? series.fd_count, startMs),
    processes: sinceStart(series.tree_process_count, startMs),
  };
  const { verdict, durationSeconds } = compared;
  const end = verdict.outcome === 'running' ? 'Running' : causeWords(verdict.cause);
  return {
    ref,
    title: overview.row.title,
    end: durationSeconds === null ? end : `${end} after ${humanSeconds(durationSeconds)}`,
    outcome: verdict.outcome,
    durationMs: Math.max(sampledMs, (durationSeconds ?? 0) * 1000),
    lanes: Object.fromEntries(Object.entries(lanes).filter(([, points]) => points !== undefined)),
    calls: compared.calls.slice(0, MOST_CALLS).flatMap(callView),
  };
}

/** Where the samples are not of the time that its account tells, as of a copied clock, they begin at the first of them. */
function startOf(
  toldMs: number | undefined,
  { fromMs, toMs, durationMs }: { readonly fromMs: number; readonly toMs: number; readonly durationMs: number },
): number {
  if (toldMs === undefined || fromMs < toldMs - SLACK_MS) return fromMs;
  return durationMs > 0 && toMs > toldMs + durationMs + SLACK_MS ? fromMs : toldMs;
}

const SLACK_MS = 60_000;

function sinceStart(points: SeriesPoints | undefined, startMs: number): SeriesPoints | undefined {
  return points && { t: points.t.map((ms) => ms - startMs), v: points.v };
}

function callView({ at, seconds, kind, status, asked }: ComparedSession['calls'][number]): ComparedCallView[] {
  if (at === undefined) return [];
  return [
    {
      startMs: at * 1000,
      endMs: seconds === undefined ? undefined : (at + seconds) * 1000,
      kind,
      status,
      asked: asked === undefined ? undefined : clippedLabel(asked),
    },
  ];
}
