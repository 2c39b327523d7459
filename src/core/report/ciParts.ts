import { HARNESS_TABLE, type HarnessVerdict } from './harnessVerdict.ts';
import type { SessionReport } from './report.ts';
import { kindsText, sentenceOf, suspectLine } from './reportMarkdown.ts';
import { AGENTS } from '../words/agentTable.ts';
import { BAD_OUTCOMES, FAILURE_CATEGORIES } from '../words/vocabulary.ts';
import { clippedText, displayText } from '../words/displayText.ts';
import { callWords, categoryWords, detailWords, kindWords } from '../words/vocabularyWords.ts';
import { humanKb, humanSeconds } from '../words/humanUnits.ts';

/** What a person chose to add to a page that others read: redacted before it comes here. */
export interface CiTexts {
  readonly command: string;
  readonly lastWords: readonly string[];
}

/** What a CI system shows of an ended session, before any system's own way to show it. */
export interface CiParts {
  readonly isBad: boolean;
  readonly title: string;
  readonly sentence: string;
  readonly suspect: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** A small timeline, in lines of one width. */
  readonly course: readonly string[];
  readonly failures: readonly string[];
  readonly added: readonly { readonly title: string; readonly lines: readonly string[] }[];
}

export interface CiEnd {
  /** Of the proven report: nothing else of the session gets onto a page that is often public. */
  readonly session: SessionReport;
  readonly verdict: Pick<HarnessVerdict, 'blame' | 'retry' | 'cause'>;
  readonly texts: CiTexts | undefined;
}

export function ciParts({ session, verdict, texts }: CiEnd): CiParts {
  const { outcome } = session.verdict;
  return {
    isBad: BAD_OUTCOMES.has(outcome),
    title: `Session Diagnostics: ${outcome}`,
    sentence: sentenceOf(session),
    suspect: suspectLine(session.failures),
    facts: factsOf(session, verdict),
    course: courseOf(session),
    failures: failuresOf(session),
    added: texts === undefined ? [] : addedOf(texts),
  };
}

/** What is not known is not told: a person is not helped by it. */
function factsOf(session: SessionReport, { blame, retry, cause }: CiEnd['verdict']): CiParts['facts'] {
  const { timeline, tree, episodes, agent } = session;
  const kinds = episodes.filter(({ severity, kind }) => severity !== 'info' && kind !== 'leftover_processes');
  const fds = timeline.peak_fd_ratio ?? 0;
  const facts: (readonly [string, string | undefined])[] = [
    ['Agent', agent === 'other' ? undefined : `${AGENTS[agent].name} ${session.agent_version ?? ''}`.trimEnd()],
    ['Blame', SAYING_NOTHING.has(blame) ? undefined : blame],
    ['Starting it again', SAYING_NOTHING.has(retry) ? undefined : `${retry}: ${HARNESS_TABLE[cause].because}`],
    ['Exit code', session.exit_code === null ? undefined : String(session.exit_code)],
    ['Time', session.duration_seconds === null ? undefined : humanSeconds(session.duration_seconds)],
    ['Processes', tree.most_processes === 0 ? undefined : `${tree.most_processes} at most`],
    ['Descriptors', fds < TELLING_SHARE ? undefined : `${Math.round(fds * 100)}% of the limit`],
    ['Left behind', kindsText(tree.leftovers)],
    ['Noticed', [...new Set(kinds.map(({ kind }) => kindWords(kind)))].slice(0, MOST_ROWS).join(', ')],
  ];
  return facts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value] as const]));
}

const SAYING_NOTHING: ReadonlySet<string> = new Set(['none', 'unknown']);
/** Of the open files that it may have: from here on they may have been the reason. */
const TELLING_SHARE = 0.5;

/** Of failures and anomalies: a page of a job is no place for more. */
const MOST_ROWS = 10;

function failuresOf({ failures }: SessionReport): string[] {
  if (failures === null) return [];
  const counts = FAILURE_CATEGORIES.filter((category) => category !== 'unknown').flatMap((category) => {
    const count = failures.counts[category];
    return count === undefined ? [] : [`${count} ${categoryWords(category).toLowerCase()}`];
  });
  if (counts.length === 0) return [];
  const told = failures.sources.filter(({ category }) => category !== 'unknown').slice(0, MOST_ROWS);
  const rows = told.map(({ category, detail, tool_kind: tool, exit_code: code }) =>
    [
      detailWords(category, detail ?? undefined) ?? categoryWords(category),
      ...(tool === null ? [] : [callWords(tool)]),
      ...(code === null ? [] : [`exit code ${code}`]),
    ].join(', '),
  );
  return [counts.join(', '), ...new Set(rows)];
}

function courseOf({ timeline }: SessionReport): string[] {
  const { points } = timeline;
  if (points.length < 2) return [];
  const memory = points.map(({ tree_rss_kb: tree, rss_kb: own }) => tree ?? own);
  const most = timeline.peak_tree_rss_kb ?? timeline.peak_rss_kb;
  const rows: (readonly [string, readonly (number | null)[], string])[] = [
    ['memory', memory, most ? humanKb(most) : ''],
    ['cpu', points.map((point) => point.cpu_percent), percent(timeline.peak_cpu_percent)],
    ['descriptors', points.map((point) => point.fds), String(Math.max(...points.map((point) => point.fds ?? 0)))],
  ];
  return rows.flatMap(([name, values, peak]) =>
    values.some((value) => value !== null && value > 0)
      ? [`${name.padEnd(11)}  ${sparkline(values)}  ${peak} at most`]
      : [],
  );
}

function percent(value: number | null): string {
  return value === null ? '' : `${value}%`;
}

const BARS = '▁▂▃▄▅▆▇█';

/** From nothing to the highest; a blank where nothing is known. */
export function sparkline(values: readonly (number | null)[]): string {
  const most = Math.max(...values.map((value) => value ?? 0));
  return values
    .map((value) => {
      if (value === null) return ' ';
      return most <= 0 ? BARS[0] : BARS[Math.min(BARS.length - 1, Math.floor((value / most) * BARS.length))];
    })
    .join('');
}

const MOST_WORDS = 20;
const MOST_CHARACTERS = 300;

/** In letters that can do nothing: no control character, none that hides or turns round what follows. */
function addedOf({ command, lastWords }: CiTexts): CiParts['added'] {
  const shown = (text: string): string => displayText(clippedText(text, MOST_CHARACTERS));
  const words = lastWords.slice(-MOST_WORDS).map(shown);
  return [
    ...(command === '' ? [] : [{ title: 'Command', lines: [shown(command)] }]),
    ...(words.length === 0 ? [] : [{ title: 'What it printed last', lines: words }]),
  ];
}
