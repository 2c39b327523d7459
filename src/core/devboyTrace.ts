import { isRecord, jsonLine, stringOf, type JsonRecord } from './json.ts';

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
