import { booleanOf, integerOf, isRecord, stringOf, type JsonRecord } from '../core/words/json.ts';
import type { Emit, Symptom, SymptomCode } from '../core/failures/transcriptEvents.ts';
import { eventNameOf, firstOf, layersOf } from './looseRecord.ts';
import { bounded, contentText } from './messageText.ts';
import { shellCommandKind, shellKill } from './shellCommand.ts';
import { toolKindOf } from './toolKinds.ts';
import type { TranscriptFormat } from './transcriptFormat.ts';

/**
 * Any other JSONL. Only fields that mean failure in every logging convention count: an exit code, a status or level, a
 * flag, an error. Prose is never searched, nor stderr beside a success.
 */
export const genericJsonl: TranscriptFormat = {
  name: 'generic_jsonl',
  recognises: () => true,
  open: () => readLooseRecord,
};

const TURN_OPENED = /^(?:turn|task|run)_?(?:start|started|begin)$/;
const TURN_CLOSED = /^(?:turn|task|run)_?(?:complete|completed|finish|finished|end|ended|failed|done)$/;
const CALL_OPENED = /^(?:tool|tool_call|tool_use|command|function_call)_?(?:start|started|begin|requested|call|use)?$/;

export function readLooseRecord(record: JsonRecord, emit: Emit): void {
  const event = eventNameOf(record);
  const layers = layersOf(record);
  const scope = firstOf(layers, ['thread_id', 'session_id', 'threadId', 'sessionId'], stringOf) ?? 'main';
  const call = firstOf(layers, ['call_id', 'tool_call_id', 'tool_use_id', 'callId', 'toolCallId', 'tool_id'], stringOf);
  if (TURN_OPENED.test(event)) {
    emit({ type: 'turn_opened', scope: `${scope} ${event.slice(0, 4)}` });
    return;
  }
  const symptom = symptomOf(layers);
  if (TURN_CLOSED.test(event)) {
    emit({ type: 'turn_closed', scope: `${scope} ${event.slice(0, 4)}` });
    // A task is made of turns: none outlives it.
    if (event.startsWith('task')) emit({ type: 'turn_closed', scope: `${scope} turn` });
    if (symptom !== undefined) emit({ type: 'failed', symptom: { ...symptom, origin: 'session' } });
  } else if (isLastWord(record)) {
    emit({ type: 'failed', symptom: withStatus(symptom ?? { origin: 'service', said: textOf(layers) }) });
  } else if (symptom !== undefined) emit({ type: 'call_failed', call, symptom });
  else if (call === undefined) return;
  else if (CALL_OPENED.test(event)) {
    const [command, kill] = [inLayers(layers, shellCommandKind), inLayers(layers, shellKill)];
    emit({ type: 'call_opened', call, scope, tool_kind: toolKindOf(toolOf(layers)), command, kill, asked: layers });
  } else emit({ type: 'call_ok', call });
}

/** "401 Incorrect API key": the service's status is part of what is handed on. */
function withStatus(symptom: Symptom): Symptom {
  const status = /^(?:Error: )?([45]\d\d)\b(?!\.)/.exec(symptom.said ?? '')?.[1];
  return status === undefined || symptom.http_status !== undefined
    ? symptom
    : { ...symptom, http_status: Number(status) };
}

const LAST_WORDS = new Set(['status', 'type', 'message', 'error', 'code', 'statusCode']);

/** {"status":"error","message":"401 ..."}: what a program says as it gives up. A log's line has a time, a level or a call. */
export function isLastWord(record: JsonRecord): boolean {
  return (
    (record['status'] === 'error' || record['type'] === 'error') &&
    Object.keys(record).every((key) => LAST_WORDS.has(key))
  );
}

function toolOf(layers: readonly JsonRecord[]): string | undefined {
  return firstOf(layers, ['tool_name', 'toolName', 'tool'], stringOf);
}

/** In the record itself or in its arguments. */
function inLayers<T>(layers: readonly JsonRecord[], read: (args: unknown) => T | undefined): T | undefined {
  for (const layer of layers) {
    const found = read(layer) ?? firstOf([layer], ['args', 'arguments', 'input', 'parameters', 'params'], read);
    if (found !== undefined) return found;
  }
  return undefined;
}

