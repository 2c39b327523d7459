import { arrayOf, integerOf, isRecord, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit } from '../../core/failures/transcriptEvents.ts';
import { closeCall, openCall, readTaskNotification } from './claudeMessage.ts';
import { contentText } from '../messageText.ts';
import { retrySymptom, serviceSymptom } from './claudeService.ts';
import type { TranscriptFormat } from '../transcriptFormat.ts';

/** Lines that a person's terminal puts into the log and that are no prompt: the turn does not begin with them. */
const NO_PROMPT = /^\s*<(?:command-|local-command-|bash-)|^Caveat: |^\[Request interrupted/;

/**
 * `~/.claude/projects/<cwd>/<session>.jsonl` and its sub-agents' `agent-<id>.jsonl`. Sub-agents' lines carry
 * isSidechain, in a file of their own or between the main agent's lines.
 */
export const claudeTranscript: TranscriptFormat = {
  name: 'claude_transcript',
  recognises: (record) =>
    (typeof record['sessionId'] === 'string' && (record['uuid'] !== undefined || record['operation'] !== undefined)) ||
    (record['type'] === 'summary' && typeof record['leafUuid'] === 'string') ||
    record['type'] === 'file-history-snapshot',
  open: () => {
    /** A job's end is enqueued, attached and handed to the model: told up to three times. */
    const told = new Set<string>();
    return (record, emit) => readRecord(record, told, emit);
  },
};

function scopeOf(record: JsonRecord): string {
  return record['isSidechain'] === true ? `side ${stringOf(record['agentId']) ?? ''}` : 'main';
}

function readRecord(record: JsonRecord, told: Set<string>, emit: Emit): void {
  switch (record['type']) {
    case 'assistant':
      readAssistant(record, emit);
      break;
    case 'user':
      readUser(record, told, emit);
      break;
    case 'queue-operation':
      // Every notification is enqueued once and later dequeued or removed: once is enough.
      if (record['operation'] === 'enqueue') readTaskNotification(contentText(record['content']), told, emit);
      break;
    case 'attachment': {
      const attachment = recordOf(record['attachment']);
      readTaskNotification(contentText(attachment?.['prompt'] ?? attachment?.['content']), told, emit);
      break;
    }
    case 'system':
      if (record['subtype'] === 'api_error') emit({ type: 'retrying', symptom: retrySymptom(record) });
      break;
    default:
      break; // summaries, snapshots, requests (which hold prompts) and what newer versions add
  }
}

function readAssistant(record: JsonRecord, emit: Emit): void {
  const scope = scopeOf(record);
  const message = recordOf(record['message']);
  if (record['isApiErrorMessage'] === true) {
    const status = integerOf(record['apiErrorStatus']);
    emit({ type: 'failed', symptom: serviceSymptom(record['error'], status, contentText(message?.['content'])) });
    emit({ type: 'turn_closed', scope });
    return;
  }
  // Before `isApiErrorMessage` existed, only the model's name told that nobody but the harness speaks here.
  if (message?.['model'] === '<synthetic>') {
    const symptom = serviceSymptom(undefined, undefined, contentText(message['content']));
    emit({ type: 'failed', symptom: { ...symptom, is_notice: true } });
    emit({ type: 'turn_closed', scope });
    return;
  }
  readAssistantMessage(message, scope, emit);
}

/** One API message is written as several lines, one block each: the turn is over when a block is an answer. */
function readAssistantMessage(message: JsonRecord | undefined, scope: string, emit: Emit): void {
  let lastBlock: unknown;
  for (const block of arrayOf(message?.['content'])) {
    if (!isRecord(block)) continue;
    lastBlock = block['type'];
    if (block['type'] === 'tool_use') openCall(block, scope, emit);
  }
  const stop = message?.['stop_reason'];
  if (stop === 'refusal') emit({ type: 'failed', symptom: { origin: 'service', code: 'refusal' } });
  if (stop === 'model_context_window_exceeded') {
    emit({ type: 'failed', symptom: { origin: 'service', code: 'context_exceeded' } });
  }
  // Older versions write `null` while the message streams: then the kind of the block has to do.
  const isAnswer = stop === 'tool_use' ? false : lastBlock === 'text' || typeof stop === 'string';
  emit({ type: isAnswer ? 'turn_closed' : 'turn_active', scope });
}

function readUser(record: JsonRecord, told: Set<string>, emit: Emit): void {
  const scope = scopeOf(record);
  const content = recordOf(record['message'])?.['content'];
  if (typeof content === 'string') {
    if (!readTaskNotification(content, told, emit)) readPrompt(content, record, emit);
    return;
  }
  for (const block of arrayOf(content)) {
    if (!isRecord(block)) continue;
    if (block['type'] === 'tool_result') {
      closeCall(block, record['toolUseResult'], emit);
      emit({ type: 'turn_active', scope });
    } else if (block['type'] === 'text') {
      const text = stringOf(block['text']) ?? '';
      if (!readTaskNotification(text, told, emit)) readPrompt(text, record, emit);
    }
  }
}

function readPrompt(text: string, record: JsonRecord, emit: Emit): void {
  const scope = scopeOf(record);
  if (text.startsWith('[Request interrupted')) emit({ type: 'turn_closed', scope });
  else if (record['isMeta'] !== true && record['isCompactSummary'] !== true && !NO_PROMPT.test(text))
    emit({ type: 'turn_active', scope, is_prompt: true });
}
