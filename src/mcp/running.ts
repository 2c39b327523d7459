import { ForecastKeeper, type PresentForecast } from '../core/anomalies/presentForecast.ts';
import type { Moment } from '../core/anomalies/detector.ts';
import type { Anomaly } from '../core/session/anomaly.ts';
import type { Snapshot } from '../core/session/snapshot.ts';
import { medianSlope } from '../core/words/slope.ts';
import { msFromIso } from '../core/words/time.ts';
import type { Activity } from '../core/words/vocabulary.ts';
import { activityNow } from '../sessions/activityNow.ts';
import { readFound, type FoundSession } from '../sessions/readFound.ts';

/** How a running session does, by what its recorder has written so far. */
export interface Present {
  readonly last: Snapshot | undefined;
  readonly activity: Activity | undefined;
  readonly kbPerMinute: number | undefined;
  readonly forecast: PresentForecast | undefined;
  /** The stall that the latest samples still show. */
  readonly stalledSeconds: number | undefined;
}

/** Two minutes at the default interval. */
const RECENT = 24;

export function presentOf(found: FoundSession): Present {
  const keeper = new ForecastKeeper();
  let recent: readonly Moment[] = [];
  let stall: Anomaly | undefined;
  readFound(found, {
    moment: (moment) => {
      keeper.push(moment.snapshot);
      recent = [...recent.slice(1 - RECENT), moment];
    },
    anomaly: (anomaly) => {
      if (anomaly.kind === 'stalled') stall = anomaly;
    },
  });
  const last = recent.at(-1)?.snapshot;
  return {
    last,
    activity: activityNow(found.place.dir, recent.slice(-3)),
    kbPerMinute: slopeOf(recent),
    forecast: keeper.soonest(),
    stalledSeconds: stalledFor(stall, recent),
  };
}

function slopeOf(recent: readonly Moment[]): number | undefined {
  const points = recent.flatMap(({ snapshot }) => {
    const ms = msFromIso(snapshot.captured_at);
    const kb = snapshot.ours?.tree_rss_kb ?? snapshot.vm_rss_kb;
    return ms === undefined || kb === undefined ? [] : [{ x: ms / 60_000, y: kb }];
  });
  const slope = points.length < 3 ? undefined : medianSlope(points);
  return slope === undefined ? undefined : Math.round(slope);
}

/** Since the stall was told nothing was printed: it lasts. */
function stalledFor(stall: Anomaly | undefined, recent: readonly Moment[]): number | undefined {
  const last = recent.at(-1);
  const toldMs = msFromIso(stall?.ts ?? '');
  const nowMs = msFromIso(last?.snapshot.captured_at ?? '');
  if (stall === undefined || toldMs === undefined || nowMs === undefined) return undefined;
  const since = recent.filter(({ snapshot }) => (msFromIso(snapshot.captured_at) ?? 0) >= toldMs);
  const bytes = new Set(since.map(({ tree }) => tree?.output_bytes).filter((count) => count !== undefined));
  return bytes.size > 1 ? undefined : Math.max(0, Math.round((nowMs - toldMs) / 1000));
}
