import { steadyRiseOf, type SteadyRise } from './steadyRise.ts';
import type { Finding } from './detector.ts';
import { LowsHistory } from './lowsHistory.ts';
import { roundHalfEven } from '../words/roundHalfEven.ts';
import type { AnomalyKind } from '../words/vocabulary.ts';

interface Threshold {
  readonly seconds: number;
  readonly rise: number;
  /** Last over first. */
  readonly factor: number;
}

interface Growing {
  readonly kind: AnomalyKind;
  /** Names the detail's fields: `initial_<unit>`, `final_<unit>`, `<unit>_per_second`. */
  readonly unit: string;
  readonly notable: Threshold;
  readonly alarming: Threshold;
}

/**
 * A node agent starts with 40 MB and settles at 300 MB within a minute or two, and a collector may let its heap double
 * before it acts. Five minutes and 256 MB of steady climbing to twice the size are neither.
 */
const MEMORY = {
  notable: { seconds: 120, rise: 96 * 1024, factor: 1.5 },
  alarming: { seconds: 300, rise: 256 * 1024, factor: 2 },
} as const;

/** Of descriptors, threads and processes a program takes what it needs at once: a minute of climbing is a leak. */
export const GROWING = {
  trackedMemory: { kind: 'rss_growth', unit: 'rss_kb', ...MEMORY },
  treeMemory: { kind: 'tree_rss_growth', unit: 'tree_rss_kb', ...MEMORY },
  // 1024 is the usual soft limit: the alarm comes with at least three minutes left at 10 per second to 4096.
  descriptors: {
    kind: 'fd_leak',
    unit: 'fd_count',
    notable: { seconds: 35, rise: 128, factor: 1.5 },
    alarming: { seconds: 55, rise: 256, factor: 2 },
  },
  // libuv, V8 and a build tool's pool together stay below 48 and are there after seconds.
  threads: {
    kind: 'thread_growth',
    unit: 'threads',
    notable: { seconds: 35, rise: 16, factor: 1.5 },
    alarming: { seconds: 55, rise: 48, factor: 2 },
  },
  processes: {
    kind: 'process_growth',
    unit: 'process_count',
    notable: { seconds: 35, rise: 16, factor: 1.5 },
    alarming: { seconds: 55, rise: 40, factor: 2 },
  },
} as const satisfies { readonly [name: string]: Growing };

/** Of a climb, this much must lead higher than ever before. */
const NEW_SHARE = 0.25;

export interface Measurement {
  readonly value: number | undefined;
  readonly nowMs: number;
  readonly seq: number;
  readonly pid: number | undefined;
}

interface Reported {
  readonly sinceSeq: number;
  readonly severity: 'info' | 'warning';
  readonly from: number;
  readonly rise: number;
}

/** Reports a steady climb of one quantity when it begins, when it becomes alarming, and each time it has doubled. */
export class GrowthWatch {
  readonly #growing: Growing;
  readonly #history = new LowsHistory();
  #reported: Reported | undefined;

  constructor(growing: Growing) {
    this.#growing = growing;
  }

  push({ value, nowMs, seq, pid }: Measurement): Finding | undefined {
    if (value === undefined) return undefined;
    const reported = this.#reported;
    // Half of the growth given back is the end of the episode.
    if (reported !== undefined && value < reported.from + reported.rise / 2) this.#reported = undefined;
    const climb = this.#steepest(nowMs, value);
    if (climb === undefined) return undefined;
    const severity = reaches(climb, this.#growing.alarming) ? 'warning' : 'info';
    const rise = climb.to - climb.from;
    if (!this.#isNews(severity, rise)) return undefined;
    const sinceSeq = this.#reported?.sinceSeq ?? seq;
    this.#reported = { sinceSeq, severity, from: climb.from, rise };
    return { kind: this.#growing.kind, severity, pid, detail: this.#detail(climb, sinceSeq) };
  }

  #steepest(nowMs: number, value: number): SteadyRise | undefined {
    const { notable, alarming } = this.#growing;
    let found: SteadyRise | undefined;
    for (const lows of this.#history.push(nowMs, value)) {
      const climb = steadyRiseOf(lows, notable.rise);
      if (climb === undefined || !reaches(climb, notable)) continue;
      if (value < (climb.from + climb.to) / 2) continue; // it has just ended
      // Back at about the height where it has already been: a long tooth of a saw, or the next build.
      const isNewHeight = climb.to > this.#history.highBefore(climb.startMs) + (climb.to - climb.from) * NEW_SHARE;
      if (!isNewHeight) continue;
      if (found === undefined || (reaches(climb, alarming) && !reaches(found, alarming))) found = climb;
    }
    return found;
  }

  #isNews(severity: 'info' | 'warning', rise: number): boolean {
    const reported = this.#reported;
    if (reported === undefined) return true;
    return (severity === 'warning' && reported.severity === 'info') || rise >= 2 * reported.rise;
  }

  #detail({ from, to, seconds }: SteadyRise, sinceSeq: number): Finding['detail'] {
    const { unit } = this.#growing;
    return {
      [`initial_${unit}`]: from,
      [`final_${unit}`]: to,
      [`${unit}_per_second`]: roundHalfEven((to - from) / seconds, 2),
      growth_factor: roundHalfEven(to / Math.max(1, from), 2),
      span_seconds: Math.round(seconds),
      since_seq: sinceSeq,
    };
  }
}

function reaches({ from, to, seconds }: SteadyRise, threshold: Threshold): boolean {
  return seconds >= threshold.seconds && to - from >= threshold.rise && to >= threshold.factor * from;
}
