import { integerOf, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit, Symptom } from '../../core/failures/transcriptEvents.ts';
import { bounded, contentText } from '../messageText.ts';
import { shellCommandKind } from '../shellCommand.ts';
import { toolKindOf } from '../toolKinds.ts';

export const MAIN = 'main';

/** A part of a message: the same in the stream and in the database. */
export function readPart(part: JsonRecord, emit: Emit): void {
  switch (part['type']) {
    case 'tool':
      readTool(part, emit);
      break;
    case 'step-start':
      emit({ type: 'turn_active', scope: MAIN });
      break;
    case 'step-finish':
      // "tool-calls" goes on; "stop", "length" and what a provider adds are the end of the answer.
      emit({ type: part['reason'] === 'tool-calls' ? 'turn_active' : 'turn_closed', scope: MAIN });
      break;
    default:
      break; // text, reasoning, snapshots, patches
  }
}

function readTool(part: JsonRecord, emit: Emit): void {
  const call = stringOf(part['callID']);
  const state = recordOf(part['state']);
  if (call === undefined || state === undefined) return;
  const tool_kind = toolKindOf(part['tool']);
  const command = tool_kind === 'shell' ? shellCommandKind(state['input']) : undefined;
  const timeout_ms = integerOf(recordOf(state['input'])?.['timeout']);
  emit({ type: 'call_opened', call, scope: MAIN, tool_kind, command, timeout_ms, asked: state['input'] });
  if (state['status'] !== 'completed' && state['status'] !== 'error') return; // pending, running
  const symptom = symptomOf(part['tool'], state);
  if (symptom === undefined) emit({ type: 'call_ok', call, answer: state['output'] });
  else emit({ type: 'call_failed', call, symptom: { ...symptom, duration_ms: durationOf(state) } });
}

/** The shell's own note, behind what was printed. */
const LIMIT =
  /<shell_metadata>\s*(?:shell|bash) tool terminated command after exceeding timeout [^<]*<\/shell_metadata>\s*$/;

function symptomOf(tool: unknown, state: JsonRecord): Symptom | undefined {
  const metadata = recordOf(state['metadata']);
  const output = contentText(state['output']);
  if (state['status'] === 'error') {
    const said = bounded(contentText(state['error']));
    return { origin: 'call', said, output: said, never_ran: true };
  }
  // What the model asked for cannot be called: told by a tool of the name "invalid" that succeeds.
  if (tool === 'invalid') {
    const said = bounded(stringOf(recordOf(state['input'])?.['error']) ?? output);
    const code = /\bunavailable tool\b/.test(said.slice(0, 200)) ? 'unknown_tool' : 'invalid_params';
    return { origin: 'call', code, said };
  }
  const exitCode = integerOf(metadata?.['exit']);
  if (exitCode !== undefined && exitCode !== 0) {
    return { origin: 'call', exit_code: exitCode, output: bounded(output === '(no output)' ? '' : output) };
  }
  const isLimited = metadata?.['exit'] === null && LIMIT.test(output.slice(-1000));
  return isLimited ? { origin: 'call', code: 'timed_out', output: bounded(output) } : undefined;
}

function durationOf(state: JsonRecord): number | undefined {
  const time = recordOf(state['time']);
  const start = integerOf(time?.['start']);
  const end = integerOf(time?.['end']);
  return start === undefined || end === undefined ? undefined : end - start;
}

/** {name: "APIError", data: {message, statusCode, isRetryable}} */
export function readError(error: JsonRecord, emit: Emit): void {
  const data = recordOf(error['data']);
  const name = stringOf(error['name']) ?? '';
  if (name === 'MessageAbortedError') return; // somebody pressed escape
  const status = integerOf(data?.['statusCode']);
  emit({
    type: 'failed',
    symptom: {
      origin: 'service',
      ...(name === 'ProviderAuthError' && { code: 'authentication' as const }),
      ...(/^ContextOverflowError$|^MessageOutputLengthError$/.test(name) && { code: 'context_exceeded' as const }),
      http_status: status,
      said: (stringOf(data?.['message']) ?? stringOf(error['message']) ?? '').slice(0, 4000),
    },
  });
}
