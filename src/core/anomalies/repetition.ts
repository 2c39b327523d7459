import type { Severity } from '../words/vocabulary.ts';

/** Quieter for this many samples is the end of an episode; a value that flickers around its threshold is one episode. */
const QUIET_SAMPLES = 3;

/** Lets a lasting condition speak when it begins and each time it gets worse, not at every sample. */
export class Repetition {
  #sinceSeq: number | undefined;
  #worst = 0;
  #quiet = 0;

  /** The sample at which the episode began, when there is news. `rank` is how bad it is now, 0 not at all. */
  news(rank: number, seq: number): number | undefined {
    if (rank === 0) {
      this.#quiet++;
      if (this.#quiet >= QUIET_SAMPLES) {
        this.#worst = 0;
        this.#sinceSeq = undefined;
      }
      return undefined;
    }
    this.#quiet = 0;
    if (rank <= this.#worst) return undefined;
    this.#worst = rank;
    this.#sinceSeq ??= seq;
    return this.#sinceSeq;
  }
}

export function severityOfRank(rank: number): Severity {
  if (rank <= 1) return 'info';
  return rank === 2 ? 'warning' : 'critical';
}

/** How many of the ascending thresholds a value reaches. */
export function rankOf(value: number, thresholds: readonly number[]): number {
  return thresholds.filter((threshold) => value >= threshold).length;
}
