import { arrayOf, integerOf, isRecord, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import type { Emit, Symptom } from '../core/failures/transcriptEvents.ts';
import type { ToolKind } from '../core/words/vocabulary.ts';
import { geminiServiceSymptom } from './gemini/geminiError.ts';
import { bounded } from './messageText.ts';
import { shellCommandKind } from './shellCommand.ts';
import { toldFailure } from './toldFailure.ts';
import type { RecordReader, TranscriptFormat } from './transcriptFormat.ts';

/** The protocol's own kinds of tools. */
const KIND_OF: ReadonlyMap<unknown, ToolKind> = new Map<unknown, ToolKind>([
  ['execute', 'shell'],
  ['read', 'read'],
  ['edit', 'edit'],
  ['delete', 'edit'],
  ['move', 'edit'],
  ['search', 'search'],
  ['fetch', 'web'],
]);
const REQUEST = /^(?:initialize|session\/(?:new|load|prompt))$/;
const OF_TURN: ReadonlySet<unknown> = new Set(['agent_message_chunk', 'agent_thought_chunk', 'plan']);
/** Prompts that wait for their answer: one a session. */
const MOST_PROMPTS = 1000;

/** Lines of the Agent Client Protocol (JSON-RPC) between an editor and an agent, of either or of both directions. */
export const acpStream: TranscriptFormat = {
  name: 'acp_stream',
  recognises: (record) =>
    record['jsonrpc'] === '2.0' && /^session\/(?:update|prompt|new|load|cancel)$/.test(String(record['method'])),
  open: () => createReader(),
};

function createReader(): RecordReader {
  const prompts = new Map<unknown, string>();
  let last = 'main';
  /** Both directions were kept. */
  let hasRequests = false;
  return (record, emit) => {
    hasRequests ||= REQUEST.test(String(record['method']));
    const params = recordOf(record['params']);
    const scope = stringOf(params?.['sessionId']) ?? last;
    last = scope;
    if (record['method'] === 'session/prompt') {
      if (prompts.size < MOST_PROMPTS) prompts.set(record['id'], scope);
      emit({ type: 'turn_active', scope, is_prompt: true });
    } else if (record['method'] === 'session/update') {
      // Past turns are told again where a session is loaded; then no prompt waits.
      if (!hasRequests || prompts.size > 0) readUpdate(recordOf(params?.['update']) ?? {}, scope, emit);
    } else if (record['method'] === undefined) {
      if (!hasRequests && record['result'] !== undefined) emit({ type: 'turn_closed', scope });
      readAnswer(record, prompts, last, emit);
    }
  };
}

/** The answer to a prompt ends its turn. Where only the agent's direction was kept, its stop reason tells what it answers. */
function readAnswer(record: JsonRecord, prompts: Map<unknown, string>, last: string, emit: Emit): void {
  const reason = recordOf(record['result'])?.['stopReason'];
  const error = recordOf(record['error']);
  const scope = prompts.get(record['id']) ?? (reason === undefined ? undefined : last);
  if (scope === undefined) return;
  prompts.delete(record['id']);
  emit({ type: 'turn_closed', scope });
  if (error !== undefined) {
    const message = stringOf(recordOf(error['data'])?.['details']) ?? error['message'];
    emit({ type: 'failed', symptom: geminiServiceSymptom({ message }, '') });
  } else if (reason === 'max_tokens')
    emit({ type: 'failed', symptom: { origin: 'service', code: 'context_exceeded' } });
  else if (reason === 'max_turn_requests') emit({ type: 'failed', symptom: { origin: 'session', code: 'max_turns' } });
  else if (reason === 'refusal') emit({ type: 'failed', symptom: { origin: 'service', code: 'refusal' } });
}

function readUpdate(update: JsonRecord, scope: string, emit: Emit): void {
  const call = stringOf(update['toolCallId']);
  const kind = update['sessionUpdate'];
  if (kind !== 'tool_call' && kind !== 'tool_call_update') {
    // Commands, modes and prices are told between turns too.
    if (OF_TURN.has(kind)) emit({ type: 'turn_active', scope });
    return;
  }
  if (call === undefined) return;
  const tool_kind = KIND_OF.get(update['kind']) ?? 'other';
  if (kind === 'tool_call') {
    const command = shellCommandKind(update['rawInput']);
    emit({ type: 'call_opened', call, scope, tool_kind, command, asked: update['rawInput'] });
  }
  if (update['status'] === 'completed') emit({ type: 'call_ok', call });
  else if (update['status'] === 'failed') emit({ type: 'call_failed', call, symptom: symptomOf(update) });
}

function symptomOf(update: JsonRecord): Symptom {
  const raw = recordOf(update['rawOutput']);
  const exitCode = integerOf(raw?.['exit_code']) ?? integerOf(raw?.['exitCode']);
  const text = bounded(textOf(update));
  return (
    toldFailure(text) ?? {
      origin: 'call',
      exit_code: exitCode,
      ...(exitCode === undefined && { said: text }),
      output: text,
    }
  );
}

/** content: [{type "content", content: {type "text", text}}] */
function textOf(update: JsonRecord): string {
  const texts = arrayOf(update['content'])
    .filter(isRecord)
    .map((block) => stringOf(recordOf(block['content'])?.['text']) ?? stringOf(block['text']) ?? '');
  const raw = stringOf(update['rawOutput']) ?? stringOf(recordOf(update['rawOutput'])?.['output']);
  return texts.join('\n').trim() || (raw ?? '');
}
