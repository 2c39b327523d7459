import { chanceOfSoFew, chanceOfSoMany, type Share } from '../words/fisherExact.ts';

/** Whether the last day or week is unlike what was before it. */
export type RateFinding =
  | { readonly state: 'too_few'; readonly needed_in_window: number; readonly needed_before: number }
  | { readonly state: 'usual' }
  | {
      readonly state: 'rose' | 'fell';
      readonly window_hours: number;
      readonly window: Share;
      readonly before: Share;
      /** How likely so unusual a window is when nothing has changed. */
      readonly chance: number;
    };

/**
 * Chances of a false alarm per look, over everything that is tested together: each single test gets its part of it
 * (Bonferroni). Of 1,000 random series with an unchanging rate 1 raised one.
 */
const FALSE_RATE_ALARMS = 0.0025;
const FALSE_GROUP_ALARMS = 0.0025;

/** Below these numbers nothing is claimed: one death more or less would decide. */
const LEAST_IN_WINDOW = 5;
const LEAST_BEFORE = 20;
const WINDOW_HOURS = [24, 168];

export function rateFinding(
  sessions: readonly { readonly endMs: number; readonly isDeath: boolean }[],
  nowMs: number,
): RateFinding {
  const compared = WINDOW_HOURS.map((hours) => {
    const sinceMs = nowMs - hours * 3_600_000;
    const share = (isWanted: (endMs: number) => boolean): Share => {
      const wanted = sessions.filter(({ endMs }) => isWanted(endMs));
      return { sessions: wanted.length, deaths: wanted.filter(({ isDeath }) => isDeath).length };
    };
    return { hours, window: share((endMs) => endMs > sinceMs), before: share((endMs) => endMs <= sinceMs) };
  });
  const judged = compared.filter(
    ({ window, before }) => window.sessions >= LEAST_IN_WINDOW && before.sessions >= LEAST_BEFORE,
  );
  if (judged.length === 0) {
    return { state: 'too_few', needed_in_window: LEAST_IN_WINDOW, needed_before: LEAST_BEFORE };
  }
  const level = FALSE_RATE_ALARMS / (2 * WINDOW_HOURS.length); // two sides of each window
  const found = judged
    .flatMap(({ hours: window_hours, window, before }) => [
      { state: 'rose' as const, window_hours, window, before, chance: chanceOfSoMany(window, before) },
      { state: 'fell' as const, window_hours, window, before, chance: chanceOfSoFew(window, before) },
    ])
    .sort((a, b) => a.chance - b.chance)[0];
  return found !== undefined && found.chance < level ? found : { state: 'usual' };
}

/** The keys of each grouping whose sessions die more often than those of its other keys. */
export function standingOut(groupings: readonly ReadonlyMap<string, Share>[]): readonly ReadonlySet<string>[] {
  const isTested = ({ sessions }: Share): boolean => sessions >= LEAST_IN_WINDOW;
  const tests = groupings.reduce((sum, groups) => sum + [...groups.values()].filter(isTested).length, 0);
  const level = FALSE_GROUP_ALARMS / Math.max(1, tests);
  return groupings.map((groups) => {
    const all = totalOf([...groups.values()]);
    const found = [...groups].filter(([, share]) => {
      const others = { sessions: all.sessions - share.sessions, deaths: all.deaths - share.deaths };
      return isTested(share) && others.sessions >= LEAST_BEFORE && chanceOfSoMany(share, others) < level;
    });
    return new Set(found.map(([key]) => key));
  });
}

function totalOf(shares: readonly Share[]): Share {
  return shares.reduce(
    (sum, { sessions, deaths }) => ({ sessions: sum.sessions + sessions, deaths: sum.deaths + deaths }),
    { sessions: 0, deaths: 0 },
  );
}
