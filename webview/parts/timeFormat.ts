import { humanSeconds } from '../../src/core/words/humanUnits.ts';

/** Times of day as the person's machine writes them, in the person's zone. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS_MS = [
  100,
  200,
  500,
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  30 * DAY,
];

export interface TimeTick {
  readonly ms: number;
  readonly label: string;
}

/** At most `most` round times within a range; of the day or, with an origin, since then. */
export function timeTicks(fromMs: number, toMs: number, most: number, originMs?: number): TimeTick[] {
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= Math.max(1, most)) ?? 365 * DAY;
  const zoneMs = originMs ?? new Date(fromMs).getTimezoneOffset() * MINUTE;
  const ticks: TimeTick[] = [];
  for (let ms = Math.ceil((fromMs - zoneMs) / stepMs) * stepMs + zoneMs; ms <= toMs; ms += stepMs) {
    const label = stepMs >= DAY ? dayOf(ms) : clockOf(ms, stepMs);
    ticks.push({ ms, label: originMs === undefined ? label : sinceWords(ms - originMs) });
  }
  return ticks;
}

/** `14:03`, `14:03:07` or `14:03:07.2`, as fine as the step needs. */
export function clockOf(ms: number, stepMs: number): string {
  const at = new Date(ms);
  const parts = [at.getHours(), at.getMinutes(), ...(stepMs < MINUTE ? [at.getSeconds()] : [])];
  const tenths = stepMs < SECOND ? `.${Math.floor(at.getMilliseconds() / 100)}` : '';
  return parts.map((part) => String(part).padStart(2, '0')).join(':') + tenths;
}

/** `+31.5 s`, `+1 h 2 min`. */
export function sinceWords(sinceMs: number): string {
  return `${sinceMs < 0 ? '−' : '+'}${humanSeconds(Math.abs(sinceMs) / SECOND)}`;
}

/** Made once: a formatter costs more than a hundred of its dates. */
const DAY_FORMAT = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });

export function dayOf(ms: number): string {
  return DAY_FORMAT.format(ms);
}

/** `21 Nov, 14:03:07`, in the person's own order. */
export function momentOf(ms: number): string {
  return `${dayOf(ms)}, ${clockOf(ms, SECOND)}`;
}
