import { existsSync, readFileSync } from 'node:fs';
import { openSession } from '../../../src/agents/openCode/openCodeDatabase.ts';
import { createTranscriptAnalyzer } from '../../../src/agents/transcriptReader.ts';
import type { FailureSource } from '../../../src/core/session/failures.ts';
import type { TranscriptEvent } from '../../../src/core/failures/transcriptEvents.ts';
import type { Labels } from './situations.ts';

export interface Score {
  failures: number;
  detected: number;
  accepted: number;
  best: number;
  benign: number;
  falseAlarms: number;
}

export const NO_SCORE: Score = { failures: 0, detected: 0, accepted: 0, best: 0, benign: 0, falseAlarms: 0 };

export function added(a: Score, b: Score): Score {
  const sum = { ...a };
  for (const key of Object.keys(sum) as (keyof Score)[]) sum[key] += b[key]; // a literal of this type has its keys
  return sum;
}

export interface LogScore extends Score {
  readonly format: string;
  readonly misses: readonly string[];
  /** Failures outside any call. */
  readonly outside: readonly FailureSource[];
}

type Seen = TranscriptEvent & { readonly line: number };

/** A file of lines, or `<database>#<session>`. */
export function linesOf(path: string): readonly string[] {
  const [file = '', id] = path.split('#');
  if (id === undefined) return existsSync(file) ? readFileSync(file, 'utf8').replace(/\n$/, '').split('\n') : [];
  const lines: string[] = [];
  const opened = openSession(file, { id, cwd: '', startMs: 0, endMs: 0 });
  if (opened.type === 'session') opened.read((line) => lines.push(line));
  return lines;
}

/** Puts what the reader told of a log beside the labels of the calls that the model asked for. */
export function scoreLog(
  lines: readonly string[],
  labels: readonly Labels[],
  isEnded: boolean,
  held?: ReadonlySet<number>,
): LogScore {
  const events: Seen[] = [];
  const analyzer = createTranscriptAnalyzer({
    handleOf: (line) => `src:0123456789ab:L${line}`,
    onEvent: (event, { line }) => events.push({ ...event, line }),
  });
  for (const line of lines) analyzer.push(line);
  analyzer.finish();
  const { sources, format } = analyzer.snapshotOf();
  const told = toldOf(sources, events);
  const score = { ...NO_SCORE };
  const misses: string[] = [];
  for (const [i, accept] of labels.entries()) {
    if (held?.has(i) === false) continue;
    const answers = told.ofCalls.get(i) ?? [];
    const answer = answers.map(({ category }) => category).join('+') || 'none';
    addTo(score, accept, answer);
    if (!accept.includes(answer as Labels[number])) misses.push(`call ${i}: ${answer}, not ${accept.join('|')}`);
  }
  const outside = told.outside.filter(({ rule }) => !isEnded || rule !== 'turn_open_at_end');
  return { ...score, format, misses, outside };
}

function addTo(score: Score, accept: Labels, answer: string): void {
  const isAccepted = accept.some((label) => label === answer);
  if (accept.includes('none')) {
    score.benign += 1;
    if (!isAccepted) score.falseAlarms += 1;
    return;
  }
  score.failures += 1;
  if (answer !== 'none') score.detected += 1;
  if (isAccepted) score.accepted += 1;
  if (answer === accept[0]) score.best += 1;
}

/** Each failure beside the number of its call: by the id that the scripted model gave, else by the calls' order. */
function toldOf(
  sources: readonly FailureSource[],
  events: readonly Seen[],
): { readonly ofCalls: ReadonlyMap<number, FailureSource[]>; readonly outside: FailureSource[] } {
  const orderOf = callOrder(events);
  const ofCalls = new Map<number, FailureSource[]>();
  const outside: FailureSource[] = [];
  const used = new Set<Seen>();
  for (const source of sources) {
    const event = events.find((one) => one.line === source.line && !used.has(one) && isOf(one, source));
    if (event !== undefined) used.add(event);
    const call = event !== undefined && 'call' in event ? event.call : undefined;
    const at = call === undefined ? undefined : orderOf.get(call);
    if (at === undefined) outside.push(source);
    else ofCalls.set(at, [...(ofCalls.get(at) ?? []), source]);
  }
  return { ofCalls, outside };
}

function isOf(event: Seen, { rule }: FailureSource): boolean {
  if (rule === 'turn_open_at_end') return false;
  return rule === 'call_open_at_end'
    ? event.type === 'call_opened'
    : /^(?:call_failed|failed|retrying)$/.test(event.type);
}

function callOrder(events: readonly Seen[]): ReadonlyMap<string, number> {
  const order = new Map<string, number>();
  for (const event of events) {
    if (!('call' in event) || event.call === undefined || order.has(event.call)) continue;
    const own = /call_(\d\d)$/.exec(event.call)?.[1];
    order.set(event.call, own === undefined ? order.size : Number(own));
  }
  return order;
}
