import type { MemoryLevel } from './memoryGauge.ts';

export interface MeasuredProcess {
  readonly pid: number;
  readonly startTicks: number;
  readonly comm: string;
  readonly rssKb: number;
}

/** From here on it is looked at what grows. */
export const WATCHED_RATIO = 0.7;
const NEAR_RATIO = 0.9;
/** What takes so long to be stopped that, growing as it does, it would be too late. */
const AHEAD_MS = 250;
/** Of the last 10 seconds something waited for memory, in percent; with less room than this it does not recover. */
const PRESSED_PERCENT = 50;
const PRESSED_RATIO = 0.8;
const REMEMBERED_MS = 1000;
/** Less is what any program takes and gives back. */
const LEAST_GROWTH_KB = 4096;
/** To stop what holds less than this of the memory changes nothing. */
const LEAST_SHARE = 0.02;

interface Look {
  readonly atMs: number;
  readonly usedKb: number;
  readonly rssKb: ReadonlyMap<string, number>;
}

/** Decides whether the limit is near, and which process brings it there. */
export class GuardChoice {
  #looks: Look[] = [];

  /** @returns the process to act on; `undefined` while there is room, or when it is nobody's who may be stopped */
  look(level: MemoryLevel, processes: readonly MeasuredProcess[], atMs: number): MeasuredProcess | undefined {
    const rssKb = new Map(processes.map((process) => [nameOf(process), process.rssKb]));
    this.#looks = [
      ...this.#looks.filter((look) => atMs - look.atMs <= REMEMBERED_MS),
      { atMs, usedKb: level.usedKb, rssKb },
    ];
    return this.#isNear(level, atMs) ? this.#chosen(level, processes) : undefined;
  }

  /** There is room again. */
  forget(): void {
    this.#looks = [];
  }

  #isNear({ usedKb, limitKb, pressurePercent = 0 }: MemoryLevel, atMs: number): boolean {
    const ratio = usedKb / limitKb;
    if (ratio >= NEAR_RATIO || (ratio >= PRESSED_RATIO && pressurePercent >= PRESSED_PERCENT)) return true;
    // Twice in a row, so that one burst is not taken for a course.
    const [before, last] = [this.#looks.at(-3), this.#looks.at(-2)];
    if (before === undefined || last === undefined || before.atMs >= atMs) return false;
    if (last.usedKb <= before.usedKb || usedKb <= last.usedKb) return false;
    const kbPerMs = (usedKb - before.usedKb) / (atMs - before.atMs);
    return usedKb + kbPerMs * AHEAD_MS >= limitKb;
  }

  #chosen({ limitKb }: MemoryLevel, processes: readonly MeasuredProcess[]): MeasuredProcess | undefined {
    const growth = (process: MeasuredProcess): number => {
      // Whoever is new has grown by all that it holds.
      const first = this.#looks[0]?.rssKb.get(nameOf(process)) ?? (this.#looks.length > 1 ? 0 : process.rssKb);
      const kb = process.rssKb - first;
      return kb < LEAST_GROWTH_KB ? 0 : kb;
    };
    return processes
      .filter(({ rssKb }) => rssKb >= limitKb * LEAST_SHARE)
      .toSorted((a, b) => growth(b) - growth(a) || b.rssKb - a.rssKb)[0];
  }
}

function nameOf({ pid, startTicks }: MeasuredProcess): string {
  return `${pid} ${startTicks}`;
}
