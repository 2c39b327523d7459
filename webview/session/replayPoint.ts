import { humanSeconds } from '../../src/core/words/humanUnits.ts';
import type { Overview } from '../../src/core/panel/sessionView.ts';
import { clockOf } from '../parts/timeFormat.ts';

/** An instant of a replay: what was known of the session then. */
export interface ReplayPoint {
  readonly ms: number;
  /** The last sample of a session that has ended: its end is known. */
  readonly isEnd: boolean;
  /** The cursor moves by itself. */
  readonly isPlaying: boolean;
}

export function replaySentence(overview: Overview, { ms }: ReplayPoint): string {
  const { startMs, episodes, calls } = overview;
  const since = startMs === undefined ? '' : `, ${humanSeconds(Math.max(0, ms - startMs) / 1000)} after the start`;
  const soFar = episodes.filter(({ firstMs }) => firstMs <= ms).length;
  const open = calls.filter((call) => call.startMs <= ms && (call.endMs ?? Infinity) > ms).length;
  return [
    `At ${clockOf(ms, 1000)}${since}: running.`,
    ...(episodes.length === 0 ? [] : [`${soFar} of ${episodes.length} anomalies so far.`]),
    ...(open === 0 ? [] : [`${open} ${open === 1 ? 'call' : 'calls'} open.`]),
  ].join(' ');
}
