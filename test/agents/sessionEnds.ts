import type { TranscriptEndName } from '../../src/core/words/vocabulary.ts';

/** Small logs of each format, by how they end. Own logs are written where the agent would; streams are printed. */

export type EndFormat =
  | 'claude_stream'
  | 'claude_transcript'
  | 'codex_exec'
  | 'codex_rollout'
  | 'gemini_stream'
  | 'gemini_session';

export interface SampleEnd {
  readonly format: EndFormat;
  readonly end: TranscriptEndName;
  readonly cause: string;
  readonly layer: string;
  readonly confidence: string;
  readonly detail?: string;
  /** One record a line; a string is a line as it stands, without a newline behind it. */
  readonly lines: readonly (object | string)[];
}

export const AT = '2026-03-01T12:00:00.000Z';

const said = (text: string) => ({ role: 'assistant', content: [{ type: 'text', text }], stop_reason: 'end_turn' });
const used = (id: string, name = 'Bash') => ({
  role: 'assistant',
  content: [{ type: 'tool_use', id, name, input: name === 'Bash' ? { command: 'make' } : { file_path: 'a' } }],
  stop_reason: 'tool_use',
});
const told = (id: string, content: string, isError = false) => ({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: id, content, is_error: isError }],
});

const stream = (type: string, rest: object) => ({ type, session_id: 's1', parent_tool_use_id: null, ...rest });
const INIT = stream('system', { subtype: 'init', cwd: '/w', tools: [] });
const ask = (message: object) => stream('assistant', { message });
const answer = (message: object) => stream('user', { message });
const result = (rest: object) =>
  stream('result', {
    subtype: 'success',
    is_error: false,
    num_turns: 2,
    result: 'done',
    permission_denials: [],
    ...rest,
  });
const DENIED = "Claude requested permissions to write to a, but you haven't granted it yet.";

const own = (type: string, rest: object) => ({
  type,
  sessionId: 's1',
  uuid: `u${JSON.stringify(rest).length}`,
  timestamp: AT,
  ...rest,
});
const PROMPT = own('user', { message: { role: 'user', content: 'build it' } });

const item = (type: 'started' | 'completed', rest: object) => ({ type: `item.${type}`, item: rest });
const THREAD = [{ type: 'thread.started', thread_id: 't1' }, { type: 'turn.started' }];
const COMMAND = { id: 'i1', type: 'command_execution', command: 'make' };
const CALL = [item('started', { ...COMMAND, status: 'in_progress' })];
const CALLED = [...CALL, item('completed', { ...COMMAND, status: 'completed', exit_code: 0, aggregated_output: 'ok' })];
const MESSAGE = item('completed', { id: 'i2', type: 'agent_message', text: 'done' });

const event = (payload: object) => ({ timestamp: AT, type: 'event_msg', payload });
const response = (payload: object) => ({ timestamp: AT, type: 'response_item', payload });
const META = { timestamp: AT, type: 'session_meta', payload: { id: 's1', cwd: '' } };
const BEGUN = [META, event({ type: 'task_started' })];
const FUNCTION = response({ type: 'function_call', call_id: 'c1', name: 'shell', arguments: '{"command":["make"]}' });
const OUTPUT = response({ type: 'function_call_output', call_id: 'c1', output: 'ok' });
const SPOKEN = response({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'done' }] });

const gemini = (type: string, rest: object = {}) => ({ type, timestamp: AT, ...rest });
const OPENED = [gemini('init', { session_id: 's1' }), gemini('message', { role: 'user', content: 'build it' })];
const TOOL = gemini('tool_use', { tool_id: 'c1', tool_name: 'run_shell_command', parameters: { command: 'make' } });
const TOOL_DONE = gemini('tool_result', { tool_id: 'c1', status: 'success', output: '' });
const REPLY = gemini('message', { role: 'assistant', content: 'done' });

const HEADER = { sessionId: 's1', projectHash: 'h', startTime: AT };
const chat = (id: string, type: string, rest: object) => ({ id, timestamp: AT, type, ...rest });
const ASKED = chat('m1', 'user', { content: 'build it' });
const toolCall = (status: string) => ({
  id: 'c1',
  name: 'run_shell_command',
  args: { command: 'make' },
  status,
  result: [{ functionResponse: { response: { output: 'Output: ok\nExit Code: 0' } } }],
});

