import { ATTR, GEN_AI_METRIC } from './semanticNames.ts';
import type { OtlpAttributes, OtlpSpan } from './otlpShape.ts';

/** One histogram of durations, in seconds, with one point for each set of attributes. */
export interface OtlpDurations {
  readonly name: string;
  readonly bounds: readonly number[];
  readonly startMs: number;
  readonly endMs: number;
  readonly points: readonly DurationPoint[];
}

export interface DurationPoint {
  readonly attributes: OtlpAttributes;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** One more than there are bounds. */
  readonly counts: readonly number[];
}

/** Of the agent and of its calls: the durations of their spans, so that both tell the same. */
export function otlpDurations(session: OtlpSpan): readonly OtlpDurations[] {
  const calls = session.children.flatMap(({ children }) => children);
  const common = { startMs: session.startMs, endMs: session.endMs };
  const { invokeAgent, executeTool } = GEN_AI_METRIC;
  return [
    { ...invokeAgent, ...common, points: pointsOf([session], invokeAgent.bounds) },
    ...(calls.length === 0 ? [] : [{ ...executeTool, ...common, points: pointsOf(calls, executeTool.bounds) }]),
  ];
}

/** A handle in a metric's attribute would be a series for each session. */
const KEPT = [ATTR.ATTR_GEN_AI_AGENT_NAME, ATTR.ATTR_GEN_AI_TOOL_NAME, ATTR.ATTR_ERROR_TYPE] as const;

function pointsOf(spans: readonly OtlpSpan[], bounds: readonly number[]): readonly DurationPoint[] {
  const groups = new Map<string, { readonly attributes: OtlpAttributes; readonly seconds: number[] }>();
  for (const { attributes, startMs, endMs } of spans) {
    const kept = Object.fromEntries(
      KEPT.flatMap((key) => {
        const value = attributes[key];
        return value === undefined ? [] : [[key, value]];
      }),
    );
    const key = JSON.stringify(kept);
    const group = groups.get(key) ?? { attributes: kept, seconds: [] };
    groups.set(key, group);
    group.seconds.push((endMs - startMs) / 1000);
  }
  return [...groups.values()].map(({ attributes, seconds }) => ({
    attributes,
    count: seconds.length,
    sum: seconds.reduce((sum, value) => sum + value, 0),
    min: seconds.reduce((least, value) => Math.min(least, value), Infinity),
    max: seconds.reduce((most, value) => Math.max(most, value), 0),
    counts: countsOf(seconds, bounds),
  }));
}

/** A bucket holds what is more than the bound before it and at most its own. */
function countsOf(seconds: readonly number[], bounds: readonly number[]): readonly number[] {
  const counts = [...bounds, Infinity].map(() => 0);
  for (const value of seconds) {
    const bucket = bounds.filter((bound) => bound < value).length;
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  return counts;
}
