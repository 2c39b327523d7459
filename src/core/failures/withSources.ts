import type { FailureSource, Failures } from '../session/failures.ts';
import { suspectOf } from './suspect.ts';
import type { FailureCategory } from '../words/vocabulary.ts';

/** Counts move with their sources; failures that were counted and not listed stay where they were. */
export function withSources(
  failures: Failures,
  sources: readonly FailureSource[],
  endedBy: FailureCategory | undefined,
): Failures {
  const counts: Partial<Record<FailureCategory, number>> = { ...failures.counts };
  const firm: Partial<Record<FailureCategory, number>> = {};
  const add = (category: FailureCategory, by: number): void => {
    const sum = (counts[category] ?? 0) + by;
    if (sum > 0) counts[category] = sum;
    else delete counts[category];
  };
  for (const source of failures.sources) add(source.category, -1);
  for (const source of sources) {
    add(source.category, 1);
    if (source.confidence !== 'possible') firm[source.category] = (firm[source.category] ?? 0) + 1;
  }
  const openTurns = failures.sources.filter((source) => source.rule === 'turn_open_at_end').length;
  const unclosed = openTurns + failures.unclosed_turns.in_middle + failures.unclosed_calls;
  return {
    ...failures,
    counts,
    sources,
    ...(endedBy !== undefined && { ended_by: endedBy }),
    suspect: suspectOf({
      counts: withoutOpen(counts, sources),
      firm,
      unclosed,
      ended_by: endedBy,
      lines: { total: failures.total_lines, malformed: failures.malformed_lines },
      sources,
    }),
  };
}

/** Open calls are told as unclosed: as failures they would be counted twice. */
function withoutOpen(counts: Failures['counts'], sources: readonly FailureSource[]): Failures['counts'] {
  const open = sources.filter(
    (source) => source.category === 'unknown' && /_at_(?:end|death)$/.test(source.rule),
  ).length;
  const { unknown = 0, ...rest } = counts;
  return unknown - open > 0 ? { ...rest, unknown: unknown - open } : rest;
}
