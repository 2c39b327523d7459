import type { FieldMeaning, ValueForm } from './fieldMeaning.ts';
import { humanBytes, humanKb, humanSeconds } from '../words/humanUnits.ts';
import { integerOf, isRecord, type JsonRecord } from '../words/json.ts';
import { calibratedOomShare } from '../anomalies/oomShare.ts';
import { signalsInMask } from '../words/signalMask.ts';
import { signalOfExitCode } from '../words/signals.ts';
import { msFromIso } from '../words/time.ts';
import { waitChannelMeaning } from '../words/waitChannel.ts';
import { wordMeaning } from './wordMeanings.ts';

/** What a value is said beside. */
export interface ValueContext {
  /** The record that holds it: some values only tell together with another. */
  readonly record: JsonRecord;
  readonly startMs: number | undefined;
  /** In the reader's time zone. */
  readonly localTime: (ms: number) => string;
}

/** A value in the words of a person; `undefined` when the value says it all itself. */
export function fieldWords(
  field: string,
  { form }: FieldMeaning,
  value: unknown,
  context: ValueContext,
): string | undefined {
  if (value === null) return 'Not known.';
  if (typeof value === 'number') return Number.isFinite(value) ? numberWords(form, value, context) : undefined;
  if (typeof value === 'string') return textWords(field, form, value, context);
  if (typeof value === 'boolean') return undefined;
  return Array.isArray(value) ? counted(value.length, 'entry', 'entries') : recordWords(value);
}

const NUMBERS: Partial<Record<ValueForm, (value: number) => string | undefined>> = {
  count: (value) => (value < 0 ? 'Not readable.' : value < 10_000 ? undefined : value.toLocaleString('en-US')),
  kb: (value) => (value === 0 ? undefined : humanKb(value)),
  mb: (value) => humanKb(value * 1024),
  bytes: humanBytes,
  kb_per_second: (value) => `${humanKb(value)} each second, ${humanKb(value * 3600)} an hour`,
  seconds: (value) => (value < 0 ? undefined : humanSeconds(value)),
  cpu_percent: (value) => `${(value / 100).toFixed(2)} of a core’s time`,
  percent: (value) => `${value}%`,
  ratio: (value) => `${(value * 100).toFixed(1)}%`,
  per_mille: (value) => `${(value / 10).toFixed(1)}% of memory and swap`,
  ticks: (value) => `${humanSeconds(value / 100)} after the start of the machine`,
  fd_limit: (value) => (value === -1 ? 'Unlimited.' : undefined),
  exit_code: exitCodeWords,
  oom_score_adj: adjustmentWords,
};

function numberWords(form: ValueForm, value: number, { record }: ValueContext): string | undefined {
  return form === 'oom_score' ? oomScoreWords(value, integerOf(record['oom_score_adj'])) : NUMBERS[form]?.(value);
}

function textWords(field: string, form: ValueForm, value: string, context: ValueContext): string | undefined {
  if (form === 'instant') return instantWords(value, context);
  if (form === 'signals') return value === '' ? 'Not readable.' : signalWords(value);
  if (form === 'wchan') return value === '' ? 'Not readable.' : sentence(waitChannelMeaning(value));
  if (form === 'word') return sentence(wordMeaning(wordField(field, context.record), value));
  return undefined;
}

/** Why a recorder did not run is another vocabulary than why a session ended, and shares words with it. */
function wordField(field: string, record: JsonRecord): string {
  return field === 'reason' && record['event'] === 'heartbeat_missed' ? 'gap' : field;
}

/** Local time, and how far into the session. */
function instantWords(value: string, { startMs, localTime }: ValueContext): string | undefined {
  const ms = msFromIso(value);
  if (ms === undefined) return undefined;
  const offset = startMs === undefined ? '' : `, ${offsetWords(ms - startMs)}`;
  return `${localTime(ms)}${offset}`;
}

/** `12 s after the start`; a clock that was set back, or an event of before, gives the other direction. */
function offsetWords(ms: number): string {
  if (ms === 0) return 'at the start';
  return `${humanSeconds(Math.abs(ms) / 1000)} ${ms > 0 ? 'after' : 'before'} the start`;
}

function signalWords(mask: string): string | undefined {
  const names = signalsInMask(mask);
  if (names === undefined) return undefined;
  if (names.length === 0) return 'None.';
  return names.length > 40 ? `All but ${64 - names.length} of the 64 signals.` : names.join(', ');
}

function oomScoreWords(score: number, adjustment: number | undefined): string {
  if (score < 0) return 'Not readable.';
  if (score === 0) return 'The OOM killer leaves it alone: it is exempt, or has no memory of its own.';
  const share = calibratedOomShare(score, adjustment ?? 0);
  if (share === undefined) return 'The score does not say.';
  const percent = share === 0 ? 'hardly any' : `about ${(share / 10).toFixed(share < 100 ? 1 : 0)}%`;
  const given = adjustment === undefined ? 'if its adjustment is 0' : `its adjustment of ${adjustment} taken out`;
  return `It uses ${percent} of memory and swap (${given}).`;
}

function adjustmentWords(value: number): string | undefined {
  if (value === 0) return 'Not adjusted.';
  if (value === -1000) return 'Exempt from the OOM killer.';
  return value > 0 ? 'It dies before others that use as much.' : 'Others that use as much die before it.';
}

function exitCodeWords(code: number): string | undefined {
  if (code === 0) return 'It ended well.';
  if (code < 0) {
    const name = signalOfExitCode(128 - code);
    return `It died of signal ${-code}${name === undefined ? '' : ` (${name})`}.${code === -9 ? ` ${NO_PROOF}` : ''}`;
  }
  if (code === 124) return 'By convention `timeout` ended it.';
  if (code === 126) return 'By a shell’s convention: found, but not executable.';
  if (code === 127) return 'By a shell’s convention: no such command.';
  const signal = signalOfExitCode(code);
  if (signal === undefined) return 'It ended by itself with an error; what the number means is the program’s own.';
  return `By a shell’s convention (128 + ${code - 128}): it died of ${signal}.${code === 137 ? ` ${NO_PROOF}` : ''}`;
}

const NO_PROOF = 'SIGKILL alone does not prove that memory ran out.';

function recordWords(value: unknown): string | undefined {
  return isRecord(value) ? counted(Object.keys(value).length, 'field', 'fields') : undefined;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function sentence(words: string | undefined): string | undefined {
  return words === undefined ? undefined : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
