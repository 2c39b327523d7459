import { arrayOf, isRecord, numberOf, integerOf, stringOf } from '../words/json.ts';
import {
  ACTIVITIES,
  CAUSES,
  CONFIDENCES,
  EVIDENCE_KINDS,
  LAYERS,
  OUTCOMES,
  SENDER_RELATIONS,
  VERDICT_DETAILS,
  wordOf,
  type Activity,
  type Cause,
  type Confidence,
  type EvidenceKind,
  type Layer,
  type Outcome,
  type SenderRelation,
  type VerdictDetail,
} from '../words/vocabulary.ts';

/** What happened to the process, and how we know. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly cause: Cause;
  readonly layer: Layer;
  readonly confidence: Confidence;
  readonly detail?: VerdictDetail;
  readonly activity?: Activity;
  readonly evidence: readonly Evidence[];
}

export interface Evidence {
  readonly kind: EvidenceKind;
  readonly ts?: string;
  readonly pid?: number;
  readonly value?: number;
  readonly limit?: number;
  readonly name?: string;
  /** What the sender of a signal was to the process that got it. */
  readonly relation?: SenderRelation;
  /** The sender's command line, credentials taken out: for the person at this machine, never in a report. */
  readonly command?: string;
}

/** Whether it tells with which status a process ended, whoever was told. The first such item is the one that counts. */
export function isExitEvidence({ kind }: Pick<Evidence, 'kind'>): boolean {
  return kind === 'exit_status' || kind === 'exit_notice';
}

/** Whether it tells of a process that the kernel killed for lack of memory. */
export function isOomKillEvidence({ kind, value }: Evidence): boolean {
  if (kind === 'kernel_log') return value === undefined; // with the number of a signal it tells of a crash
  return (kind === 'kernel_oom_counter' || kind === 'cgroup_oom_counter') && (value ?? 0) > 0;
}

export function verdictFrom(value: unknown): Verdict | undefined {
  if (!isRecord(value)) return undefined;
  const outcome = wordOf(OUTCOMES, value['outcome']);
  if (outcome === undefined) return undefined;
  const detail = wordOf(VERDICT_DETAILS, value['detail']);
  const activity = wordOf(ACTIVITIES, value['activity']);
  return {
    outcome,
    cause: wordOf(CAUSES, value['cause']) ?? 'unknown',
    layer: wordOf(LAYERS, value['layer']) ?? 'unknown',
    confidence: wordOf(CONFIDENCES, value['confidence']) ?? 'possible',
    ...(detail !== undefined && { detail }),
    ...(activity !== undefined && { activity }),
    evidence: arrayOf(value['evidence']).flatMap((item) => evidenceFrom(item) ?? []),
  };
}

export function evidenceFrom(value: unknown): Evidence | undefined {
  if (!isRecord(value)) return undefined;
  const kind = wordOf(EVIDENCE_KINDS, value['kind']);
  if (kind === undefined) return undefined;
  const ts = stringOf(value['ts']);
  const pid = integerOf(value['pid']);
  const amount = numberOf(value['value']);
  const limit = numberOf(value['limit']);
  const name = stringOf(value['name']);
  const relation = wordOf(SENDER_RELATIONS, value['relation']);
  const command = stringOf(value['command']);
  return {
    kind,
    ...(ts !== undefined && { ts }),
    ...(pid !== undefined && { pid }),
    ...(amount !== undefined && { value: amount }),
    ...(limit !== undefined && { limit }),
    ...(name !== undefined && { name }),
    ...(relation !== undefined && { relation }),
    ...(command !== undefined && { command }),
  };
}
