import { arrayOf, isRecord, stringOf } from '../words/json.ts';
import { isSafeName } from '../words/sessionId.ts';
import { evidenceFrom, type Evidence } from './verdict.ts';
import { CAUSES, CONFIDENCES, wordOf, type Cause, type Confidence } from '../words/vocabulary.ts';

/** Several sessions that died within a short window, whoever recorded them: `<root>/incidents/<incident_id>.json`. */
export interface Incident {
  readonly schema_version: 1;
  readonly incident_id: string;
  readonly first_ts: string;
  readonly last_ts: string;
  /** Of the first candidate; without any, what most of the sessions died of. */
  readonly cause: Cause;
  readonly confidence: Confidence;
  /** What they may have had in common, the best proven first. */
  readonly candidates: readonly IncidentCandidate[];
  /** In the order of their deaths. */
  readonly sessions: readonly IncidentSession[];
}

/** In the order in which equally proven ones are named: what hits a whole machine before what hits a part of it. */
export const INCIDENT_CAUSE_NAMES = [
  'kernel_oom',
  'tmux_server',
  'logout',
  'reboot',
  'killer_process',
  'full_disk',
  'network_loss',
] as const;
export type IncidentCauseName = (typeof INCIDENT_CAUSE_NAMES)[number];

export interface IncidentCandidate {
  readonly cause: Cause;
  readonly name: IncidentCauseName;
  readonly confidence: Confidence;
  readonly evidence: readonly Evidence[];
}

export interface IncidentSession {
  readonly session_id: string;
  readonly dir_name: string;
  /** Of its death. */
  readonly ts: string;
  readonly cause: Cause;
}

/** `incident-2026-03-01-4f9a1c07`; the random part is the caller's. */
export function newIncidentId(isoDate: string, random: string): string {
  return `incident-${isoDate.slice(0, 10)}-${random}`;
}

const INCIDENT_ID = /^incident-\d{4}-\d{2}-\d{2}-[0-9a-z]{1,32}$/;

export function isIncidentId(text: string): boolean {
  return INCIDENT_ID.test(text);
}

/** Reads an incident's file; `undefined` when it names no sessions, or its id is none. */
export function incidentFrom(value: unknown): Incident | undefined {
  if (!isRecord(value)) return undefined;
  const incidentId = stringOf(value['incident_id']);
  const sessions = arrayOf(value['sessions']).flatMap((session) => incidentSessionFrom(session) ?? []);
  const first = sessions[0];
  const last = sessions.at(-1);
  if (incidentId === undefined || !isIncidentId(incidentId) || first === undefined || last === undefined) {
    return undefined;
  }
  return {
    schema_version: 1,
    incident_id: incidentId,
    first_ts: stringOf(value['first_ts']) ?? first.ts,
    last_ts: stringOf(value['last_ts']) ?? last.ts,
    cause: wordOf(CAUSES, value['cause']) ?? 'unknown',
    confidence: wordOf(CONFIDENCES, value['confidence']) ?? 'possible',
    candidates: arrayOf(value['candidates']).flatMap((candidate) => candidateFrom(candidate) ?? []),
    sessions,
  };
}

function candidateFrom(value: unknown): IncidentCandidate | undefined {
  if (!isRecord(value)) return undefined;
  const name = wordOf(INCIDENT_CAUSE_NAMES, value['name']);
  if (name === undefined) return undefined;
  return {
    cause: wordOf(CAUSES, value['cause']) ?? 'unknown',
    name,
    confidence: wordOf(CONFIDENCES, value['confidence']) ?? 'possible',
    evidence: arrayOf(value['evidence']).flatMap((item) => evidenceFrom(item) ?? []),
  };
}

function incidentSessionFrom(value: unknown): IncidentSession | undefined {
  if (!isRecord(value)) return undefined;
  const dirName = stringOf(value['dir_name']);
  const ts = stringOf(value['ts']);
  if (dirName === undefined || !isSafeName(dirName) || ts === undefined) return undefined;
  return {
    session_id: stringOf(value['session_id']) ?? dirName,
    dir_name: dirName,
    ts,
    cause: wordOf(CAUSES, value['cause']) ?? 'unknown',
  };
}
