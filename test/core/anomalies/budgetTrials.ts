import { findAnomalies } from '../../../src/core/anomalies/findAnomalies.ts';
import { forecastsAt } from '../../../src/core/panel/forecastsAt.ts';
import { SampleStore } from '../../../src/core/panel/sampleStore.ts';
import type { ForecastView } from '../../../src/core/panel/sessionView.ts';
import { msFromIso } from '../../../src/core/words/time.ts';
import { MB, momentsOf } from './anomalySeries.ts';
import { BUDGET_MB, type CourseOf } from './budgetCourses.ts';
import { randomFrom } from '../randomFrom.ts';

const SECONDS = 400;
const STEP = 0.25;

/** One course, sampled to its end. */
export interface Trial {
  /** When the limit was reached. */
  readonly endSeconds: number | undefined;
  readonly samples: number;
  readonly told: readonly Told[];
  readonly anomalies: readonly { readonly severity: string; readonly atSeconds: number; readonly seconds: number }[];
}

export interface Told {
  readonly atSeconds: number;
  readonly usedMb: number;
  readonly seconds: number;
  readonly earliest: number;
  readonly latest: number;
}

export function trialOf(course: CourseOf, { seed, intervalSeconds }: { seed: number; intervalSeconds: number }): Trial {
  // The same path whatever the interval.
  const at = course(randomFrom(seed));
  const path: number[] = [];
  while (path.length * STEP <= SECONDS && (path.at(-1) ?? 0) < BUDGET_MB) path.push(at(path.length * STEP));
  const endSeconds = (path.at(-1) ?? 0) < BUDGET_MB ? undefined : (path.length - 1) * STEP;
  const seconds = (endSeconds ?? SECONDS) - STEP;
  const moments = momentsOf({
    seconds,
    intervalSeconds,
    scene: (t) => ({
      ours: {
        cgroup_memory_kb: Math.round((path[Math.floor(t / STEP)] ?? 0) * MB),
        cgroup_memory_limit_kb: BUDGET_MB * MB,
      },
    }),
  });
  const startMs = msFromIso(moments[0]?.snapshot.ts ?? '') ?? 0;
  const options = { mode: 'calibrated', pid: undefined, expectedComm: 'node', cores: 4, intervalSeconds } as const;
  const store = new SampleStore();
  const told: Told[] = [];
  for (const { snapshot } of moments) {
    store.append(snapshot);
    const [forecast] = forecastsAt(store, msFromIso(snapshot.ts) ?? 0);
    if (forecast !== undefined) told.push(toldOf(forecast, { startMs, usedKb: snapshot.ours?.cgroup_memory_kb ?? 0 }));
  }
  return {
    endSeconds,
    samples: moments.length,
    told,
    anomalies: findAnomalies(moments, options).flatMap(({ kind, severity, detail, ts }) =>
      kind === 'oom_forecast'
        ? { severity, atSeconds: ((msFromIso(ts) ?? 0) - startMs) / 1000, seconds: Number(detail['seconds_to_limit']) }
        : [],
    ),
  };
}

function toldOf(
  { fromMs, reachedMs, earliestMs, latestMs }: ForecastView,
  { startMs, usedKb }: { startMs: number; usedKb: number },
): Told {
  return {
    atSeconds: (fromMs - startMs) / 1000,
    usedMb: usedKb / MB,
    seconds: (reachedMs - fromMs) / 1000,
    earliest: (earliestMs - fromMs) / 1000,
    latest: (latestMs - fromMs) / 1000,
  };
}