const MID_TASK = { cause: 'ended_mid_task', layer: 'unknown', confidence: 'likely' };
const NETWORK = { cause: 'ended_mid_task', layer: 'environment', confidence: 'certain' };
const NOTHING = { cause: 'did_nothing', layer: 'unknown', confidence: 'likely' };
const BLOCKED = { cause: 'blocked', layer: 'environment', confidence: 'likely' };
const ABORTED = { cause: 'ended_mid_task', layer: 'user', confidence: 'certain' };
const BY_USER = { cause: 'limit_reached', layer: 'user', confidence: 'certain' };
const BY_MODEL = { cause: 'limit_reached', layer: 'model', confidence: 'certain' };

export const INCOMPLETE: readonly SampleEnd[] = [
  { format: 'claude_stream', end: 'call_open', ...MID_TASK, lines: [INIT, ask(used('t1'))] },
  {
    format: 'claude_stream',
    end: 'result_unanswered',
    ...MID_TASK,
    lines: [INIT, ask(used('t1')), answer(told('t1', 'ok'))],
  },
  {
    format: 'claude_stream',
    end: 'cut_in_line',
    ...MID_TASK,
    lines: [INIT, ask(said('I will')), '{"type":"assistant","mess'],
  },
  { format: 'claude_stream', end: 'no_result', ...MID_TASK, lines: [INIT, ask(said('done'))] },
  {
    format: 'claude_stream',
    end: 'error_result',
    ...NETWORK,
    detail: 'auth',
    lines: [INIT, result({ is_error: true, api_error_status: 401, result: 'API Error: 401 Invalid API key' })],
  },
  {
    format: 'claude_stream',
    end: 'error_result',
    ...NETWORK,
    detail: 'overloaded',
    lines: [
      INIT,
      ask(used('t1')),
      answer(told('t1', 'ok')),
      result({ is_error: true, api_error_status: 529, result: 'API Error: 529 Overloaded' }),
    ],
  },
  {
    format: 'claude_stream',
    end: 'error_result',
    cause: 'ended_mid_task',
    layer: 'environment',
    confidence: 'certain',
    detail: 'refused',
    lines: [
      INIT,
      result({ subtype: 'error_during_execution', is_error: true, errors: ['connect ECONNREFUSED 127.0.0.1:9'] }),
    ],
  },
  { format: 'claude_stream', end: 'nothing_done', ...NOTHING, lines: [INIT, result({ num_turns: 0, result: '' })] },
  {
    format: 'claude_stream',
    end: 'all_denied',
    ...BLOCKED,
    lines: [
      INIT,
      ask(used('t1', 'Write')),
      answer(told('t1', DENIED, true)),
      ask(said('I was not allowed to.')),
      result({}),
    ],
  },
  {
    format: 'claude_stream',
    end: 'turn_limit',
    ...BY_USER,
    lines: [INIT, ask(used('t1')), answer(told('t1', 'ok')), result({ subtype: 'error_max_turns', is_error: true })],
  },
  {
    format: 'claude_stream',
    end: 'budget_limit',
    ...BY_USER,
    lines: [INIT, result({ subtype: 'error_max_budget_usd', is_error: true })],
  },
  {
    format: 'claude_stream',
    end: 'context_limit',
    ...BY_MODEL,
    lines: [INIT, result({ is_error: true, result: 'Prompt is too long' })],
  },
  {
    format: 'claude_transcript',
    end: 'call_open',
    ...MID_TASK,
    lines: [PROMPT, own('assistant', { message: used('t1') })],
  },
  {
    format: 'claude_transcript',
    end: 'result_unanswered',
    ...MID_TASK,
    lines: [PROMPT, own('assistant', { message: used('t1') }), own('user', { message: told('t1', 'ok') })],
  },
  { format: 'claude_transcript', end: 'nothing_done', ...NOTHING, lines: [PROMPT] },
  {
    format: 'claude_transcript',
    end: 'turn_failed',
    ...NETWORK,
    detail: 'rate_limit',
    lines: [
      PROMPT,
      own('assistant', { isApiErrorMessage: true, error: 'rate_limit', message: said('API Error: 429') }),
    ],
  },
  {
    format: 'claude_transcript',
    end: 'all_denied',
    ...BLOCKED,
    lines: [
      PROMPT,
      own('assistant', { message: used('t1', 'Write') }),
      own('user', { message: told('t1', DENIED, true) }),
      own('assistant', { message: said('I was not allowed to.') }),
    ],
  },
  {
    format: 'claude_transcript',
    end: 'output_limit',
    ...BY_MODEL,
    lines: [PROMPT, own('assistant', { message: { ...said('and so'), stop_reason: 'max_tokens' } })],
  },
  { format: 'codex_exec', end: 'call_open', ...MID_TASK, lines: [...THREAD, ...CALL] },
  { format: 'codex_exec', end: 'result_unanswered', ...MID_TASK, lines: [...THREAD, ...CALLED] },
  { format: 'codex_exec', end: 'cut_in_line', ...MID_TASK, lines: [...THREAD, '{"type":"item.comp'] },
  { format: 'codex_exec', end: 'no_result', ...MID_TASK, lines: [...THREAD, MESSAGE] },
  {
    format: 'codex_exec',
    end: 'error_result',
    ...NETWORK,
    detail: 'auth',
    lines: [...THREAD, { type: 'turn.failed', error: { message: 'unexpected status 401 Unauthorized: bad key' } }],
  },
  { format: 'codex_exec', end: 'nothing_done', ...NOTHING, lines: [...THREAD, { type: 'turn.completed', usage: {} }] },
  {
    format: 'codex_exec',
    end: 'all_denied',
    ...BLOCKED,
    lines: [
      ...THREAD,
      ...CALL,
      item('completed', { ...COMMAND, status: 'declined' }),
      MESSAGE,
      { type: 'turn.completed', usage: {} },
    ],
  },
  { format: 'codex_rollout', end: 'call_open', ...MID_TASK, lines: [...BEGUN, FUNCTION] },
  { format: 'codex_rollout', end: 'result_unanswered', ...MID_TASK, lines: [...BEGUN, FUNCTION, OUTPUT] },
  { format: 'codex_rollout', end: 'turn_open', ...MID_TASK, lines: [...BEGUN, SPOKEN] },
  {
    format: 'codex_rollout',
    end: 'aborted',
    ...ABORTED,
    lines: [...BEGUN, FUNCTION, event({ type: 'turn_aborted', reason: 'interrupted' })],
  },
  {
    format: 'codex_rollout',
    end: 'context_limit',
    ...BY_MODEL,
    lines: [
      ...BEGUN,
      event({ type: 'error', message: 'ran out of room', codex_error_info: 'context_window_exceeded' }),
      event({
        type: 'task_complete',
        last_agent_message: null,
        error: { message: 'ran out of room', codex_error_info: 'context_window_exceeded' },
      }),
    ],
  },
  {
    format: 'codex_rollout',
    end: 'error_result',
    ...NETWORK,
    detail: 'rate_limit',
    lines: [
      ...BEGUN,
      event({
        type: 'task_complete',
        last_agent_message: null,
        error: { message: 'usage limit', codex_error_info: 'usage_limit_exceeded' },
      }),
    ],
  },
  {
    format: 'codex_rollout',
    end: 'nothing_done',
    ...NOTHING,
    lines: [...BEGUN, event({ type: 'task_complete', last_agent_message: null })],
  },
  { format: 'gemini_stream', end: 'call_open', ...MID_TASK, lines: [...OPENED, TOOL] },
  { format: 'gemini_stream', end: 'result_unanswered', ...MID_TASK, lines: [...OPENED, TOOL, TOOL_DONE] },
  { format: 'gemini_stream', end: 'no_result', ...MID_TASK, lines: [...OPENED, REPLY] },
  {
    format: 'gemini_stream',
    end: 'error_result',
    ...NETWORK,
    detail: 'rate_limit',
    lines: [
      ...OPENED,
      gemini('result', {
        status: 'error',
        error: { type: 'Error', message: '[API Error: {"error":{"code":429,"message":"slow down"}}]' },
      }),
    ],
  },
  {
    format: 'gemini_stream',
    end: 'turn_limit',
    ...BY_USER,
    lines: [
      ...OPENED,
      TOOL,
      TOOL_DONE,
      gemini('result', {
        status: 'error',
        error: { type: 'FatalTurnLimitedError', message: 'Reached max session turns' },
      }),
    ],
  },
  {
    format: 'gemini_stream',
    end: 'aborted',
    ...ABORTED,
    lines: [
      ...OPENED,
      gemini('result', { status: 'error', error: { type: 'FatalCancellationError', message: 'Operation cancelled.' } }),
    ],
  },
  {
    format: 'gemini_stream',
    end: 'nothing_done',
    ...NOTHING,
    lines: [...OPENED, gemini('result', { status: 'success', stats: {} })],
  },
  {
    format: 'gemini_session',
    end: 'call_open',
    ...MID_TASK,
    lines: [
      HEADER,
      ASKED,
      chat('m2', 'gemini', { content: '', toolCalls: [{ ...toolCall('executing'), result: undefined }] }),
    ],
  },
  {
    format: 'gemini_session',
    end: 'result_unanswered',
    ...MID_TASK,
    lines: [HEADER, ASKED, chat('m2', 'gemini', { content: '', toolCalls: [toolCall('success')] })],
  },
  {
    format: 'gemini_session',
    end: 'turn_failed',
    ...NETWORK,
    detail: 'overloaded',
    lines: [
      HEADER,
      ASKED,
      chat('m2', 'error', { content: '[API Error: {"error":{"code":503,"message":"overloaded"}}]' }),
    ],
  },
];

