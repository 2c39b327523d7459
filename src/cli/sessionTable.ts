import { humanKb, humanSeconds } from '../core/words/humanUnits.ts';
import { suspectedLayer } from '../core/failures/suspect.ts';
import { listedEnd } from '../core/session/summaryVerdict.ts';
import { CAUSES, wordOf, type Outcome } from '../core/words/vocabulary.ts';
import { causeWords, wordsOf } from '../core/words/vocabularyWords.ts';
import { clipped, printable, type Terminal } from './terminal.ts';

/** What one line of `list` is made of. */
export interface ListedSession {
  readonly dir_name: string;
  readonly state: 'running' | 'finished' | 'log_only';
  /** Of a session that is known from its log only. */
  readonly outcome?: Outcome;
  readonly timestamp: string;
  readonly success: boolean;
  readonly subtype: string;
  readonly exit_code: number | null | undefined;
  readonly cause: string | null;
  readonly duration_seconds: number | null;
  readonly anomaly_count: number;
  readonly peak_rss_kb: number;
  readonly skill_command: string;
  readonly suspect: string | null;
  readonly label: string | null;
}

/** One line per session: when, id, how it ended, how long it took, its peak, its anomalies, whom to suspect, its command. */
export function sessionTable(sessions: readonly ListedSession[], terminal: Terminal): string[] {
  const isSomebodySuspect = sessions.some(({ suspect }) => suspectedLayer(suspect) !== undefined);
  const rows = [
    ['started', 'session', 'ended', 'took', 'peak', '!', isSomebodySuspect ? 'suspect' : '', 'command'],
    ...sessions.map((session) => [
      localMinute(session.timestamp),
      clipped(printable(session.dir_name), 40),
      endedAs(session),
      session.duration_seconds === null ? '' : humanSeconds(session.duration_seconds),
      session.peak_rss_kb > 0 ? humanKb(session.peak_rss_kb) : '',
      session.anomaly_count > 0 ? String(session.anomaly_count) : '',
      printable(suspectedLayer(session.suspect) ?? ''),
      printable(session.label === null ? session.skill_command : `${session.label}: ${session.skill_command}`),
    ]),
  ];
  // The command is last and takes what is left of the line.
  const widths = [0, 1, 2, 3, 4, 5, 6].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells, position) => {
    const line = terminal.isScreen ? clipped(row(cells, widths), terminal.columns) : row(cells, widths);
    const session = sessions[position - 1];
    if (session === undefined) return terminal.styled('dim', line);
    const ended = endedAs(session);
    return line.replace(ended, () => terminal.styled(colourOf(session), ended));
  });
}

function row(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .flatMap((cell, column) => (widths[column] === 0 ? [] : [cell.padEnd(widths[column] ?? 0)]))
    .join('  ')
    .trimEnd();
}

function endedAs(session: ListedSession): string {
  if (isRunning(session)) return session.state === 'log_only' ? 'Running (log only)' : 'Running';
  return session.state === 'log_only' ? `${endWords(session)} (log only)` : endWords(session);
}

function isRunning({ state, outcome }: ListedSession): boolean {
  return state === 'running' || outcome === 'running';
}

function endWords(session: ListedSession): string {
  // A later version's cause is told in its own word.
  if (session.cause !== null && wordOf(CAUSES, session.cause) === undefined) return printable(wordsOf(session.cause));
  const { outcome, cause } = listedEnd({ ...session, state: 'finished' });
  if (cause !== undefined) return causeWords(cause);
  return outcome === 'lost' ? 'Lost' : session.success ? 'Completed' : 'Failed';
}

function colourOf(session: ListedSession): 'cyan' | 'green' | 'yellow' | 'red' {
  if (isRunning(session)) return 'cyan';
  if (session.success) return 'green';
  return session.cause === 'stopped' || session.cause === 'interrupted' ? 'yellow' : 'red';
}

/** `11-21 03:17`, in the reader's own time zone. */
export function localMinute(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '?';
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
