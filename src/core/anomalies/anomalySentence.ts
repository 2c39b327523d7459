import { humanKb, humanSeconds } from '../words/humanUnits.ts';
import { integerOf, numberOf, stringOf, type JsonRecord } from '../words/json.ts';
import { displayText } from '../words/displayText.ts';
import { stallSentence } from './stallSentence.ts';
import { kindWords } from '../words/vocabularyWords.ts';

/** An anomaly in one sentence; `undefined` where its numbers do not make one, and its fields have to do. */
export function anomalySentence(kind: string, detail: JsonRecord): string | undefined {
  const say = Object.hasOwn(SENTENCES, kind) ? SENTENCES[kind] : undefined;
  return say?.(detail);
}

/** For a notification, which has no room for fields. */
export function anomalyNews(kind: string, detail: JsonRecord): string {
  return anomalySentence(kind, detail) ?? `${kindWords(kind)}.`;
}

const SENTENCES: { readonly [kind: string]: (detail: JsonRecord) => string | undefined } = {
  oom_forecast: forecast,
  memory_limit_near: (detail) => {
    const [used, limit] = [numberOf(detail['used_kb']), numberOf(detail['limit_kb'])];
    return used === undefined || limit === undefined
      ? undefined
      : `Memory: ${humanKb(used)} of ${humanKb(limit)} used.`;
  },
  oom_kill: (detail) => {
    const pid = integerOf(detail['killed_pid']);
    const who = displayText(stringOf(detail['killed_comm']) ?? 'a process', 60);
    const limit = numberOf(detail['limit_kb']);
    return `The kernel killed ${who}${pid === undefined ? '' : ` (pid ${pid})`} for memory${limit === undefined ? '' : ` (limit ${humanKb(limit)})`}.`;
  },
  leftover_processes: (detail) => {
    const count = integerOf(detail['process_count']);
    const used = numberOf(detail['rss_kb']);
    if (count === undefined) return undefined;
    const were = count === 1 ? '1 process was' : `${count} processes were`;
    return `${were} left behind${used === undefined ? '' : ` (${humanKb(used)})`}.`;
  },
  stalled: (detail) => displayText(stallSentence(detail), 400),
};

function forecast(detail: JsonRecord): string | undefined {
  const limit = numberOf(detail['limit_kb']);
  const [least, most] = [numberOf(detail['seconds_to_limit_earliest']), numberOf(detail['seconds_to_limit_latest'])];
  const pace = numberOf(detail['kb_per_second']);
  if (limit === undefined || most === undefined || pace === undefined) return undefined;
  const what = detail['resource'] === 'disk' ? 'The disk fills' : 'Memory grows';
  const end = detail['resource'] === 'disk' ? 'it is full' : `the limit of ${humanKb(limit)} is reached`;
  const range =
    least === undefined || least === most
      ? `about ${humanSeconds(most)}`
      : `${humanSeconds(least)} to ${humanSeconds(most)}`;
  return `${what} by ${humanKb(pace)} a second; ${end} in ${range}.`;
}