/** Healthy ends of each format: short, with calls, with calls that fail, with one denied and another way found. */
export const HEALTHY: readonly Pick<SampleEnd, 'format' | 'lines'>[] = [
  { format: 'claude_stream', lines: [INIT, ask(said('done')), result({ num_turns: 1 })] },
  {
    format: 'claude_stream',
    lines: [INIT, ask(used('t1')), answer(told('t1', 'Exit code 1\nno', true)), ask(said('it fails')), result({})],
  },
  {
    format: 'claude_stream',
    lines: [
      INIT,
      ask(used('t1', 'Write')),
      answer(told('t1', DENIED, true)),
      ask(used('t2')),
      answer(told('t2', 'ok')),
      ask(said('done')),
      result({}),
    ],
  },
  {
    format: 'claude_stream',
    lines: [
      INIT,
      ask(used('t1', 'Read')),
      answer(told('t1', 'x')),
      ask(used('t2')),
      answer(told('t2', DENIED, true)),
      ask(said('it says x')),
      result({}),
    ],
  },
  { format: 'claude_stream', lines: [result({ num_turns: 1 }), 'some words of a wrapper {'] },
  { format: 'claude_stream', lines: [INIT, ask(said('one')), result({}), INIT, ask(said('two')), result({})] },
  { format: 'claude_transcript', lines: [PROMPT, own('assistant', { message: said('done') })] },
  {
    format: 'claude_transcript',
    lines: [
      PROMPT,
      own('assistant', { message: used('t1') }),
      own('user', { message: told('t1', 'ok') }),
      own('assistant', { message: said('done') }),
      own('system', { subtype: 'turn_duration' }),
    ],
  },
  { format: 'codex_exec', lines: [...THREAD, MESSAGE, { type: 'turn.completed', usage: {} }] },
  {
    format: 'codex_exec',
    lines: [
      ...THREAD,
      { type: 'error', message: 'Reconnecting... 1/5' },
      ...CALLED,
      MESSAGE,
      { type: 'turn.completed', usage: {} },
    ],
  },
  {
    format: 'codex_rollout',
    lines: [...BEGUN, FUNCTION, OUTPUT, SPOKEN, event({ type: 'task_complete', last_agent_message: 'done' })],
  },
  { format: 'codex_rollout', lines: [META, FUNCTION, OUTPUT, SPOKEN] },
  {
    format: 'gemini_stream',
    lines: [...OPENED, TOOL, TOOL_DONE, REPLY, gemini('result', { status: 'success', stats: {} })],
  },
  {
    format: 'gemini_stream',
    lines: [
      ...OPENED,
      gemini('error', { severity: 'warning', message: 'Loop detected' }),
      REPLY,
      gemini('result', { status: 'success' }),
    ],
  },
  {
    format: 'gemini_session',
    lines: [
      HEADER,
      ASKED,
      chat('m2', 'gemini', { content: '', toolCalls: [toolCall('success')] }),
      chat('m3', 'gemini', { content: 'done' }),
    ],
  },
];

export function textOf(lines: readonly (object | string)[]): string {
  return lines.map((line) => (typeof line === 'string' ? line : `${JSON.stringify(line)}\n`)).join('');
}
