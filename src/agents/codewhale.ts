import { integerOf, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import type { CommandKind, Emit, Symptom, SymptomCode } from '../core/failures/transcriptEvents.ts';
import type { ToolKind } from '../core/words/vocabulary.ts';
import { readLooseRecord } from './genericJsonl.ts';
import { bounded } from './messageText.ts';
import { codexServiceSymptom } from './codex/codexService.ts';
import { shellCommandKind, shellKill } from './shellCommand.ts';
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
  const tool_kind = kindOf(item, recordOf(payload['tool']));
  const failure = failureOf(match[1] ?? '', item);
  if (failure !== undefined && (isCall || item['kind'] !== undefined)) {
    const symptom = symptomOf(item, failure, isCall);
    emit({ type: 'call_failed', call, symptom: isCall ? { ...symptom, ...callFields(tool_kind, item) } : symptom });
  } else if (!isCall || call === undefined) return;
  else if (match[1] === 'started' || match[1] === 'requested') {
    // The call itself stands beside its item: {tool: {id, name, input}}.
    const command =
      tool_kind === 'shell' ? commandOf(recordOf(payload['tool'])?.['input'] ?? item['detail'], item) : undefined;
    const kill = shellKill(recordOf(payload['tool'])?.['input']) ?? shellKill(item['input']) ?? shellKill(item);
    const asked = recordOf(payload['tool'])?.['input'] ?? item['input'] ?? item;
    emit({ type: 'call_opened', call, scope, tool_kind, command, kill, asked });
  } else emit({ type: 'call_ok', call });
}

function kindOf(item: JsonRecord, tool: JsonRecord | undefined): ToolKind {
  const name = tool?.['name'] ?? item['tool_name'] ?? item['name'] ?? item['tool'];
  return KIND_OF.get(stringOf(item['kind']) ?? '') ?? toolKindOf(name);
}

function commandOf(input: unknown, item: JsonRecord): CommandKind | undefined {
  return shellCommandKind(input) ?? shellCommandKind(item['input']) ?? shellCommandKind(item);
}

/** What the failing item itself says of its call; the item that started it may have said more. */
function callFields(kind: ToolKind, item: JsonRecord): Partial<Symptom> {
  return {
    ...(kind !== 'other' && { tool_kind: kind }),
    ...(kind === 'shell' && { command: commandOf(undefined, item) }),
  };
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
  /(?:^|\n)(?:Exit code|Process exited with code|exit status|exited with(?: code)?|Command failed \(exit code):? (?:Some\()?(-?\d{1,9})\b/i;
/** The shell tool's frame around what was printed: "Command failed (exit code: 1)\n\nSTDOUT:\n...\n\nSTDERR:\n..." */
const FRAME = /^(?:Command failed \(.{0,60}\)|STDOUT:|STDERR:)$/gm;

/** `detail` is what the tool said, `summary` its start after the tool's name, `metadata` the shell's own record. */
function symptomOf(item: JsonRecord, failure: SymptomCode | 'failed', isCall: boolean): Symptom {
  const metadata = recordOf(item['metadata']);
  const told = [item['detail'], item['error'], item['output'], item['stderr']].find((part) => typeof part === 'string');
  const summary = stringOf(item['summary']) ?? '';
  const said = bounded(stringOf(told) ?? summary);
  const exitCode =
    integerOf(item['exit_code']) ?? integerOf(metadata?.['exit_code']) ?? exitCodeIn(`${summary}\n${said}`);
  return {
    origin: isCall ? 'call' : 'service',
    code: failure === 'failed' ? codeOf(metadata) : failure,
    exit_code: exitCode,
    ...(exitCode === undefined && { said }),
    output: exitCode === undefined ? `${summary}\n${said}` : said.replace(FRAME, '').trim(),
    duration_ms: integerOf(metadata?.['duration_ms']),
  };
}

function exitCodeIn(text: string): number | undefined {
  const told = EXIT_IN_TEXT.exec(text.slice(0, 4000))?.[1];
  return told === undefined ? undefined : Number(told);
}

/** How the shell tool says that a command ended. */
function codeOf(metadata: JsonRecord | undefined): SymptomCode | undefined {
  if (metadata?.['canceled'] === true) return 'user_interrupt';
  if (metadata?.['status'] === 'TimedOut') return 'timed_out';
  return metadata?.['sandbox_denied'] === true ? 'sandbox_denied' : undefined;
}
