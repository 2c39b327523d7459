import { arrayOf, isRecord, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import type { Emit } from '../core/failures/transcriptEvents.ts';
import { contentText } from './messageText.ts';
import { shellCommandKind } from './shellCommand.ts';
import { toldFailure } from './toldFailure.ts';
import { toolKindOf } from './toolKinds.ts';
import type { TranscriptFormat } from './transcriptFormat.ts';

const MAIN = 'main';

/** A trajectory of the Agent Trajectory Interchange Format: one document, whose results are texts without a status. */
export const atifTrajectory: TranscriptFormat = {
  name: 'atif_trajectory',
  recognises: (record) => stringOf(record['schema_version'])?.startsWith('ATIF-') === true,
  open: () => (record, emit) => {
    if (record['source'] !== undefined) readStep(record, emit);
    for (const step of arrayOf(record['steps'])) if (isRecord(step)) readStep(step, emit);
  },
};

function readStep(step: JsonRecord, emit: Emit): void {
  if (step['source'] === 'user') emit({ type: 'turn_active', scope: MAIN, is_prompt: true });
  if (step['source'] !== 'agent') return;
  const calls = arrayOf(step['tool_calls']).filter(isRecord);
  for (const record of calls) {
    const call = stringOf(record['tool_call_id']);
    if (call === undefined) continue;
    const tool_kind = toolKindOf(record['function_name']);
    const command = shellCommandKind(record['arguments']);
    emit({ type: 'call_opened', call, scope: MAIN, tool_kind, command, asked: record['arguments'] });
  }
  for (const result of arrayOf(recordOf(step['observation'])?.['results'])) {
    const call = stringOf(recordOf(result)?.['source_call_id']);
    if (call === undefined) continue;
    const symptom = toldFailure(contentText(recordOf(result)?.['content']));
    if (symptom === undefined) emit({ type: 'call_ok', call, answer: recordOf(result)?.['content'] });
    else emit({ type: 'call_failed', call, symptom });
  }
  emit({ type: calls.length > 0 ? 'turn_active' : 'turn_closed', scope: MAIN });
}
