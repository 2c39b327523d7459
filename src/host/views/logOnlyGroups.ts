import type { SessionRow } from '../../core/panel/sessionView.ts';

/** Sessions that nobody recorded, together by where and when they were. */
export interface LogOnlyGroup {
  /** The same for as long as the view shows it. */
  readonly id: string;
  readonly label: string;
  readonly rows: readonly SessionRow[];
  readonly isOpen: boolean;
}

const DAY_MS = 86_400_000;

/** First those of this workspace, then all others by day, the newest first; what is some days old is folded. */
export function logOnlyGroups(
  rows: readonly SessionRow[],
  folders: readonly string[],
  nowMs: number,
): readonly LogOnlyGroup[] {
  const here = rows.filter((row) => folders.some((folder) => isIn(row.logOnly?.folder, folder)));
  const groups: LogOnlyGroup[] =
    here.length === 0 ? [] : [{ id: 'here', label: 'This workspace', rows: here, isOpen: true }];
  const byDay = new Map<number, SessionRow[]>();
  for (const row of rows.filter((one) => !here.includes(one))) {
    const day = dayOf(row.logOnly?.lastMs ?? nowMs);
    byDay.set(day, [...(byDay.get(day) ?? []), row]);
  }
  for (const [dayMs, ofDay] of [...byDay].toSorted(([a], [b]) => b - a)) {
    const age = Math.round((dayOf(nowMs) - dayMs) / DAY_MS);
    const isOpen = age < 2 || (groups.length === 0 && byDay.size === 1);
    groups.push({ id: `day ${dayMs}`, label: dayWords(dayMs, age), rows: ofDay, isOpen });
  }
  return groups;
}

function isIn(path: string | undefined, folder: string): boolean {
  return path === folder || path?.startsWith(`${folder}/`) === true || path?.startsWith(`${folder}\\`) === true;
}

/** Midnight in the reader's own time zone. */
function dayOf(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

function dayWords(dayMs: number, age: number): string {
  if (age <= 0) return 'Today';
  if (age === 1) return 'Yesterday';
  return new Date(dayMs).toLocaleDateString(undefined, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
  });
}
