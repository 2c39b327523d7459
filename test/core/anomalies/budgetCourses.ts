import type { Random } from '../randomFrom.ts';

/** MB of a group of 160 after so many seconds; asked in the order of time. */
export type CourseOf = (random: Random) => (seconds: number) => number;

export interface BudgetCourse {
  readonly course: CourseOf;
  /** `linear`: to be foretold to a tenth at half-way. `curved`: the first word about it may not be far too late. */
  readonly kind: 'linear' | 'curved' | 'irregular' | 'sudden' | 'endless';
  /** Until then it cannot be told from one that goes on. */
  readonly silentAfterSeconds?: number;
}

export const BUDGET_MB = 160;

/** What allocators and the kernel's counters wobble by. */
const wobble = (random: Random): number => (random() - 0.5) * 0.8;

/** A sum that grows at its own moments. */
function arrivals(random: Random, gap: () => number, size: () => number): (seconds: number) => number {
  let [next, sum] = [gap(), 0];
  return (seconds) => {
    while (next <= seconds) {
      sum += size();
      next += gap();
    }
    return sum + wobble(random);
  };
}

/** How far into its current tooth something is that rises for `up` seconds and rests for `down`, each time anew. */
function teeth(up: () => number, down: () => number): (seconds: number) => number {
  let [from, rise, rest] = [0, up(), down()];
  return (seconds) => {
    while (seconds >= from + rise + rest) [from, rise, rest] = [from + rise + rest, up(), down()];
    return Math.min(1, (seconds - from) / rise) * (seconds < from + rise ? 1 : 0);
  };
}

const between = (random: Random, low: number, high: number) => (): number => low + random() * (high - low);

function walk(random: Random, from: number, to: number): (seconds: number) => number {
  let [at, value] = [0, (from + to) / 2];
  return (seconds) => {
    for (; at < seconds; at += 0.25) {
      value += (random() + random() + random() - 1.5) * 2.5;
      if (value > to) value = 2 * to - value;
      if (value < from) value = 2 * from - value;
    }
    return value;
  };
}

/** Ways of using memory: eight that end at the limit, six that never reach it, and what else programs do. */
export const BUDGET_COURSES: Readonly<Record<string, BudgetCourse>> = {
  'a steady leak': { kind: 'linear', course: (random) => (t) => 8 + 0.6 * t + wobble(random) },
  'two children that grow in turn': {
    kind: 'linear',
    course: (random) => (t) => 10 + 12 * Math.floor(t / 10) + Math.min(12, 1.1 * (t % 10) + 1) + wobble(random),
  },
  'steps of 12 MB each 20 s': {
    kind: 'linear',
    course: (random) => {
      const steps = arrivals(
        random,
        () => 20,
        () => 12,
      );
      return (t) => 10 + steps(t);
    },
  },
  'steps at uneven times': {
    kind: 'irregular',
    course: (random) => {
      const steps = arrivals(random, between(random, 15, 25), () => 12);
      return (t) => 10 + steps(t);
    },
  },
  'forks of 6 MB each': {
    kind: 'irregular',
    course: (random) => {
      const forks = arrivals(random, between(random, 4, 13), () => 6);
      return (t) => 12 + forks(t);
    },
  },
  'exponential growth': { kind: 'curved', course: (random) => (t) => 10 * 16 ** (t / 197) + wobble(random) },
  'a saw on a rising floor': {
    kind: 'curved',
    course: (random) => {
      const saw = teeth(between(random, 13, 17), () => 0);
      return (t) => 10 + 0.4 * t + 40 * saw(t) + wobble(random);
    },
  },
  'a slow leak under bursts': {
    kind: 'irregular',
    course: (random) => {
      const burst = teeth(between(random, 3, 8), between(random, 15, 35));
      return (t) => 30 + 0.45 * t + (burst(t) > 0 ? 45 : 0) + wobble(random);
    },
  },
  'rest, then 30 MB/s': { kind: 'sudden', course: (random) => (t) => 60 + Math.max(0, t - 200) * 30 + wobble(random) },
  'a climb to 66 per cent': {
    kind: 'endless',
    silentAfterSeconds: 164 + 30,
    course: (random) => (t) => Math.min(106, 8 + 0.6 * t) + wobble(random),
  },
  'a settling at 78 per cent': {
    kind: 'endless',
    course: (random) => (t) => 8 + 117 * (1 - Math.exp(-t / 60)) + wobble(random),
  },
  'a random walk': { kind: 'endless', course: (random) => walk(random, 80, 125) },
  'one build after the other': {
    kind: 'endless',
    course: (random) => {
      const build = teeth(() => 25, between(random, 10, 30));
      return (t) => 55 + 80 * build(t) + wobble(random);
    },
  },
  'a saw on a flat floor': {
    kind: 'endless',
    course: (random) => {
      const saw = teeth(between(random, 30, 50), () => 0);
      return (t) => 50 + 70 * saw(t) + wobble(random);
    },
  },
  'a page cache that is taken back': {
    kind: 'endless',
    course: (random) => (t) => 30 + Math.min(20, t / 5) + 6 * random(),
  },
  'a leak under a collector': { kind: 'linear', course: (random) => (t) => 20 + 0.7 * t + 6 * random() },
  'a fast leak after a start': {
    kind: 'linear',
    course: (random) => (t) => (t < 5 ? 8 * t : 40 + 1.2 * (t - 5)) + wobble(random),
  },
  'a leak that grows with its list': {
    kind: 'curved',
    course: (random) => (t) => 10 + (t / 200) ** 2 * 150 + wobble(random),
  },
  'builds that differ': {
    kind: 'endless',
    course: (random) => {
      const build = teeth(between(random, 10, 40), between(random, 5, 40));
      const size = between(random, 60, 90)();
      return (t) => 50 + size * build(t) + 3 * random();
    },
  },
  'a climb by logarithm': {
    kind: 'endless',
    course: (random) => (t) => 20 + 20 * Math.log(1 + t / 5) + wobble(random),
  },
  'a walk near the limit': { kind: 'endless', course: (random) => walk(random, 110, 150) },
  'noise at 90 per cent': { kind: 'endless', course: (random) => () => 138 + 14 * random() },
};
