const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** What a person may write for a time that has passed. */
export const SINCE_FORMS = '30m, 2h, 3d, 1w, today, yesterday or 2026-11-27';

/** `undefined` where it is none. A day is the reader's own. */
export function msOfSince(text: string, nowMs: number): number | undefined {
  const word = text.trim().toLowerCase();
  const today = new Date(nowMs).setHours(0, 0, 0, 0);
  if (word === 'today') return today;
  if (word === 'yesterday') return new Date(today).setDate(new Date(today).getDate() - 1);
  const [, count, unit = ''] = /^(\d{1,6})([mhdw])$/.exec(word) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (UNITS[unit] ?? 0);
  const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(word);
  const ms = day === null ? Date.parse(text) : new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3])).getTime();
  // `Date.parse` takes "7" for a July: only what has a year is a date.
  return /\d{4}/.test(word) && !Number.isNaN(ms) ? ms : undefined;
}