const FAILED_LEVEL = /^(?:error|fatal|critical|panic|emerg|alert)$/i;
const CODE_OF_STATUS: ReadonlyMap<string, SymptomCode | 'failed'> = new Map<string, SymptomCode | 'failed'>([
  ...['error', 'failed', 'failure', 'errored', 'fatal', 'crashed'].map((word) => [word, 'failed'] as const),
  ...['timeout', 'timed_out', 'timedout'].map((word) => [word, 'timed_out'] as const),
  ...['denied', 'declined', 'rejected'].map((word) => [word, 'declined'] as const),
  ...['killed', 'stale'].map((word) => [word, 'job_killed'] as const),
]);
const FLAGS: readonly (readonly [keys: readonly string[], code: SymptomCode])[] = [
  [['timed_out', 'timedOut'], 'timed_out'],
  [['approval_denied', 'approvalDenied'], 'declined'],
  [['sandbox_denied', 'sandboxDenied'], 'permission'],
];

/** Which failure a record tells of; `undefined` when it tells of none, or says itself that all went well. */
function symptomOf(layers: readonly JsonRecord[]): Symptom | undefined {
  const exitCode = firstOf(layers, ['exit_code', 'exitCode', 'returncode', 'return_code', 'exit_status'], integerOf);
  const flag = FLAGS.find(([keys]) => firstOf(layers, keys, booleanOf) === true)?.[1];
  const status = firstOf(layers, ['status', 'state', 'outcome'], (value) =>
    typeof value === 'string' ? CODE_OF_STATUS.get(value.toLowerCase()) : undefined,
  );
  const hasSucceeded = exitCode === 0 || firstOf(layers, ['success', 'ok'], booleanOf) === true;
  if (flag === undefined && status === undefined && (hasSucceeded || !isFailed(layers, exitCode))) return undefined;
  const httpStatus = firstOf(layers, ['status_code', 'statusCode', 'http_status', 'status'], integerOf);
  const tool = toolOf(layers);
  const text = textOf(layers);
  return {
    origin: tool === undefined && exitCode === undefined ? 'service' : 'call',
    code: flag ?? (status === 'failed' ? undefined : status),
    exit_code: exitCode,
    ...(httpStatus !== undefined && httpStatus >= 400 && httpStatus < 600 && { http_status: httpStatus }),
    ...(exitCode === undefined && { said: text }),
    output: text,
    ...(tool !== undefined && { tool_kind: toolKindOf(tool) }),
    ...(exitCode !== undefined && { command: inLayers(layers, shellCommandKind) }),
  };
}

function isFailed(layers: readonly JsonRecord[], exitCode: number | undefined): boolean {
  if (exitCode !== undefined) return exitCode !== 0;
  return (
    firstOf(layers, ['is_error', 'isError'], booleanOf) === true ||
    firstOf(layers, ['ok', 'success'], booleanOf) === false ||
    FAILED_LEVEL.test(firstOf(layers, ['level', 'severity'], stringOf) ?? '') ||
    firstOf(layers, ['error'], errorText) !== undefined
  );
}

/** An error as a text or as {message, ...}; an empty one is a sentinel for none. */
function errorText(value: unknown): string | undefined {
  const text = isRecord(value)
    ? (stringOf(value['message']) ?? stringOf(value['type']) ?? '')
    : (stringOf(value) ?? '');
  return text === '' ? undefined : text;
}

function textOf(layers: readonly JsonRecord[]): string {
  const parts = new Set<string>();
  const error = firstOf(layers, ['error'], errorText);
  if (error !== undefined) parts.add(bounded(error));
  for (const key of ['stderr', 'message', 'msg', 'reason', 'detail', 'diagnostic', 'output', 'content', 'result']) {
    const text = firstOf(layers, [key], (value) => (isRecord(value) ? undefined : contentText(value) || undefined));
    if (text !== undefined) parts.add(bounded(text));
  }
  return [...parts].join('\n');
}
