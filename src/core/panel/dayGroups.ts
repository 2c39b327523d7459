import { DAY_GROUPS, dayGroupOf, type DayGroup } from '../find/shownWords.ts';
import type { ListItem } from './incidentView.ts';

/** Recorded sessions of a day or of all days before, with the incidents that stand above them. */
export interface SessionDay {
  readonly name: DayGroup;
  readonly items: readonly ListItem[];
}

/** What runs stands above all days. */
export function dayGroups(
  items: readonly ListItem[],
  nowMs: number,
): { readonly running: readonly ListItem[]; readonly days: readonly SessionDay[] } {
  const isRunning = (item: ListItem): boolean => item.type === 'session' && item.row.isRunning;
  const ended = items.filter((item) => !isRunning(item));
  const dayOf = ({ type, row }: ListItem): DayGroup =>
    dayGroupOf(type === 'session' ? row.startMs : row.firstMs, nowMs);
  const days = DAY_GROUPS.map((name) => ({ name, items: ended.filter((item) => dayOf(item) === name) }));
  return { running: items.filter(isRunning), days: days.filter(({ items: own }) => own.length > 0) };
}
