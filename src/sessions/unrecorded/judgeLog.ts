import type { LogDigest } from '../../agents/logDigest.ts';
import { meaningOfEnd } from '../../core/failures/incompleteEnd.ts';
import { layerOf } from '../../core/failures/suspect.ts';
import type { Finding } from '../../core/death/machineRecord.ts';
import type { Evidence, Verdict } from '../../core/session/verdict.ts';
import { signalNumber } from '../../core/words/signals.ts';
import { isoFromMs } from '../../core/words/time.ts';
import type { Cause, MachineRecordKind, TranscriptEndName } from '../../core/words/vocabulary.ts';
import type { LogWriter } from './unrecordedLog.ts';

type JudgedDigest = Pick<LogDigest, 'end' | 'ending' | 'endedBy' | 'openCall' | 'isPadded'>;

/** How the log stops, in one word for every format; `undefined` where nothing in it tells. */
export function endOfLog(digest: JudgedDigest): TranscriptEndName | undefined {
  const { end, ending, openCall } = digest;
  // Asked, and gone before anything was answered.
  if (end === 'nothing_done' && ending === 'open') return 'turn_open';
  // A call whose result was never written, and an answer all the same.
  if (end === 'call_open' && ending === 'answered') return 'answered';
  if (end !== undefined) return end;
  switch (ending) {
    case 'answered':
      return 'answered';
    case 'open':
      return openCall === undefined ? 'turn_open' : 'call_open';
    case 'failed':
      return 'turn_failed';
    case 'untold':
      return undefined;
  }
}

/** It was at work, and its log says nothing of why it is not any more. */
const IN_THE_MIDDLE: ReadonlySet<TranscriptEndName> = new Set([
  'call_open',
  'result_unanswered',
  'turn_open',
  'cut_in_line',
  'no_result',
]);

export function isInTheMiddle(digest: JudgedDigest): boolean {
  const end = endOfLog(digest);
  return end !== undefined && IN_THE_MIDDLE.has(end);
}

/** What became of a session that nobody recorded. Nobody was told its exit status, so nothing of it is said. */
export function judgeLog(digest: JudgedDigest, writer: LogWriter | undefined, findings: readonly Finding[]): Verdict {
  const end = endOfLog(digest);
  if (writer !== undefined) {
    const confidence = writer.how === 'folder_and_time' ? 'likely' : 'certain';
    return { outcome: 'running', cause: 'unknown', layer: 'none', confidence, evidence: [] };
  }
  if (end === undefined)
    return { outcome: 'lost', cause: 'unknown', layer: 'unknown', confidence: 'possible', evidence: [] };
  const told: Evidence = { kind: 'transcript_end', name: end };
  if (IN_THE_MIDDLE.has(end)) return stoppedInTheMiddle(told, findings);
  if (end === 'answered') {
    return { outcome: 'succeeded', cause: 'completed', layer: 'none', confidence: 'likely', evidence: [told] };
  }
  if (end === 'aborted') {
    return { outcome: 'stopped', cause: 'interrupted', layer: 'user', confidence: 'likely', evidence: [told] };
  }
  const { cause, layer } = meaningOfEnd(end);
  const failed = digest.endedBy === undefined ? undefined : layerOf(digest.endedBy);
  return { outcome: 'incomplete', cause, layer: failed ?? layer, confidence: 'likely', evidence: [told] };
}

function stoppedInTheMiddle(told: Evidence, findings: readonly Finding[]): Verdict {
  for (const finding of findings) {
    const end = endBy(finding);
    if (end === undefined) continue;
    const others = findings.filter((other) => other !== finding && other.rule !== 'at_that_time').slice(0, 2);
    return { ...end, confidence: finding.grade, evidence: [evidenceOf(finding), ...others.map(evidenceOf), told] };
  }
  const seen = findings.slice(0, 3).map(evidenceOf);
  const nothing: readonly Evidence[] = seen.length === 0 ? [{ kind: 'machine_log', name: 'none' }] : seen;
  return { outcome: 'lost', cause: 'vanished', layer: 'unknown', confidence: 'possible', evidence: [told, ...nothing] };
}

type End = Pick<Verdict, 'outcome' | 'cause' | 'layer' | 'detail'>;

/** What ended the session itself; that a call's process was ended tells why the call is open, not where the agent is. */
function endBy({ record, rule, grade }: Finding): End | undefined {
  if (record.source === 'memory_group') return undefined;
  if (rule === 'own_call' || rule === 'at_that_time') return record.kind === 'disk_full_now' ? DISK_FULL : undefined;
  // Hours after the last sign it may have been over before.
  if (rule === 'whole_machine') return grade === 'possible' ? undefined : MACHINE_DOWN;
  return ENDS[record.kind];
}

const DISK_FULL: End = { outcome: 'lost', cause: 'disk_full', layer: 'environment' };
const MACHINE_DOWN: End = { outcome: 'lost', cause: 'lost', layer: 'environment', detail: 'reboot' };

const ENDS: { readonly [kind in MachineRecordKind]?: End } = {
  kernel_oom: dead('oom_kill', 'environment'),
  user_oom: dead('oom_kill', 'environment'),
  unit_oom: dead('oom_kill', 'environment'),
  crash: dead('crashed', 'lifecycle'),
  core_dump: dead('crashed', 'lifecycle'),
  unit_stopped: dead('terminated', 'lifecycle'),
  unit_failed: dead('terminated', 'lifecycle'),
  logged_out: dead('terminal_lost', 'lifecycle'),
};

function dead(cause: Cause, layer: Verdict['layer']): End {
  return { outcome: 'died', cause, layer };
}

function evidenceOf({ record }: Finding): Evidence {
  const { kind, ms, pid, signal } = record;
  const value = signal === undefined ? undefined : signalNumber(signal);
  return {
    kind: 'machine_log',
    name: kind,
    ts: isoFromMs(ms),
    ...(pid !== undefined && { pid }),
    ...(value !== undefined && { value }),
  };
}
