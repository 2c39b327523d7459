import { integerOf, isRecord, parseJson, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit, Symptom, SymptomCode } from '../../core/failures/transcriptEvents.ts';
import { bounded, contentText } from '../messageText.ts';
import { shellCommandKind } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';
import type { RecordReader, TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';
const EVENT =
  /^(?:session\.(?:start|resume|error|shutdown|usage_record)|(?:user|system)\.message|assistant\.(?:turn_start|turn_end|message)|tool\.execution_(?:start|complete)|model\.call_\w+|permission\.(?:requested|completed)|subagent\.\w+|abort)$/;

/**
 * `~/.copilot/session-state/<session>/events.jsonl`, and what `copilot --output-format json` prints: the same events, and
 * among them some that are not kept.
 */
export const copilotEvents: TranscriptFormat = {
  name: 'copilot_events',
  recognises: (record) =>
    isRecord(record['data']) && record['parentId'] !== undefined && EVENT.test(String(record['type'])),
  open: () => createReader(),
};

function createReader(): RecordReader {
  /** The session's own log: its last line says that it was shut down, unless its process died. */
  let isOwnLog = false;
  /** The last request failed: a turn that ends so was given up, by itself or by whoever stopped it. */
  let isRefused = false;
  /** Stopped from outside: what is open then stays so, although the session is shut down in good order. */
  let isAborted = false;
  return (record, emit) => {
    const data = recordOf(record['data']) ?? {};
    switch (record['type']) {
      case 'session.start':
      case 'session.resume':
        isOwnLog = true;
        break;
      case 'abort':
        isAborted = true;
        break;
      case 'user.message':
        isAborted = false;
        emit({ type: 'turn_active', scope: MAIN, is_prompt: true });
        break;
      case 'assistant.turn_start':
        emit({ type: 'turn_active', scope: MAIN, is_attempt: true });
        break;
      case 'model.call_failure':
        isRefused = true;
        emit({ type: 'retrying', symptom: callFailure(data) });
        break;
      case 'assistant.message':
        isRefused = false;
        emit({ type: 'turn_active', scope: MAIN });
        break;
      case 'assistant.turn_end':
        if (!isOwnLog && !isRefused) emit({ type: 'turn_closed', scope: MAIN });
        break;
      case 'session.shutdown':
      case 'result':
        if (!isAborted) emit({ type: 'turn_closed', scope: MAIN });
        break;
      default:
        readCall(record['type'], data, emit);
    }
  };
}

function readCall(type: unknown, data: JsonRecord, emit: Emit): void {
  const call = stringOf(data['toolCallId']);
  switch (type) {
    case 'tool.execution_start': {
      if (call === undefined) break;
      const tool_kind = toolKindOf(data['toolName']);
      const command = tool_kind === 'shell' ? shellCommandKind(data['arguments']) : undefined;
      emit({ type: 'call_opened', call, scope: MAIN, tool_kind, command, asked: data['arguments'] });
      break;
    }
    case 'tool.execution_complete':
      closeCall(data, call, emit);
      break;
    case 'system.notification': {
      const kind = recordOf(data['kind']);
      if (kind?.['type'] === 'shell_completed') endJob(integerOf(kind['exitCode']), emit);
      break;
    }
    case 'session.error':
      emit({ type: 'failed', symptom: sessionError(data) });
      break;
    default:
      break; // deltas, partial results, permissions (their call tells), hooks, usage
  }
}

/** The shell adds its own note: "<shellId: 0 completed with exit code 127>". */
const NOTE = /\n?<shellId: [^>\n]{1,120}>\s*$/;

/** A shell call has succeeded when a shell ran: its exit code stands apart. */
function closeCall(data: JsonRecord, call: string | undefined, emit: Emit): void {
  const exitCode = integerOf(recordOf(data['shellExecution'])?.['exitCode']);
  const error = recordOf(data['error']);
  const content = contentText(recordOf(data['result'])?.['content']);
  if (data['success'] === false) {
    const said = bounded(stringOf(error?.['message']) ?? content);
    const code: SymptomCode | undefined = error?.['code'] === 'denied' ? 'declined' : undefined;
    const never_ran = exitCode === undefined;
    const symptom: Symptom = { origin: 'call', code, exit_code: exitCode, said, output: said, never_ran };
    emit({ type: 'call_failed', call, symptom });
  } else if (exitCode !== undefined && exitCode !== 0) {
    const output = bounded(content).replace(NOTE, '');
    emit({ type: 'call_failed', call, symptom: { origin: 'call', exit_code: exitCode, output } });
  } else emit({ type: 'call_ok', call, answer: content });
}

function endJob(exitCode: number | undefined, emit: Emit): void {
  if (exitCode === undefined || exitCode === 0) emit({ type: 'job_completed' });
  else {
    emit({
      type: 'failed',
      symptom: { origin: 'job', code: 'job_failed', exit_code: exitCode, tool_kind: 'shell' },
    });
  }
}

/** One attempt of several; `session.error` tells the one that was the last. */
function callFailure(data: JsonRecord): Symptom {
  const told = stringOf(data['errorMessage']) ?? '';
  const parsed = told.startsWith('{') ? parseJson(told.slice(0, 20_000)) : undefined;
  const inner = parsed?.ok === true ? recordOf(parsed.value) : undefined;
  return {
    origin: 'service',
    code: data['failureKind'] === 'transport' ? 'remote' : undefined,
    http_status: integerOf(data['statusCode']),
    said: (stringOf(inner?.['message']) ?? told).slice(0, 4000),
  };
}

const CODE_OF: ReadonlyMap<unknown, SymptomCode> = new Map<unknown, SymptomCode>([
  ['authentication', 'authentication'],
  ['authorization', 'authentication'],
  ['quota', 'billing'],
  ['rate_limit', 'rate_limit'],
  ['context_limit', 'context_exceeded'],
]);

function sessionError(data: JsonRecord): Symptom {
  return {
    origin: 'service',
    code: CODE_OF.get(data['errorType']),
    http_status: integerOf(data['statusCode']),
    said: (stringOf(data['message']) ?? '').slice(0, 4000).replace(/^\d{3} /, ''),
  };
}
