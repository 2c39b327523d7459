import { isoFromMs } from '../../core/words/time.ts';

/** Hands out a session's time stamps: strictly increasing, even when the clock is set back or two fall on one millisecond. */
export interface SessionClock {
  stamp(): string;
}

export function createSessionClock(now: () => number, lastMs = Number.NEGATIVE_INFINITY): SessionClock {
  let last = lastMs;
  return {
    stamp: () => {
      last = Math.max(Math.floor(now()), Math.floor(last) + 1);
      return isoFromMs(last);
    },
  };
}
