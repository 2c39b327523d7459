import { integerOf, recordOf, stringOf, type JsonRecord } from '../core/json.ts';
import type { Emit, Symptom } from '../core/transcriptEvents.ts';
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

/** `.devboy/sessions/<day>/<skill>/<session>/trace.jsonl`: {ts, skill, session_id, phase, payload}. */
export const devboy: TranscriptFormat = {
  name: 'devboy',
  recognises: (record) => PHASES.includes(record['phase']) && typeof record['skill'] === 'string',
  open: () => createReader(),
};

function createReader(): RecordReader {
  /** Calls have no ids: a result closes the last call of its session. */
  let calls = 0;
  return (record, emit) => {
    const scope = stringOf(record['session_id']) ?? 'main';
    const payload = recordOf(record['payload']);
    switch (record['phase']) {
      case 'start':
        emit({ type: 'turn_opened', scope });
        break;
      case 'tool_call':
        calls++;
        emit({ type: 'call_opened', call: `${scope} ${calls}`, scope, tool_kind: toolKindOf(payload?.['tool']) });
        break;
      case 'tool_result':
        closeCall(payload, `${scope} ${calls}`, emit);
        break;
      case 'end':
        emit({ type: 'turn_closed', scope });
        endSession(payload, emit);
        break;
      default:
        break;
    }
  };
}

function closeCall(payload: JsonRecord | undefined, call: string, emit: Emit): void {
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
  // A result whose call was not traced has no id to be remembered by.
  emit({ type: 'call_failed', call, symptom: { ...symptom, tool_kind: toolKindOf(payload['tool']) } });
}

/** "aborted" is somebody's decision; "failure" is the session's own verdict. */
function endSession(payload: JsonRecord | undefined, emit: Emit): void {
  if (payload?.['outcome'] !== 'failure') return;
  emit({ type: 'failed', symptom: { origin: 'session', said: bounded(contentText(payload['summary'])) } });
}
