import { isRecord, jsonLine, stringOf, type JsonRecord } from '../words/json.ts';
import { STILL_RUNNING } from './summaryVerdict.ts';
import { isoFromMs, msFromIso } from '../words/time.ts';
import type { Verdict } from './verdict.ts';
import { wordOf } from '../words/vocabulary.ts';

/**
 * devboy's session traces: `<root>/.devboy/sessions/<day>/<skill>/<session_id>/{trace.jsonl, meta.json}`. Other tools
 * append to the same files, so a phase we do not know is kept as it is.
 */
export interface DevboyLine {
  readonly ts: string;
  readonly skill: string;
  readonly session_id: string;
  readonly phase: string;
  readonly payload: JsonRecord;
}

export const DEVBOY_OUTCOMES = ['success', 'failure', 'aborted'] as const;
export type DevboyOutcome = (typeof DEVBOY_OUTCOMES)[number];

export interface DevboyMeta {
  readonly session_id: string;
  readonly skill: string;
  readonly skill_version?: string;
  readonly started_at: string;
  readonly ended_at?: string;
  readonly outcome?: DevboyOutcome;
  readonly input_summary?: string;
  readonly tool_calls: number;
  /** Results of tools with `ok` false. */
  readonly errors: number;
  readonly summary?: string;
}

/** A skill's name becomes a directory: letters, digits and single marks, so that none leads anywhere else. */
export function isSkillName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) && !name.includes('..');
}

export function isPhase(name: string): boolean {
  return /^[a-z][a-z0-9_]{0,31}$/.test(name);
}

/** `<day>/<skill>/<session_id>`: where a trace is below the folder of all traces, and the name of its session here. */
export function isTraceName(name: string): boolean {
  if (!name.includes('/')) return false; // asked of each session of a list
  const [day = '', skill = '', id = '', ...more] = name.split('/');
  return more.length === 0 && /^\d{4}-\d\d-\d\d$/.test(day) && isSkillName(skill) && isUlid(id);
}

/** What is known of a trace besides its meta.json. */
export interface TraceFacts {
  /** See `isTraceName`. */
  readonly name: string;
  /** The folder that holds `.devboy`. */
  readonly cwd: string;
  readonly tracePath: string;
  readonly lastWriteMs: number;
  /** Nobody has written for so long that nobody will. */
  readonly isAbandoned: boolean;
}

/** A trace told as a session is: nothing was sampled, so the trace's own word is all there is. */
export function traceSummary(
  meta: JsonRecord,
  { name, cwd, tracePath, lastWriteMs, isAbandoned }: TraceFacts,
): JsonRecord {
  const [, skill = '', id = ''] = name.split('/');
  const input = stringOf(meta['input_summary']) ?? '';
  const startTs = stringOf(meta['started_at']) ?? isoFromMs(msOfUlid(id));
  const endTs = stringOf(meta['ended_at']) ?? (isAbandoned ? isoFromMs(lastWriteMs) : undefined);
  const [startMs, endMs] = [msFromIso(startTs), msFromIso(endTs)];
  const { subtype, verdict } = endOf(meta, endTs !== undefined);
  return {
    session_id: id,
    dir_name: name,
    cwd,
    skill_command: input === '' ? skill : `${skill}: ${input}`,
    success: verdict.outcome === 'succeeded',
    subtype,
    start_ts: startTs,
    ...(endTs !== undefined && { end_ts: endTs }),
    ...(startMs !== undefined && endMs !== undefined && { duration_seconds: (endMs - startMs) / 1000 }),
    // Nothing was sampled, so nothing can be judged anew.
    anomaly_count: 0,
    transcript: tracePath,
    verdict,
  };
}

function endOf(meta: JsonRecord, isOver: boolean): { readonly subtype: string; readonly verdict: Verdict } {
  const said = { layer: 'unknown', confidence: 'certain', evidence: [] } as const;
  if (!isOver) return { subtype: '', verdict: STILL_RUNNING };
  switch (wordOf(DEVBOY_OUTCOMES, meta['outcome'])) {
    case 'success':
      return { subtype: 'success', verdict: { ...said, outcome: 'succeeded', cause: 'completed', layer: 'none' } };
    case 'failure':
      return { subtype: 'error_during_execution', verdict: { ...said, outcome: 'failed', cause: 'unknown' } };
    case 'aborted':
      return { subtype: 'stopped', verdict: { ...said, outcome: 'stopped', cause: 'stopped', layer: 'user' } };
    case undefined:
      return { subtype: 'lost', verdict: { ...said, outcome: 'lost', cause: 'lost', confidence: 'possible' } };
  }
}

/** Crockford's alphabet: no I, L, O and U. */
const ULID_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 48 bits of time and 80 random bits; `random` are ten bytes. */
export function ulid(epochMs: number, random: Uint8Array): string {
  let time = '';
  for (let left = Math.floor(epochMs), i = 0; i < 10; i += 1, left = Math.floor(left / 32)) {
    time = ULID_ALPHABET.charAt(left % 32) + time;
  }
  let bits = 0;
  let held = 0;
  let tail = '';
  for (const byte of random.subarray(0, 10)) {
    bits = ((bits << 8) | byte) & 0xfff;
    for (held += 8; held >= 5; held -= 5) tail += ULID_ALPHABET.charAt((bits >>> (held - 5)) & 31);
  }
  return time + tail;
}

/** When a ULID was made. */
function msOfUlid(id: string): number {
  let ms = 0;
  for (const digit of id.slice(0, 10)) ms = ms * 32 + ULID_ALPHABET.indexOf(digit);
  return ms;
}

export function isUlid(text: string): boolean {
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text);
}

export function devboyLine(line: DevboyLine): string {
  // In devboy's own order: people read these files.
  const { ts, skill, session_id, phase, payload } = line;
  return JSON.stringify({ ts, skill, session_id, phase, payload: JSON.parse(jsonLine(payload)) as unknown });
}

/** What the trace itself says; `known` holds what only the one who began it knew. */
export function devboyMeta(lines: readonly unknown[], known: DevboyMeta): DevboyMeta {
  let { started_at: startedAt } = known;
  let toolCalls = 0;
  let errors = 0;
  let ended: JsonRecord | undefined;
  for (const line of lines) {
    if (!isRecord(line)) continue;
    const payload = isRecord(line['payload']) ? line['payload'] : {};
    if (line['phase'] === 'start') startedAt = stringOf(line['ts']) ?? startedAt;
    if (line['phase'] === 'tool_call') toolCalls += 1;
    if (line['phase'] === 'tool_result' && payload['ok'] === false) errors += 1;
    if (line['phase'] === 'end') ended = line;
  }
  const end = isRecord(ended?.['payload']) ? ended['payload'] : {};
  const endedAt = stringOf(ended?.['ts']);
  const outcome = DEVBOY_OUTCOMES.find((word) => word === end['outcome']);
  const summary = stringOf(end['summary']);
  return {
    ...known,
    started_at: startedAt,
    ...(endedAt !== undefined && { ended_at: endedAt }),
    ...(outcome !== undefined && { outcome }),
    tool_calls: toolCalls,
    errors,
    ...(summary !== undefined && summary !== '' && { summary }),
  };
}
