import { humanKb, humanSeconds } from '../core/words/humanUnits.ts';
import { suspectedLayer } from '../core/failures/suspect.ts';
import type { ListedFacts } from '../core/find/listedFacts.ts';
import { endWords } from '../core/find/shownWords.ts';
import { isoFromMs } from '../core/words/time.ts';
import { wordsOf } from '../core/words/vocabularyWords.ts';
import { clipped, printable, type Terminal } from './terminal.ts';

/** What one line of `list` is made of. */
export interface TableRow {
  readonly facts: ListedFacts;
  readonly peakKb: number;
  readonly label: string | null;
}

const HEADINGS = ['started', 'session', 'ended', 'took', 'peak', '!', 'suspect', 'command'];
/** On a screen that is too narrow, what goes first. */
const LEAST_WANTED = [6, 5, 4, 3];
/** As much of a command as tells one from another. */
const TITLE_WIDTH = 24;

/**
 * One line per session: when, id, how it ended, how long it took, its peak, its anomalies, whom to suspect, its command.
 * A screen gets lines that fit, with the title last; a pipe gets all of the command.
 */
export function sessionTable(sessions: readonly TableRow[], terminal: Terminal): string[] {
  const rows = sessions.map((session) => cellsOf(session, terminal.isScreen));
  const widths = HEADINGS.slice(0, -1).map((heading, column) =>
    Math.max(
      0,
      ...rows
        .map((cells) => cells[column]?.length ?? 0)
        .map((width) => (width === 0 ? 0 : Math.max(width, heading.length))),
    ),
  );
  const titleWidth = Math.min(TITLE_WIDTH, Math.max(0, ...rows.map((cells) => cells.at(-1)?.length ?? 0)));
  for (const column of terminal.isScreen ? LEAST_WANTED : []) {
    const taken = widths.reduce((sum, width) => sum + (width === 0 ? 0 : width + 2), 0);
    if (taken + titleWidth > terminal.columns) widths[column] = 0;
  }
  const line = (cells: readonly string[]): string => {
    const whole = row(cells, widths);
    return terminal.isScreen ? clipped(whole, terminal.columns) : whole;
  };
  return [
    terminal.styled('dim', line(HEADINGS)),
    ...sessions.map(({ facts }, index) => {
      const ended = endedAs(facts);
      return line(rows[index] ?? []).replace(ended, () => terminal.styled(colourOf(facts), ended));
    }),
  ];
}

function cellsOf({ facts, peakKb, label }: TableRow, isScreen: boolean): string[] {
  const { durationSeconds, command, title } = facts;
  return [
    facts.startMs === undefined ? '?' : localMinute(isoFromMs(facts.startMs)),
    clipped(printable(facts.id), 40),
    endedAs(facts),
    durationSeconds === undefined ? '' : humanSeconds(durationSeconds),
    peakKb > 0 ? humanKb(peakKb) : '',
    facts.anomalyCount > 0 ? String(facts.anomalyCount) : '',
    printable(suspectedLayer(facts.suspect) ?? ''),
    printable(isScreen ? title : label === null ? command || title : `${label}: ${command}`),
  ];
}

function row(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .flatMap((cell, column) => (widths[column] === 0 ? [] : [cell.padEnd(widths[column] ?? 0)]))
    .join('  ')
    .trimEnd();
}

function endedAs(facts: ListedFacts): string {
  // A later version's cause is told in its own word.
  const ended = facts.laterCause === undefined ? endWords(facts) : printable(wordsOf(facts.laterCause));
  return facts.isLogOnly ? `${ended} (log only)` : ended;
}

function colourOf({ outcome }: ListedFacts): 'cyan' | 'green' | 'yellow' | 'red' {
  if (outcome === 'running') return 'cyan';
  if (outcome === 'succeeded') return 'green';
  return outcome === 'stopped' ? 'yellow' : 'red';
}

/** `11-21 03:17`, in the reader's own time zone. */
export function localMinute(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '?';
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
