import type { Finding, Sighting } from './detector.ts';
import { rankOf, Repetition, severityOfRank } from './repetition.ts';
import { roundHalfEven } from './roundHalfEven.ts';
import { slopeOf, type Point, type Slope } from './slope.ts';

/** Info, warning, critical. A group can be used up to 85 per cent for hours; at 98 the next allocation may kill. */
const USED_RATIO = [0.85, 0.92, 0.98] as const;
/** A machine with less than this can no longer start a compiler; with half of it, hardly a shell. */
const SCARCE_KB = [256 * 1024, 128 * 1024, 64 * 1024] as const;
/** Per cent of the last 10 s in which something waited for memory. systemd-oomd kills at 60 (its default). */
const PRESSURE_PERCENT = [15, 30, 60] as const;

/**
 * A forecast needs both: the end in sight at the slowest slope that the samples allow, and most of the memory already
 * taken. The second is what tells a leak from a build, which climbs as fast and stops.
 */
const FORECASTS = [
  { rank: 3, seconds: 60, usedRatio: 0.85 },
  { rank: 2, seconds: 300, usedRatio: 0.75 },
  { rank: 1, seconds: 1800, usedRatio: 0.6 },
] as const;
/** Two minutes of samples at the default interval; 276 pairs at most, and only when memory is getting short. */
const SLOPE_POINTS = 24;
const FEWEST_POINTS = 6;

/** What one memory can hold and how much of it is taken. */
interface Budget {
  readonly usedKb: number;
  readonly leftKb: number;
  readonly points: readonly Point[];
}

interface Forecast {
  readonly rank: number;
  readonly seconds_to_limit: number;
  readonly seconds_to_limit_latest: number;
  readonly kb_per_second: number;
  readonly used_kb: number;
  readonly limit_kb: number;
}

/** Memory around the session: its group's limit, the machine's rest, stalls, and the time that is left. */
export class MemoryWatch {
  readonly #limit = new Repetition();
  readonly #pressure = new Repetition();
  readonly #forecast = new Repetition();
  #groupPoints: readonly Point[] = [];
  #treePoints: readonly Point[] = [];
  #limitKb: number | undefined;

  push(sighting: Sighting): readonly (Finding | undefined)[] {
    const budgets = this.#budgets(sighting);
    return [
      this.#limitNear(sighting, budgets),
      this.#pressureFinding(sighting),
      this.#forecastFinding(sighting, budgets),
    ];
  }

