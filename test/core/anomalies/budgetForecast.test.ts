import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { BUDGET_COURSES, type BudgetCourse } from './budgetCourses.ts';
import { trialOf, type Told, type Trial } from './budgetTrials.ts';

const SEEDS = [1, 2, 3];
/** Seconds: the samples' own distance, and what is told is rounded to. */
const GRAIN = 1;

interface Figures {
  readonly line: string;
  readonly told: number;
  readonly inside: number;
}

const table: Figures[] = [];

/** Where a forecast was, as a share of the truth, and whether the truth was between its bounds. */
function judged(told: Told, endSeconds: number): { error: number; isInside: boolean } {
  const truth = endSeconds - told.atSeconds;
  return {
    error: told.seconds / truth - 1,
    isInside: truth >= told.earliest - GRAIN && truth <= told.latest + GRAIN,
  };
}

function assertHalfway({ endSeconds = 0, told }: Trial): void {
  const halfway = told.find(({ atSeconds }) => atSeconds >= endSeconds / 2);
  assert.ok(halfway !== undefined && halfway.atSeconds <= endSeconds / 2 + 5, `told at ${halfway?.atSeconds} s`);
  const { error } = judged(halfway, endSeconds);
  assert.ok(Math.abs(error) <= 0.1, `${halfway.seconds} s at ${halfway.atSeconds} s of ${endSeconds}`);
}

function assertFirst({ endSeconds = 0, told: [first] }: Trial): void {
  assert.ok(first !== undefined);
  const { error } = judged(first, endSeconds);
  assert.ok(error <= 0.5, `${first.seconds} s at ${first.atSeconds} s of ${endSeconds}`);
}

/** What never ends is never warned of; a line may be drawn while it climbs as a leak does, and goes when that ends. */
function assertSilent({ anomalies, told, samples }: Trial, { silentAfterSeconds = 0 }: BudgetCourse): void {
  assert.deepEqual(
    anomalies.filter(({ severity }) => severity !== 'info'),
    [],
  );
  const later = told.filter(({ atSeconds }) => atSeconds > silentAfterSeconds);
  assert.ok(later.length <= samples / 100, `${later.length} of ${samples} samples, at ${later[0]?.atSeconds} s`);
}

for (const [name, budgetCourse] of Object.entries(BUDGET_COURSES)) {
  for (const intervalSeconds of [1, 5]) {
    test(`${name} is foretold as it deserves, sampled each ${intervalSeconds} s`, () => {
      const { course, kind } = budgetCourse;
      const trials = SEEDS.map((seed) => trialOf(course, { seed, intervalSeconds }));
      for (const trial of trials) {
        if (kind === 'linear') assertHalfway(trial);
        if (kind === 'linear' || kind === 'curved') assertFirst(trial);
        if (kind === 'endless') assertSilent(trial, budgetCourse);
      }
      const figures = figuresOf(`${name}, ${intervalSeconds} s`, trials);
      table.push(figures);
      if (figures.told > 0) assert.ok(figures.inside >= 0.9 * figures.told, figures.line);
    });
  }
}

function figuresOf(name: string, trials: readonly Trial[]): Figures {
  const judgements = trials.flatMap(({ endSeconds, told }) =>
    endSeconds === undefined ? [] : told.map((one) => judged(one, endSeconds)),
  );
  const inside = judgements.filter(({ isInside }) => isInside).length;
  const errors = judgements.map(({ error }) => Math.abs(error)).toSorted((a, b) => a - b);
  const percent = (share: number | undefined): string => `${Math.round(100 * (share ?? 0))}%`.padStart(4);
  const ends = judgements.length > 0;
  const words = ends
    ? `inside the band ${percent(inside / judgements.length)}, median error ${percent(errors[errors.length >> 1])}`
    : `told ${trials.reduce((sum, { told }) => sum + told.length, 0)} times`;
  return { line: `${name.padEnd(44)} ${words}`, told: judgements.length, inside };
}

after(() => {
  const [told, inside] = table.reduce(([all, hit], one) => [all + one.told, hit + one.inside], [0, 0]);
  console.log(table.map(({ line }) => line).join('\n'));
  console.log(
    `all: ${inside} of ${told} inside the band of nine in ten (${((100 * inside) / told).toFixed(1)} per cent)`,
  );
});
