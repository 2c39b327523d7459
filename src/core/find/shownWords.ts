import { suspectedLayer } from '../failures/suspect.ts';
import { agentRow } from '../words/agentTable.ts';
import { humanSeconds } from '../words/humanUnits.ts';
import { AGENT_KINDS, BAD_OUTCOMES, type AgentKind, type Cause, type Outcome } from '../words/vocabulary.ts';
import { causeWords, wordsOf } from '../words/vocabularyWords.ts';
import type { ListedFacts } from './listedFacts.ts';

/** What lists show of a session: the same words everywhere, and those that a search finds. */

export function agentWords(agent: AgentKind): string {
  return agentRow(agent)?.name ?? 'Other agent';
}

export interface ShownEnd {
  readonly outcome: Outcome;
  readonly cause: Cause | undefined;
}

/** How it ended, or that it runs. */
export function endWords({ outcome, cause }: ShownEnd): string {
  return cause === undefined || outcome === 'running' ? wordsOf(outcome) : causeWords(cause);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const SMALL_MONTHS = MONTHS.map((name) => name.toLowerCase());
const two = (n: number): string => (n < 10 ? `0${n}` : String(n));

/**
 * `14:07` of today and, under its heading, of yesterday; `Nov 26 14:07` of another day, with the year where it is another
 * one. In the reader's time zone.
 */
export function whenWords(ms: number, nowMs: number, isUnderDay = false): string {
  const [at, now] = [new Date(ms), new Date(nowMs)];
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const day = dayGroupOf(ms, nowMs);
  if (day === 'Today' || (isUnderDay && day === 'Yesterday')) return clock;
  const year = at.getFullYear() === now.getFullYear() ? '' : ` ${at.getFullYear()}`;
  return `${MONTHS[at.getMonth()]} ${at.getDate()}${year} ${clock}`;
}

export const DAY_GROUPS = ['Today', 'Yesterday', 'Earlier'] as const;
export type DayGroup = (typeof DAY_GROUPS)[number];

/** In the reader's time zone. */
export function dayGroupOf(ms: number | undefined, nowMs: number): DayGroup {
  const today = new Date(nowMs).setHours(0, 0, 0, 0);
  if (ms === undefined) return 'Earlier';
  if (ms >= today) return 'Today';
  return ms >= new Date(today).setDate(new Date(today).getDate() - 1) ? 'Yesterday' : 'Earlier';
}

export interface ShownRow extends ShownEnd {
  readonly agent: AgentKind;
  readonly startMs: number | undefined;
  readonly durationSeconds: number | undefined;
  readonly logOnly?: object | undefined;
  /** Of a session of another machine. */
  readonly host?: string | undefined;
}

/** The same, where a list also has sessions that nobody recorded. */
export function stateWords(row: ShownEnd & { readonly logOnly?: object | undefined }): string {
  return row.logOnly === undefined ? endWords(row) : `${endWords(row)} (log only)`;
}

/**
 * Beside a session's title: how it ended, who it was, when it began and how long it took. Of one that runs a list says
 * since when, which stays true however long nobody draws it again.
 */
export function rowFacts(row: ShownRow, nowMs: number, isUnderDay = true): readonly string[] {
  const seconds = row.outcome === 'running' ? undefined : row.durationSeconds;
  return [
    stateWords(row),
    ...(row.agent === 'other' ? [] : [agentWords(row.agent)]),
    ...(row.startMs === undefined ? [] : [whenWords(row.startMs, nowMs, isUnderDay && row.outcome !== 'running')]),
    ...(seconds === undefined ? [] : [humanSeconds(seconds)]),
    ...(row.host === undefined ? [] : [hostWords(row.host)]),
  ];
}

export function hostWords(host: string): string {
  return `on ${host}`;
}

/**
 * All that a search looks through, in small letters; the group of its day, which changes at midnight, is not in it. Made
 * for ten thousand sessions at a time: what is the same for many of them is put together once.
 */
export function searchedText(facts: ListedFacts): string {
  const { id, title, command, folder, outcome, laterCause, agent, startMs, durationSeconds, suspect } = facts;
  const own = command.includes(title) ? '' : `${title}\n`;
  const later = laterCause === undefined ? '' : `${laterCause}\n${wordsOf(laterCause)}\n`;
  const started = startMs === undefined ? '' : datesOf(startMs);
  const took = outcome === 'running' || durationSeconds === undefined ? '' : `${humanSeconds(durationSeconds)}\n`;
  const marks = `${facts.isLogOnly ? '(log only)\n' : ''}${facts.anomalyCount > 0 ? 'anomalies\n' : ''}`;
  const host = facts.host === undefined ? '' : `${hostWords(facts.host)}\n`;
  const free = `${own}${command}\n${id}\n${folder}\n${host}${later}`.toLowerCase();
  return `${free}${endText(facts)}${agentText(agent)}${started}${took}${marks}${suspectedLayer(suspect) ?? ''}`;
}

const ENDS = new Map<string, string>();

function endText({ outcome, cause }: ShownEnd): string {
  const key = `${outcome} ${cause}`;
  let text = ENDS.get(key);
  if (text === undefined) {
    const failed = BAD_OUTCOMES.has(outcome) ? 'failed\n' : '';
    text = `${outcome}\n${wordsOf(outcome)}\n${endWords({ outcome, cause })}\n${cause ?? ''}\n${failed}`.toLowerCase();
    ENDS.set(key, text);
  }
  return text;
}

const AGENTS = new Map<AgentKind, string>(
  AGENT_KINDS.map((kind) => [kind, `${kind}\n${agentWords(kind)}\n`.toLowerCase()]),
);

function agentText(agent: AgentKind): string {
  return AGENTS.get(agent) ?? '';
}

/** As lists write it, each in its own way. */
function datesOf(ms: number): string {
  const at = new Date(ms);
  const [month, day, year] = [two(at.getMonth() + 1), two(at.getDate()), at.getFullYear()];
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  const name = `${SMALL_MONTHS[at.getMonth()]} ${at.getDate()}`;
  return `${name} ${clock}\n${month}-${day} ${clock}\n${year}-${month}-${day}\n${name} ${year} ${clock}\n`;
}
