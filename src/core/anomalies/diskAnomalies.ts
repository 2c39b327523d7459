import { Course } from './course.ts';
import type { Finding, Sighting } from './detector.ts';
import type { Budget } from './forecast.ts';
import { rankedForecast } from './rankedForecast.ts';
import { Repetition, severityOfRank } from './repetition.ts';

/** Less than this is what any program writes and deletes. */
const LEAST_RISE_KB = 16 * 1024;
/**
 * A third of what was free must have gone before an end is believed: disks are shared, stand at 90 per cent for years,
 * and an install takes gigabytes from them in a minute and stops.
 */
const LEAST_RISE_OF_LEFT = 0.5;

/** How much a disk must have filled, for what is left of it. */
export function leastDiskRises(leftKb: number): Required<Pick<Budget, 'leastRise' | 'leastRecentRise'>> {
  const leastRise = Math.max(LEAST_RISE_KB, leftKb * LEAST_RISE_OF_LEFT);
  return { leastRise, leastRecentRise: leastRise };
}

/** The disk that the session works on: the time that is left. */
export class DiskWatch {
  readonly #course = new Course();
  readonly #forecast = new Repetition();

  push({ snapshot, nowMs, pid }: Sighting): Finding | undefined {
    const { disk_free_kb: left, disk_size_kb: size } = snapshot.ours ?? {};
    if (left === undefined || size === undefined) return undefined;
    const used = Math.max(0, size - left);
    this.#course.push(nowMs, used);
    const forecast = rankedForecast({ used, left, ...this.#course.past, ...leastDiskRises(left) });
    const sinceSeq = this.#forecast.news(forecast?.rank ?? 0, snapshot.seq);
    if (forecast === undefined || sinceSeq === undefined) return undefined;
    const { rank, ...numbers } = forecast;
    const detail = { resource: 'disk', ...numbers, since_seq: sinceSeq };
    return { kind: 'oom_forecast', severity: severityOfRank(rank), pid, detail };
  }
}
