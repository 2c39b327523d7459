import { isPhase } from '../core/session/devboyTrace.ts';
import { integerOf, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import type { Emit, Symptom } from '../core/failures/transcriptEvents.ts';
import { bounded, contentText } from './messageText.ts';
import { toolKindOf } from './toolKinds.ts';
import type { RecordReader, TranscriptFormat } from './transcriptFormat.ts';

const PHASES: readonly unknown[] = [
  'start',
  'decision',
  'tool_call',
  'tool_result',
  'verify',
  'artifact',
  'note',
  'end',
];

/** Thousands of calls that never return are a broken trace. */
const MOST_OPEN = 1000;

/** `.devboy/sessions/<day>/<skill>/<session>/trace.jsonl`: {ts, skill, session_id, phase, payload}. */
export const devboy: TranscriptFormat = {
  name: 'devboy',
  recognises: (record) => PHASES.includes(record['phase']) && typeof record['skill'] === 'string',
  open: () => createReader(),
};

function createReader(): RecordReader {
  /** Calls have no ids: a result closes the last open call of its tool, else the last one. */
  const open: { readonly call: string; readonly tool: unknown }[] = [];
  let calls = 0;
  let hasFailed = false;
  const closedBy = (tool: unknown): string | undefined => {
    const sameTool = open.findLastIndex((one) => one.tool === tool);
    return open.splice(sameTool === -1 ? -1 : sameTool, 1)[0]?.call;
  };
  return (record, emit) => {
    const scope = stringOf(record['session_id']) ?? 'main';
    const payload = recordOf(record['payload']);
    switch (record['phase']) {
      case 'start':
        emit({ type: 'turn_opened', scope });
        emit({ type: 'phase', phase: 'start' });
        break;
      case 'tool_call': {
        calls++;
        const call = `${scope} ${calls}`;
        open.push({ call, tool: payload?.['tool'] });
        if (open.length > MOST_OPEN) open.shift();
        emit({ type: 'call_opened', call, scope, tool_kind: toolKindOf(payload?.['tool']) });
        break;
      }
      case 'tool_result':
        hasFailed ||= payload?.['ok'] === false;
        closeCall(payload, closedBy(payload?.['tool']), emit);
        break;
      case 'end':
        emit({ type: 'turn_closed', scope });
        endSession(payload, { hasFailed, emit });
        break;
      default:
        emit({ type: 'phase', phase: phaseOf(record['phase']) });
        break;
    }
  };
}

/** A phase that we do not know is kept in its own word, as long as it is one. */
function phaseOf(value: unknown): string {
  return typeof value === 'string' && isPhase(value) ? value : 'other';
}

function closeCall(payload: JsonRecord | undefined, call: string | undefined, emit: Emit): void {
  if (payload?.['ok'] !== false) {
    emit({ type: 'call_ok', call });
    return;
  }
  const text = bounded(contentText(payload['error'] ?? payload['stderr'] ?? payload['output'] ?? payload['message']));
  const exitCode = integerOf(payload['exit_code']) ?? integerOf(payload['code']);
  const symptom: Symptom = {
    origin: 'call',
    exit_code: exitCode,
    ...(exitCode === undefined && { said: text }),
    output: text,
  };
  // A result whose call was not traced has no id, and is a failure all the same.
  emit({ type: 'call_failed', call, symptom: { ...symptom, tool_kind: toolKindOf(payload['tool']) } });
}

/**
 * "aborted" is somebody's decision; "failure" is the session's own verdict: after calls that failed it is what came of
 * them, and a failure of its own only when it says why.
 */
function endSession(payload: JsonRecord | undefined, { hasFailed, emit }: { hasFailed: boolean; emit: Emit }): void {
  if (payload?.['outcome'] !== 'failure') return;
  const said = bounded(contentText(payload['summary']));
  emit({ type: 'failed', symptom: { origin: 'session', said, ...(hasFailed && { is_notice: true }) } });
}
