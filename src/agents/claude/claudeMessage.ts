import { booleanOf, numberOf, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit, Symptom } from '../../core/failures/transcriptEvents.ts';
import { shellReport } from '../gemini/geminiError.ts';
import { bounded, contentText } from '../messageText.ts';
import { shellCommandKind, shellKill } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';

/** Claude Code's own limit for a shell command that asks for none (2 minutes). */
const DEFAULT_TIMEOUT_MS = 120_000;
/** "Exit code 1\n..." is the header Claude Code puts before a failed command's output. */
const EXIT_HEADER = /^(?:Error: )?Exit code (-?\d{1,9})(?=\n|$)/;
/** What a sub-agent answers whose own requests failed: no flag tells it, only Claude Code's own sentence. */
const API_ERROR = /^\s*API Error: (?:(\d{3})\b|Connection error|Request timed out|Unable to connect)/;
/** No session starts more jobs than this; beyond it an end may be told twice. */
const MAX_TOLD = 1000;
const TOOL_USE_ERROR = /^\s*<tool_use_error>/;

export function openCall(block: JsonRecord, scope: string, emit: Emit): void {
  const call = stringOf(block['id']);
  if (call === undefined) return;
  const kind = toolKindOf(block['name']);
  const input = recordOf(block['input']);
  emit({
    type: 'call_opened',
    call,
    scope,
    tool_kind: kind,
    asked: input,
    ...(kind === 'shell' && {
      command: shellCommandKind(input),
      kill: shellKill(input),
      timeout_ms: numberOf(input?.['timeout']) ?? DEFAULT_TIMEOUT_MS,
    }),
  });
}

/** In what the agents that speak Claude Code's format differ. */
export interface Dialect {
  readonly isRefusedWithoutReport?: true;
}

/** What a tool_result block and the `toolUseResult` beside it say about a call. */
export function closeCall(block: JsonRecord, detail: unknown, emit: Emit, dialect: Dialect = {}): void {
  const call = stringOf(block['tool_use_id']);
  const text = contentText(block['content']);
  if (!isFailed(block, text, detail)) {
    emit({ type: 'call_ok', call, answer: text });
    return;
  }
  const report = text.startsWith('Command') ? shellReport(text) : undefined;
  const symptom: Symptom = report === undefined ? symptomOf(text, detail) : { origin: 'call', ...report };
  const never_ran = dialect.isRefusedWithoutReport === true && report === undefined;
  emit({ type: 'call_failed', call, symptom: never_ran ? { ...symptom, never_ran } : symptom });
}

function isFailed(block: JsonRecord, text: string, detail: unknown): boolean {
  const isError = booleanOf(block['is_error']);
  if (isError !== undefined) return isError;
  return (
    TOOL_USE_ERROR.test(text) || API_ERROR.test(text) || (typeof detail === 'string' && detail.startsWith('Error: '))
  );
}

function symptomOf(text: string, detail: unknown): Symptom {
  const record = recordOf(detail);
  const plain = bounded(text)
    .replace(/<\/?tool_use_error>/g, '')
    .replace(/^\s*Error: /, '');
  const header = EXIT_HEADER.exec(text);
  if (header === null) {
    const status = numberOf(record?.['code']) ?? Number(API_ERROR.exec(plain)?.[1] ?? 0);
    return {
      origin: 'call',
      said: plain,
      output: plain,
      ...(record?.['interrupted'] === true && { code: 'user_interrupt' as const }),
      ...(status >= 400 && status < 600 && { http_status: status }),
    };
  }
  const output = bounded(text.slice(header[0].length + 1));
  return {
    origin: 'call',
    exit_code: Number(header[1]),
    // What the harness adds to an output stands alone on its last line.
    ...(/\[Request interrupted by user(?: for tool use)?\]\s*$/.test(output) && { code: 'user_interrupt' as const }),
    output,
  };
}

/** `<task-notification>...<status>failed</status>`: how the end of a background job is told, wherever it is told. */
export function readTaskNotification(text: string, told: Set<string>, emit: Emit): boolean {
  if (!text.trimStart().startsWith('<task-notification>')) return false;
  const head = text.slice(0, 8000);
  const status = /<status>(\w{1,20})<\/status>/.exec(head)?.[1];
  const job = /<task-id>([^<]{1,80})<\/task-id>/.exec(head)?.[1];
  const end = `${job} ${status}`;
  if (job === undefined || !told.has(end)) reportJob(status, emit);
  if (told.size < MAX_TOLD) told.add(end);
  return true;
}

export function reportJob(status: string | undefined, emit: Emit): void {
  if (status === 'completed') emit({ type: 'job_completed' });
  else if (status === 'failed') emit({ type: 'failed', symptom: { origin: 'job', code: 'job_failed' } });
  else if (status === 'killed' || status === 'stopped') {
    emit({ type: 'failed', symptom: { origin: 'job', code: 'job_killed' } });
  }
}
