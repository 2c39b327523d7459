import type { Share } from '../words/fisherExact.ts';
import { rateFinding, standingOut, type RateFinding } from './deathRate.ts';
import type { AgentKind, Cause } from '../words/vocabulary.ts';

/** One ended session. */
export interface PatternSession {
  readonly endMs: number;
  /** Of its end, in the reader's time zone: 0 to 23, and 0 for Sunday to 6. */
  readonly hour: number;
  readonly weekday: number;
  readonly agent: AgentKind;
  readonly cause: Cause;
  /** It died or was lost; a session that failed by itself or was stopped by its user did not. */
  readonly isDeath: boolean;
  readonly durationSeconds: number | undefined;
  readonly outputBytes: number | undefined;
}

export interface PatternGroup extends Share {
  readonly key: string;
  /** More deaths than chance explains, measured against the other groups. */
  readonly stands_out: boolean;
}

/** When, how old, how talkative and which agents' sessions die. */
export interface DeathPatterns extends Share {
  readonly rate: RateFinding;
  readonly by_cause: readonly { readonly key: Cause; readonly deaths: number }[];
  readonly by_hour: readonly PatternGroup[];
  readonly by_weekday: readonly PatternGroup[];
  readonly by_agent: readonly PatternGroup[];
  /** Of the sessions that reached an age, those that died before the next. */
  readonly by_age: readonly PatternGroup[];
  readonly by_output_size: readonly PatternGroup[];
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const AGES: readonly (readonly [key: string, fromSeconds: number])[] = [
  ['under 10 s', 0],
  ['10 s to 1 min', 10],
  ['1 to 10 min', 60],
  ['10 min to 1 h', 600],
  ['1 to 4 h', 3600],
  ['over 4 h', 14_400],
];
const SIZES: readonly (readonly [key: string, fromBytes: number])[] = [
  ['nothing', 0],
  ['under 10 KB', 1],
  ['10 to 100 KB', 10_000],
  ['100 KB to 1 MB', 100_000],
  ['1 to 10 MB', 1_000_000],
  ['over 10 MB', 10_000_000],
];

/** @param nowMs the end of the windows that are compared with what was before them */
export function deathPatterns(sessions: readonly PatternSession[], nowMs: number): DeathPatterns {
  const ordered = sessions.toSorted((a, b) => a.endMs - b.endMs);
  const independent = withoutEchoes(ordered);
  const groupings = [byHour, byWeekday, byAgent];
  const outstanding = standingOut(groupings.map((keyOf) => sharesBy(independent, keyOf)));
  const tested = (at: number, keyOf: KeyOf): PatternGroup[] =>
    [...sharesBy(ordered, keyOf)]
      .map(([key, share]) => ({ key, ...share, stands_out: outstanding[at]?.has(key) ?? false }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  return {
    ...shareOf(ordered),
    rate: rateFinding(independent, nowMs),
    by_cause: causesOf(ordered),
    by_hour: tested(0, byHour),
    by_weekday: tested(1, byWeekday).sort((a, b) => WEEKDAYS.indexOf(a.key) - WEEKDAYS.indexOf(b.key)),
    by_agent: tested(2, byAgent),
    by_age: agesOf(ordered),
    by_output_size: sizesOf(ordered),
  };
}

type KeyOf = (session: PatternSession) => string;
const byHour: KeyOf = ({ hour }) => `${String(hour).padStart(2, '0')}:00`;
const byWeekday: KeyOf = ({ weekday }) => WEEKDAYS[weekday] ?? '';
const byAgent: KeyOf = ({ agent }) => agent;

/** Deaths so close together have one cause, such as a lost terminal or a kill of a whole group. */
const ONE_EVENT_MS = 5000;

/** The tests suppose independent deaths: of several at once, the first stands for all. */
function withoutEchoes(ordered: readonly PatternSession[]): PatternSession[] {
  let lastDeathMs = Number.NEGATIVE_INFINITY;
  return ordered.filter(({ isDeath, endMs }) => {
    if (!isDeath) return true;
    const isEcho = endMs - lastDeathMs <= ONE_EVENT_MS;
    lastDeathMs = endMs;
    return !isEcho;
  });
}

function shareOf(sessions: readonly PatternSession[]): Share {
  return { sessions: sessions.length, deaths: sessions.filter(({ isDeath }) => isDeath).length };
}

function sharesBy(sessions: readonly PatternSession[], keyOf: KeyOf): ReadonlyMap<string, Share> {
  const shares = new Map<string, Share>();
  for (const session of sessions) {
    const key = keyOf(session);
    const before = shares.get(key) ?? { sessions: 0, deaths: 0 };
    shares.set(key, { sessions: before.sessions + 1, deaths: before.deaths + (session.isDeath ? 1 : 0) });
  }
  return shares;
}

function causesOf(sessions: readonly PatternSession[]): DeathPatterns['by_cause'] {
  const deaths = new Map<Cause, number>();
  for (const { isDeath, cause } of sessions) if (isDeath) deaths.set(cause, (deaths.get(cause) ?? 0) + 1);
  return [...deaths].map(([key, count]) => ({ key, deaths: count })).sort((a, b) => b.deaths - a.deaths);
}

/**
 * Ages are not tested against each other: they differ in length. Nor are output sizes: who dies early has said less.
 */
function agesOf(sessions: readonly PatternSession[]): PatternGroup[] {
  return AGES.flatMap(([key, from], at) => {
    const to = AGES[at + 1]?.[1] ?? Number.POSITIVE_INFINITY;
    const reached = sessions.filter(({ durationSeconds }) => (durationSeconds ?? -1) >= from);
    const died = reached.filter(({ isDeath, durationSeconds = 0 }) => isDeath && durationSeconds < to);
    return reached.length === 0 ? [] : [{ key, sessions: reached.length, deaths: died.length, stands_out: false }];
  });
}

function sizesOf(sessions: readonly PatternSession[]): PatternGroup[] {
  return SIZES.flatMap(([key, from], at) => {
    const to = SIZES[at + 1]?.[1] ?? Number.POSITIVE_INFINITY;
    const share = shareOf(sessions.filter(({ outputBytes = -1 }) => outputBytes >= from && outputBytes < to));
    return share.sessions === 0 ? [] : [{ key, ...share, stands_out: false }];
  });
}
