import { integerOf, recordOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Emit, Symptom } from '../../core/failures/transcriptEvents.ts';
import type { ToolKind } from '../../core/words/vocabulary.ts';
import { bounded, contentText } from '../messageText.ts';
import { codexServiceSymptom } from './codexService.ts';
import { shellCommandKind, shellKill } from '../shellCommand.ts';
import type { RecordReader, TranscriptFormat } from '../transcriptFormat.ts';

const MAIN = 'main';
const ITEM_KINDS: ReadonlyMap<string, ToolKind> = new Map<string, ToolKind>(
  Object.entries({
    command_execution: 'shell',
    file_change: 'edit',
    mcp_tool_call: 'mcp',
    collab_tool_call: 'subagent',
    web_search: 'web',
  }),
);
const RECONNECTING = /^Reconnecting\.\.\.(?: \d{1,4}\/\d{1,4})? ?/;
const EVENT = /^(?:thread\.started|turn\.(?:started|completed|failed)|item\.(?:started|updated|completed))$/;

/** `codex exec --json`: items without timestamps, between turn.started and turn.completed or turn.failed. */
export const codexExec: TranscriptFormat = {
  name: 'codex_exec',
  recognises: (record) => typeof record['type'] === 'string' && EVENT.test(record['type']),
  open: () => createReader(),
};

function createReader(): RecordReader {
  /** turn.failed repeats the error before it: the same failure, told twice. */
  let lastError = '';
  /** A file may hold several runs, each of which numbers its items from 0. */
  let threads = 0;
  return (record, emit) => {
    switch (record['type']) {
      case 'thread.started':
        lastError = '';
        threads++;
        break;
      case 'turn.started':
        emit({ type: 'turn_opened', scope: MAIN });
        break;
      case 'turn.completed':
        emit({ type: 'turn_closed', scope: MAIN });
        break;
      case 'turn.failed': {
        const message = stringOf(recordOf(record['error'])?.['message']) ?? '';
        emit({ type: 'turn_closed', scope: MAIN });
        if (message.slice(0, 500) !== lastError) emit({ type: 'failed', symptom: codexServiceSymptom(message) });
        lastError = '';
        break;
      }
      case 'error': {
        const message = stringOf(record['message']) ?? '';
        if (message.startsWith('Reconnecting...')) {
          // "Reconnecting... 1/5 (...)", "Reconnecting... waiting for network (Connection failed: ...)", for ever
          emit({ type: 'retrying', symptom: codexServiceSymptom(message.replace(RECONNECTING, '')) });
          break;
        }
        lastError = message.slice(0, 500);
        emit({ type: 'failed', symptom: codexServiceSymptom(message) });
        break;
      }
      case 'item.started':
        startItem(recordOf(record['item']), threads, emit);
        break;
      case 'item.completed':
        completeItem(recordOf(record['item']), threads, emit);
        break;
      default:
        break;
    }
  };
}

function callIdOf(item: JsonRecord | undefined, threads: number): string | undefined {
  const id = stringOf(item?.['id']);
  return id === undefined ? undefined : `${threads} ${id}`;
}

function startItem(item: JsonRecord | undefined, threads: number, emit: Emit): void {
  const call = callIdOf(item, threads);
  const kind = ITEM_KINDS.get(stringOf(item?.['type']) ?? '');
  if (call === undefined || kind === undefined) return;
  const [command, kill] = [shellCommandKind(item), shellKill(item)];
  emit({ type: 'call_opened', call, scope: MAIN, tool_kind: kind, command, kill, asked: item });
}

function completeItem(item: JsonRecord | undefined, threads: number, emit: Emit): void {
  const type = stringOf(item?.['type']) ?? '';
  if (item === undefined) return;
  if (type === 'error') {
    // Not fatal: the turn goes on. Most are notices, and only a recognised cause makes one a failure.
    emit({ type: 'failed', symptom: { ...codexServiceSymptom(item['message']), is_notice: true } });
    return;
  }
  const kind = ITEM_KINDS.get(type);
  if (kind === undefined) {
    emit({ type: 'turn_active', scope: MAIN }); // the service answered
    return;
  }
  const call = callIdOf(item, threads);
  const status = item['status'];
  if (status === 'failed' || status === 'declined') {
    emit({
      type: 'call_failed',
      call,
      symptom: { ...symptomOf(item, status), tool_kind: kind, command: shellCommandKind(item) },
    });
  } else emit({ type: 'call_ok', call, answer: item['aggregated_output'] });
}

function symptomOf(item: JsonRecord, status: 'failed' | 'declined'): Symptom {
  if (status === 'declined') return { origin: 'call', code: 'declined' };
  const error = stringOf(recordOf(item['error'])?.['message']) ?? stringOf(item['error']);
  const result = recordOf(item['result']);
  const said = error ?? (result === undefined ? undefined : bounded(contentText(result['content'])));
  return {
    origin: 'call',
    exit_code: integerOf(item['exit_code']),
    said: said === undefined ? undefined : bounded(said),
    output: bounded(contentText(item['aggregated_output'] ?? said ?? '')),
  };
}