  #budgets({ snapshot, nowMs }: Sighting): readonly Budget[] {
    const { cgroup_memory_kb, cgroup_memory_limit_kb, tree_rss_kb, mem_available_kb } = snapshot.ours ?? {};
    const x = nowMs / 1000;
    const budgets: Budget[] = [];
    // Another limit is another group: its use says nothing about the slope so far.
    if (cgroup_memory_limit_kb !== this.#limitKb) this.#groupPoints = [];
    this.#limitKb = cgroup_memory_limit_kb;
    if (cgroup_memory_kb !== undefined && cgroup_memory_limit_kb !== undefined) {
      this.#groupPoints = [...this.#groupPoints, { x, y: cgroup_memory_kb }].slice(-SLOPE_POINTS);
      const leftKb = Math.max(0, cgroup_memory_limit_kb - cgroup_memory_kb);
      budgets.push({ usedKb: cgroup_memory_kb, leftKb, points: this.#groupPoints });
    }
    if (tree_rss_kb !== undefined && mem_available_kb !== undefined) {
      this.#treePoints = [...this.#treePoints, { x, y: tree_rss_kb }].slice(-SLOPE_POINTS);
      budgets.push({ usedKb: tree_rss_kb, leftKb: mem_available_kb, points: this.#treePoints });
    }
    return budgets;
  }

  #limitNear({ snapshot, pid }: Sighting, budgets: readonly Budget[]): Finding | undefined {
    const availableKb = snapshot.ours?.mem_available_kb;
    const scarcity = availableKb === undefined ? 0 : SCARCE_KB.filter((kb) => availableKb < kb).length;
    const fullest = budgets.toSorted((a, b) => usedRatio(b) - usedRatio(a))[0];
    const rank = Math.max(scarcity, fullest === undefined ? 0 : rankOf(usedRatio(fullest), USED_RATIO));
    const sinceSeq = this.#limit.news(rank, snapshot.seq);
    if (sinceSeq === undefined) return undefined;
    const use = fullest && {
      used_kb: fullest.usedKb,
      limit_kb: fullest.usedKb + fullest.leftKb,
      used_ratio: roundHalfEven(usedRatio(fullest), 3),
    };
    const detail = { ...use, ...(availableKb !== undefined && { mem_available_kb: availableKb }), since_seq: sinceSeq };
    return { kind: 'memory_limit_near', severity: severityOfRank(rank), pid, detail };
  }

  #pressureFinding({ snapshot, pid }: Sighting): Finding | undefined {
    const percent = snapshot.ours?.psi_memory_some_avg10;
    if (percent === undefined) return undefined;
    const rank = rankOf(percent, PRESSURE_PERCENT);
    const sinceSeq = this.#pressure.news(rank, snapshot.seq);
    if (sinceSeq === undefined) return undefined;
    const detail = { psi_memory_some_avg10: percent, since_seq: sinceSeq };
    return { kind: 'memory_pressure', severity: severityOfRank(rank), pid, detail };
  }

  #forecastFinding({ snapshot, pid }: Sighting, budgets: readonly Budget[]): Finding | undefined {
    const forecasts = budgets.flatMap((budget) => forecastOf(budget) ?? []);
    const worst = forecasts.toSorted((a, b) => b.rank - a.rank)[0];
    const sinceSeq = this.#forecast.news(worst?.rank ?? 0, snapshot.seq);
    if (worst === undefined || sinceSeq === undefined) return undefined;
    const { rank, ...numbers } = worst;
    return { kind: 'oom_forecast', severity: severityOfRank(rank), pid, detail: { ...numbers, since_seq: sinceSeq } };
  }
}

function usedRatio({ usedKb, leftKb }: Budget): number {
  return usedKb + leftKb <= 0 ? 0 : usedKb / (usedKb + leftKb);
}

/**
 * The slowest slope over two windows: after a step, such as the beginning of a build, the longer window still sees a
 * rise where the shorter one sees that it has ended.
 */
function climbRateOf(points: readonly Point[]): Slope | undefined {
  const last = points.at(-1);
  // What has come back down is not on its way to the limit.
  if (last === undefined || points.some(({ y }) => y > last.y)) return undefined;
  const whole = slopeOf(points);
  const recent = slopeOf(points.slice(-Math.max(FEWEST_POINTS, points.length / 2)));
  if (whole === undefined || recent === undefined || whole.low <= 0 || recent.low <= 0) return undefined;
  return recent.low < whole.low ? recent : whole;
}

function forecastOf(budget: Budget): Forecast | undefined {
  const ratio = usedRatio(budget);
  if (ratio < FORECASTS[2].usedRatio || budget.points.length < FEWEST_POINTS) return undefined;
  const rate = climbRateOf(budget.points);
  if (rate === undefined) return undefined;
  const latestSeconds = budget.leftKb / rate.low;
  const reached = FORECASTS.find(({ seconds, usedRatio }) => latestSeconds <= seconds && ratio >= usedRatio);
  if (reached === undefined) return undefined;
  return {
    rank: reached.rank,
    seconds_to_limit: Math.round(budget.leftKb / rate.median),
    seconds_to_limit_latest: Math.round(latestSeconds),
    kb_per_second: Math.round(rate.median),
    used_kb: budget.usedKb,
    limit_kb: budget.usedKb + budget.leftKb,
  };
}
