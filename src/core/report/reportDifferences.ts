import { FAILURE_CATEGORIES, wordOf, type FailureCategory } from '../words/vocabulary.ts';
import type { SessionReport } from './report.ts';

/** What can differ between two sessions, what ended them first. */
export const COMPARED = [
  'outcome',
  'cause',
  'layer',
  'detail',
  'exit_code',
  'agent',
  'agent_version',
  'duration_seconds',
  'peak_rss_kb',
  'peak_tree_rss_kb',
  'peak_fd_ratio',
  'peak_cpu_percent',
  'most_processes',
  ...FAILURE_CATEGORIES,
] as const;

export interface ReportDifference {
  readonly what: (typeof COMPARED)[number];
  readonly a: string | number | null;
  readonly b: string | number | null;
}

/** Two runs of one thing are never of one length: less than this is none. */
const NOTABLE_RATIO = 1.25;
/** Nor of one size: a shell more or less. */
const LEAST: Partial<Record<ReportDifference['what'], number>> = {
  duration_seconds: 2,
  peak_rss_kb: 16 * 1024,
  peak_tree_rss_kb: 16 * 1024,
  peak_fd_ratio: 0.05,
  peak_cpu_percent: 20,
  most_processes: 2,
};

export function reportDifferences(a: SessionReport, b: SessionReport): readonly ReportDifference[] {
  return COMPARED.flatMap((what) => {
    const [one, other] = [valueOf(a, what), valueOf(b, what)];
    return isNotable(what, one, other) ? [{ what, a: one, b: other }] : [];
  });
}

function isNotable(what: ReportDifference['what'], a: string | number | null, b: string | number | null): boolean {
  if (a === b) return false;
  const least = LEAST[what];
  if (least === undefined || typeof a !== 'number' || typeof b !== 'number') return true;
  return Math.abs(a - b) >= least && Math.max(a, b) >= NOTABLE_RATIO * Math.min(a, b);
}

type Reader = (session: SessionReport) => string | number | null;

const READERS: { readonly [what in Exclude<ReportDifference['what'], FailureCategory>]: Reader } = {
  outcome: ({ verdict }) => verdict.outcome,
  cause: ({ verdict }) => verdict.cause,
  layer: ({ verdict }) => verdict.layer,
  detail: ({ verdict }) => verdict.detail,
  exit_code: (session) => session.exit_code,
  agent: (session) => session.agent,
  agent_version: (session) => session.agent_version,
  duration_seconds: (session) => session.duration_seconds,
  peak_rss_kb: ({ timeline }) => timeline.peak_rss_kb,
  peak_tree_rss_kb: ({ timeline }) => timeline.peak_tree_rss_kb,
  peak_fd_ratio: ({ timeline }) => timeline.peak_fd_ratio,
  peak_cpu_percent: ({ timeline }) => timeline.peak_cpu_percent,
  most_processes: ({ tree }) => tree.most_processes,
};

function valueOf(session: SessionReport, what: ReportDifference['what']): string | number | null {
  const category = wordOf(FAILURE_CATEGORIES, what);
  if (category !== undefined) return session.failures?.counts[category] ?? 0;
  return READERS[what as keyof typeof READERS](session); // what is no category
}
