import { integerOf, recordOf, stringOf, type JsonRecord } from '../core/json.ts';
import type { Emit, Symptom, SymptomCode } from '../core/transcriptEvents.ts';
import type { ToolKind } from '../core/vocabulary.ts';
import { readLooseRecord } from './genericJsonl.ts';
import { bounded } from './messageText.ts';
import { codexServiceSymptom } from './codexService.ts';
import { toolKindOf } from './toolKinds.ts';
import type { TranscriptFormat } from './transcriptFormat.ts';

const KIND_OF: ReadonlyMap<string, ToolKind> = new Map<string, ToolKind>(
  Object.entries({
    command_execution: 'shell',
    file_change: 'edit',
    web_search: 'web',
    mcp_tool_call: 'mcp',
    sub_agent: 'subagent',
  }),
);

/** `events/<thread>.jsonl`, and the older logs that say task_ and turn_ for the same things. */
export const codewhale: TranscriptFormat = {
  name: 'codewhale',
  recognises: (record) =>
    typeof record['event'] === 'string' &&
    (record['thread_id'] !== undefined ||
      /^(?:(?:task|turn)_(?:started|complete)|tool_call_complete|item\.|turn\.|thread\.|tool_call\.)/.test(
        record['event'],
      )),
  open: () => readRecord,
};

function readRecord(record: JsonRecord, emit: Emit): void {
  const event = stringOf(record['event']) ?? '';
  if (!event.includes('.')) {
    readLooseRecord(record, emit); // an older log: task_started, tool_call_complete, turn_complete
    return;
  }
  const payload = recordOf(record['payload']) ?? record;
  const scope = stringOf(record['thread_id']) ?? 'main';
  switch (event) {
    case 'turn.started':
      emit({ type: 'turn_opened', scope });
      break;
    case 'turn.completed':
      closeTurn(payload, scope, emit);
      break;
    case 'approval.timeout':
    case 'sandbox.denied':
      emit({ type: 'failed', symptom: { origin: 'session', code: 'policy' } });
      break;
    case 'approval.decided':
      if (/^(?:denied|rejected|declined|deny)$/i.test(stringOf(payload['decision']) ?? '')) {
        emit({ type: 'failed', symptom: { origin: 'session', code: 'declined' } });
      }
      break;
    default:
      readItem(event, record, payload, scope, emit);
  }
}

function closeTurn(payload: JsonRecord, scope: string, emit: Emit): void {
  const turn = recordOf(payload['turn']) ?? payload;
  const error = recordOf(turn['error']);
  const message = stringOf(error?.['message']) ?? stringOf(turn['error']);
  emit({ type: 'turn_closed', scope });
  if (message !== undefined && message !== '') {
    emit({ type: 'failed', symptom: codexServiceSymptom(message, error?.['kind']) });
  } else if (turn['status'] === 'failed') emit({ type: 'failed', symptom: { origin: 'session' } });
}

/** Which end of an item or call an event's last word tells. */
function readItem(event: string, record: JsonRecord, payload: JsonRecord, scope: string, emit: Emit): void {
  const match =
    /^(?:item|tool_call)[._](started|requested|completed|resolved|failed|timeout|interrupted|canceled|cancelled)$/.exec(
      event,
    );
  if (match === null) return;
  const item = recordOf(payload['item']) ?? payload;
  const isCall =
    event.startsWith('tool_call') ||
    item['kind'] === 'tool_call' ||
    KIND_OF.get(stringOf(item['kind']) ?? '') !== undefined;
  const call = stringOf(item['call_id']) ?? stringOf(record['item_id']) ?? stringOf(item['id']);
  const failure = failureOf(match[1] ?? '', item);
  if (failure !== undefined && (isCall || item['kind'] !== undefined)) {
    const tool_kind = isCall ? kindOf(item) : undefined;
    emit({ type: 'call_failed', call, symptom: { ...symptomOf(item, failure, isCall), tool_kind } });
  } else if (!isCall || call === undefined) return;
  else if (match[1] === 'started' || match[1] === 'requested') {
    emit({ type: 'call_opened', call, scope, tool_kind: kindOf(item) });
  } else emit({ type: 'call_ok', call });
}

function kindOf(item: JsonRecord): ToolKind {
  return KIND_OF.get(stringOf(item['kind']) ?? '') ?? toolKindOf(item['tool_name'] ?? item['name'] ?? item['tool']);
}

/** Status decides, so that a completed item's stderr is never searched. */
function failureOf(ending: string, item: JsonRecord): SymptomCode | 'failed' | undefined {
  if (ending === 'timeout') return 'timed_out';
  if (ending === 'interrupted' || ending === 'canceled' || ending === 'cancelled') return 'user_interrupt';
  if (ending === 'failed') return 'failed';
  if (ending === 'started' || ending === 'requested') return undefined;
  const exitCode = integerOf(item['exit_code']);
  const isFailed =
    item['status'] === 'failed' || item['success'] === false || (exitCode !== undefined && exitCode !== 0);
  return isFailed ? 'failed' : undefined;
}

const EXIT_IN_TEXT =
  /(?:^|\n)(?:Exit code|Process exited with code|exit status|exited with(?: code)?):? (-?\d{1,9})\b/i;

function symptomOf(item: JsonRecord, failure: SymptomCode | 'failed', isCall: boolean): Symptom {
  const text = [item['summary'], item['detail'], item['error'], item['output'], item['stderr']]
    .filter((part) => typeof part === 'string')
    .map(bounded)
    .join('\n');
  const told = EXIT_IN_TEXT.exec(text.slice(0, 4000))?.[1];
  const exitCode = integerOf(item['exit_code']) ?? (told === undefined ? undefined : Number(told));
  return {
    origin: isCall ? 'call' : 'service',
    ...(failure !== 'failed' && { code: failure }),
    exit_code: exitCode,
    ...(exitCode === undefined && { said: text }),
    output: text,
  };
}
