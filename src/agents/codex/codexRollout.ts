import { integerOf, numberOf, parseJson, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit } from '../../core/failures/transcriptEvents.ts';
import { codexOutcome } from './codexOutput.ts';
import { codexServiceSymptom } from './codexService.ts';
import { shellCommandKind, shellKill } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';
import type { RecordReader, TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';
const MAX_RUNNING = 1000;
/** Arguments are a JSON string that may hold a whole patch; only shell calls' small ones are of interest. */
const MAX_ARGUMENTS = 100_000;

/**
 * `~/.codex/sessions/YYYY/MM/DD/rollout-<ts>-<id>.jsonl`. Old versions keep neither errors nor ends of commands: there
 * failure lives in the text of outputs. New ones add the turn's error to task_complete and, as item_completed, the end
 * of commands that went on in the background.
 */
export const codexRollout: TranscriptFormat = {
  name: 'codex_rollout',
  recognises: (record) =>
    (record['payload'] !== undefined &&
      ['session_meta', 'turn_context', 'response_item', 'event_msg'].includes(String(record['type']))) ||
    // Before 0.40: bare items after a header line
    (typeof record['instructions'] !== 'undefined' &&
      typeof record['id'] === 'string' &&
      typeof record['timestamp'] === 'string'),
  open: () => createReader(),
};

function createReader(): RecordReader {
  /** Calls whose command still runs: by Codex' number of the process and by the call's id. */
  const running = new Map<number, string>();
  /** task_complete repeats the error before it: the same failure, told twice. */
  let lastError = '';
  return (record, emit) => {
    const payload = recordOf(record['payload']) ?? record;
    const error = payload['type'] === 'error' ? payload : recordOf(payload['error']);
    const message = (stringOf(error?.['message']) ?? '').slice(0, 500);
    const isRepeated = payload['type'] === 'task_complete' && message !== '' && message === lastError;
    if (message !== '' || payload['type'] === 'task_started') lastError = message;
    if (record['type'] === 'event_msg') readEvent(isRepeated ? { type: 'task_complete' } : payload, running, emit);
    else if (record['type'] === 'response_item' || record['payload'] === undefined) readItem(payload, running, emit);
  };
}

function readEvent(payload: JsonRecord, running: Map<number, string>, emit: Emit): void {
  switch (payload['type']) {
    case 'task_started':
    case 'turn_started':
      emit({ type: 'turn_opened', scope: MAIN });
      break;
    case 'task_complete':
    case 'turn_complete': {
      const error = recordOf(payload['error']);
      if (error !== undefined) {
        emit({ type: 'failed', symptom: codexServiceSymptom(error['message'], error['codex_error_info']) });
      }
      emit({ type: 'turn_closed', scope: MAIN });
      break;
    }
    case 'agent_message':
      emit({ type: 'turn_active', scope: MAIN }); // the service answered
      break;
    case 'turn_aborted':
      emit({ type: 'turn_closed', scope: MAIN });
      break;
    case 'error':
    case 'stream_error':
      // A stream error is followed by a retry; only `error` is final.
      emit({
        type: payload['type'] === 'error' ? 'failed' : 'retrying',
        symptom: codexServiceSymptom(payload['message'], payload['codex_error_info']),
      });
      break;
    case 'mcp_tool_call_end':
      readMcpEnd(payload, emit);
      break;
    case 'patch_apply_end':
      if (payload['success'] === false) {
        const said = stringOf(payload['stderr']) ?? '';
        emit({
          type: 'call_failed',
          call: stringOf(payload['call_id']),
          symptom: { origin: 'call', tool_kind: 'edit', said },
        });
      }
      break;
    case 'item_completed':
      readItemCompleted(recordOf(payload['item']), running, emit);
      break;
    default:
      break;
  }
}

function readMcpEnd(payload: JsonRecord, emit: Emit): void {
  const result = recordOf(payload['result']);
  const ok = recordOf(result?.['Ok']);
  const failed = result?.['Err'] ?? (ok?.['isError'] === true || ok?.['is_error'] === true ? ok['content'] : undefined);
  if (failed === undefined) return;
  const outcome = codexOutcome({ content: failed, success: false });
  if (outcome.type !== 'failed') return;
  emit({ type: 'call_failed', call: stringOf(payload['call_id']), symptom: { ...outcome.symptom, tool_kind: 'mcp' } });
}

/** The end of a command that its call had left running; any other is told again by its call's output. */
function readItemCompleted(item: JsonRecord | undefined, running: Map<number, string>, emit: Emit): void {
  if (item?.['type'] !== 'CommandExecution') return;
  const session = [...running].find(([, call]) => call === item['id'])?.[0];
  if (session === undefined) return;
  running.delete(session);
  const exitCode = integerOf(item['exit_code']);
  if (item['status'] === 'completed' || exitCode === 0) emit({ type: 'job_completed' });
  else {
    // -1: Codex ended it, because the session was over.
    const code = exitCode === undefined || exitCode < 0 ? 'job_killed' : 'job_failed';
    emit({ type: 'failed', symptom: { origin: 'job', code, exit_code: exitCode, tool_kind: 'shell' } });
  }
}

function readItem(item: JsonRecord, running: Map<number, string>, emit: Emit): void {
  const call = stringOf(item['call_id']) ?? stringOf(item['id']);
  switch (item['type']) {
    case 'function_call':
    case 'custom_tool_call':
    case 'local_shell_call':
    case 'mcp_tool_call':
      if (call !== undefined) openCall(item, call, running, emit);
      break;
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output':
    case 'mcp_tool_call_output':
      closeCall(item, call, running, emit);
      break;
    default:
      break;
  }
}

function openCall(item: JsonRecord, call: string, running: Map<number, string>, emit: Emit): void {
  const name = item['type'] === 'local_shell_call' ? 'local_shell' : item['name'];
  const tool_kind = item['type'] === 'mcp_tool_call' ? 'mcp' : toolKindOf(name);
  const args = tool_kind === 'shell' ? argumentsOf(item) : undefined;
  const session = name === 'write_stdin' ? integerOf(args?.['session_id']) : undefined;
  if (session !== undefined) running.delete(session); // its next output tells whether it still runs
  emit({
    type: 'call_opened',
    call,
    scope: MAIN,
    tool_kind,
    command: shellCommandKind(args),
    kill: shellKill(args),
    asked: args ?? item['arguments'] ?? item['input'],
    timeout_ms: numberOf(args?.['timeout_ms']),
  });
}

function argumentsOf(item: JsonRecord): JsonRecord | undefined {
  const action = recordOf(item['action']);
  if (action !== undefined) return action;
  const text = stringOf(item['arguments']);
  if (text === undefined || text.length > MAX_ARGUMENTS) return undefined;
  const parsed = parseJson(text);
  return parsed.ok ? recordOf(parsed.value) : undefined;
}

function closeCall(item: JsonRecord, call: string | undefined, running: Map<number, string>, emit: Emit): void {
  const outcome = codexOutcome(item['output']);
  if (outcome.type === 'failed') {
    emit({ type: 'call_failed', call, symptom: outcome.symptom });
    return;
  }
  if (outcome.type === 'running' && call !== undefined && running.size < MAX_RUNNING)
    running.set(outcome.session, call);
  emit({ type: 'call_ok', call, answer: item['output'] });
}
