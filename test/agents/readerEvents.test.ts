import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acpStream } from '../../src/agents/acpStream.ts';
import { claudeStream } from '../../src/agents/claude/claudeStream.ts';
import { claudeTranscript } from '../../src/agents/claude/claudeTranscript.ts';
import { codexExec } from '../../src/agents/codex/codexExec.ts';
import { codexRollout } from '../../src/agents/codex/codexRollout.ts';
import type { TranscriptFormat } from '../../src/agents/transcriptFormat.ts';
import type { JsonRecord } from '../../src/core/words/json.ts';
import { devboy } from '../../src/agents/devboy.ts';
import { brief, eventsOf } from './briefEvents.ts';

/* What the readers of the most used agents make of each kind of record. */

type Row = readonly [records: readonly JsonRecord[], expected: string];

function check(format: TranscriptFormat, rows: readonly Row[]): void {
  for (const [records, expected] of rows)
    assert.equal(
      eventsOf(format, ...records)
        .map(brief)
        .join(', '),
      expected,
      JSON.stringify(records),
    );
}

const use = (id: string, name: string, input: object = {}) => ({ type: 'tool_use', id, name, input });
const result = (id: string, content: unknown, is_error?: boolean) => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
  ...(is_error !== undefined && { is_error }),
});
const text = (words: string) => ({ type: 'text', text: words });
const task = (status: string, id = 't') => `<task-notification><task-id>${id}</task-id><status>${status}</status>`;

test('Claude Code’s own log, record by record', () => {
  const says = (content: readonly object[], stop_reason: unknown = null, rest: object = {}) => ({ type: 'assistant', message: { content, stop_reason }, ...rest });
  const told = (content: unknown, rest: object = {}) => ({ type: 'user', message: { content }, ...rest });
  check(claudeTranscript, [
    [[says([text('x')], 'end_turn')], 'turn_closed'],
    [[says([text('x')])], 'turn_closed'],
    [[says([{ type: 'thinking' }])], 'turn_active'],
    [[says([text('x')], 'tool_use')], 'turn_active'],
    [[says([{ type: 'thinking' }], 'max_tokens')], 'turn_closed'],
    [[says([use('a', 'Bash', { command: 'make' })], 'tool_use')], 'call_opened a shell, turn_active'],
    [[says([use('a', 'Read')], 'tool_use', { isSidechain: true, agentId: 'x' })], 'call_opened a read, turn_active'],
    [[says([{ type: 'tool_use', name: 'Bash' }], 'tool_use')], 'turn_active'],
    [[says([], 'refusal')], 'failed service refusal, turn_closed'],
    [[says([], 'model_context_window_exceeded')], 'failed service context_exceeded, turn_closed'],
    [[says([text('API Error: 529 x')], null, { isApiErrorMessage: true, error: 'overloaded' })], 'failed service overloaded 529, turn_closed'],
    [[says([text('x')], null, { isApiErrorMessage: true, error: 'rate_limit', apiErrorStatus: 429 })], 'failed service rate_limit 429, turn_closed'],
    [[{ type: 'assistant', message: { model: '<synthetic>', content: [text('x')] } }], 'failed service, turn_closed'],
    [[told('do it')], 'turn_active'],
    [[told([text('do it')])], 'turn_active'],
    [[told('do it', { isMeta: true })], ''],
    [[told('do it', { isCompactSummary: true })], ''],
    ...['<command-name>x', ' <local-command-stdout>', '<bash-input>', 'Caveat: x'].map((words): Row => [[told(words)], '']),
    [[told('[Request interrupted by user]')], 'turn_closed'],
    [[told([result('a', 'x')])], 'call_ok a, turn_active'],
    [[told([result('a', 'x', false)])], 'call_ok a, turn_active'],
    [[told([result('a', 'Exit code 3\nx', true)])], 'call_failed a call 3, turn_active'],
    [[told([result('a', 'Error: Exit code 3', true)])], 'call_failed a call 3, turn_active'],
    [[told([result('a', 'it said Exit code 3', true)])], 'call_failed a call, turn_active'],
    [[told([result('a', '<tool_use_error>no</tool_use_error>')])], 'call_failed a call, turn_active'],
    [[told([result('a', 'API Error: 529 x')])], 'call_failed a call 529, turn_active'],
    ...['API Error: Connection error', 'API Error: Request timed out', 'API Error: Unable to connect'].map((words): Row => [[told([result('a', words)])], 'call_failed a call, turn_active']),
    [[told([result('a', 'no API Error: 529')])], 'call_ok a, turn_active'],
    [[told([result('a', 'x')], { toolUseResult: 'Error: x' })], 'call_failed a call, turn_active'],
    [[told([result('a', 'x', true)], { toolUseResult: { interrupted: true } })], 'call_failed a call user_interrupt, turn_active'],
    [[told([result('a', 'x', true)], { toolUseResult: { code: 404 } })], 'call_failed a call 404, turn_active'],
    [[told([result('a', 'x', true)], { toolUseResult: { code: 399 } })], 'call_failed a call, turn_active'],
    [[told([result('a', 'x', true)], { toolUseResult: { code: 600 } })], 'call_failed a call, turn_active'],
    [[told([result('a', 'Exit code 137\n[Request interrupted by user for tool use]', true)])], 'call_failed a call user_interrupt 137, turn_active'],
    [[told([result('a', 'Command exited with code: 3', true)])], 'call_failed a call 3, turn_active'],
    [[told(task('failed'))], 'failed job job_failed'],
    [[told([text(task('killed'))])], 'failed job job_killed'],
    [[told(task('stopped'))], 'failed job job_killed'],
    [[told(task('completed'))], 'job_completed'],
    [[told(task('running'))], ''],
    [[{ type: 'queue-operation', operation: 'enqueue', content: task('failed') }, { type: 'queue-operation', operation: 'dequeue', content: task('failed', 'u') }], 'failed job job_failed'],
    [[{ type: 'attachment', attachment: { prompt: task('failed') } }, told(task('failed'))], 'failed job job_failed'],
    [[{ type: 'attachment', attachment: { content: task('failed') } }, told(task('failed', 'u'))], 'failed job job_failed, failed job job_failed'],
    [[{ type: 'system', subtype: 'api_error', error: { status: 529 } }], 'retrying service 529'],
    [[{ type: 'system', subtype: 'other' }], ''],
    [[{ type: 'summary' }], ''],
  ]);
  for (const [record, isIts] of [
    [{ sessionId: 's', uuid: 'u' }, true],
    [{ sessionId: 's', operation: 'enqueue' }, true],
    [{ sessionId: 's' }, false],
    [{ uuid: 'u' }, false],
    [{ type: 'summary', leafUuid: 'u' }, true],
    [{ type: 'summary' }, false],
    [{ type: 'file-history-snapshot' }, true],
  ] as const)
    assert.equal(claudeTranscript.recognises(record), isIts, JSON.stringify(record));
}); // prettier-ignore

test('what Claude Code prints as a stream, record by record', () => {
  const says = (content: readonly object[], rest: object = {}) => ({ type: 'assistant', message: { content }, ...rest });
  const told = (content: readonly object[], rest: object = {}) => ({ type: 'user', message: { content }, ...rest });
  const end = (rest: object) => ({ type: 'result', subtype: 'success', ...rest });
  const system = (subtype: string, rest: object = {}) => ({ type: 'system', subtype, ...rest });
  check(claudeStream, [
    [[system('init')], 'turn_active'],
    [[system('api_retry', { error_status: 429 })], 'retrying service 429'],
    [[system('task_notification', { status: 'failed' })], 'failed job job_failed'],
    [[system('task_updated', { task_id: 't', patch: { status: 'killed' } }), system('task_notification', { task_id: 't', status: 'stopped' })], 'failed job job_killed'],
    [[system('task_updated', { task_id: 't', patch: { status: 'running' } })], ''],
    [[system('task_updated', { task_id: 't', patch: { status: 'failed' } }), system('task_updated', { task_id: 't', patch: { status: 'failed' } })], 'failed job job_failed'],
    [[says([use('a', 'Bash')])], 'turn_active, call_opened a shell'],
    [[says([use('a', 'Bash')], { parent_tool_use_id: 'p' })], 'call_opened a shell'],
    [[says([text('x')], { error: 'rate_limit' })], 'turn_active, failed service rate_limit'],
    [[told([result('a', 'x')])], 'call_ok a, turn_active'],
    [[told([result('a', 'x')], { parent_tool_use_id: 'p' })], 'call_ok a'],
    [[told([result('a', 'Exit code 2', true)])], 'call_failed a call 2, turn_active'],
    [[end({})], 'turn_closed'],
    [[end({ is_error: true, result: 'API Error: 529 x' })], 'turn_closed, failed service 529'],
    [[end({ is_error: true, api_error_status: 429, result: 'x' })], 'turn_closed, failed service 429'],
    [[says([text('x')], { error: 'overloaded' }), end({ is_error: true })], 'turn_active, failed service overloaded, turn_closed'],
    [[says([text('x')], { error: 'overloaded' }), end({ is_error: true }), end({ is_error: true })], 'turn_active, failed service overloaded, turn_closed, turn_closed, failed service'],
    [[end({ subtype: 'error_max_turns' })], 'turn_closed, failed session max_turns'],
    [[end({ subtype: 'error_max_budget_usd' })], 'turn_closed, failed session budget'],
    [[end({ subtype: 'error_during_execution', api_error_status: 500 })], 'turn_closed, failed session 500'],
    [[end({ permission_denials: [{ tool_use_id: 'a' }] })], 'turn_closed, call_failed a call declined'],
    [[told([result('a', 'x', true)]), end({ permission_denials: [{ tool_use_id: 'a' }, {}] })], 'call_failed a call, turn_active, turn_closed'],
    [[{ type: 'stream_event' }], ''],
  ]);
  for (const [record, isIts] of [
    [{ session_id: 's', type: 'system', subtype: 'init' }, true],
    [{ session_id: 's', type: 'system' }, false],
    [{ session_id: 's', type: 'result', num_turns: 1 }, true],
    [{ session_id: 's', type: 'result' }, false],
    [{ session_id: 's', type: 'assistant', message: {} }, true],
    [{ session_id: 's', type: 'user', message: {} }, true],
    [{ session_id: 's', type: 'user', message: 'x' }, false],
    [{ type: 'system', subtype: 'init' }, false],
  ] as const)
    assert.equal(claudeStream.recognises(record), isIts, JSON.stringify(record));
}); // prettier-ignore

test('what Codex prints, record by record', () => {
  const item = (type: string, kind: string, rest: object = {}) => ({ type: `item.${type}`, item: { id: 'i', type: kind, ...rest } });
  const failed = (kind: string, rest: object = {}) => [item('completed', kind, { status: 'failed', ...rest })];
  check(codexExec, [
    [[{ type: 'turn.started' }, { type: 'turn.completed' }], 'turn_opened, turn_closed'],
    [[{ type: 'turn.failed', error: { message: 'x' } }], 'turn_closed, failed service'],
    [[{ type: 'error', message: 'x' }, { type: 'turn.failed', error: { message: 'x' } }], 'failed service, turn_closed'],
    [[{ type: 'error', message: 'x' }, { type: 'turn.failed', error: { message: 'y' } }], 'failed service, turn_closed, failed service'],
    [[{ type: 'error', message: 'x' }, { type: 'thread.started' }, { type: 'turn.failed', error: { message: 'x' } }], 'failed service, turn_closed, failed service'],
    [[{ type: 'error', message: 'Reconnecting... 1/5 (unexpected status 503 x)' }], 'retrying service'],
    [[{ type: 'error', message: 'Reconnecting... 1/5 unexpected status 503 x' }], 'retrying service 503'],
    ...(([['command_execution', 'shell'], ['file_change', 'edit'], ['mcp_tool_call', 'mcp'], ['collab_tool_call', 'subagent'], ['web_search', 'web']]) as const).flatMap(([kind, tool]): readonly Row[] => [
      [[item('started', kind)], `call_opened 0 i ${tool}`],
      [[item('completed', kind, { status: 'completed' })], 'call_ok 0 i'],
      [failed(kind, { exit_code: 2 }), `call_failed 0 i call 2 ${tool}`],
      [[item('completed', kind, { status: 'declined' })], `call_failed 0 i call declined ${tool}`],
    ]),
    [[{ type: 'thread.started' }, item('started', 'web_search')], 'call_opened 1 i web'],
    [[item('started', 'reasoning')], ''],
    [[item('completed', 'reasoning')], 'turn_active'],
    [[item('completed', 'error', { message: 'x' })], 'failed service'],
    [[item('updated', 'web_search')], ''],
    [failed('mcp_tool_call', { error: { message: 'x' } }), 'call_failed 0 i call mcp'],
  ]);
  for (const type of ['thread.started', 'turn.started', 'turn.completed', 'turn.failed', 'item.started', 'item.updated', 'item.completed']) assert.equal(codexExec.recognises({ type }), true, type);
  for (const type of ['error', 'xturn.started', 'turn.startedx', 7]) assert.equal(codexExec.recognises({ type }), false, String(type));
}); // prettier-ignore

test('Codex’ own log, record by record', () => {
  const event = (payload: object) => ({ type: 'event_msg', payload });
  const item = (payload: object) => ({ type: 'response_item', payload });
  const call = (name: string, args: object = {}) => item({ type: 'function_call', name, call_id: 'c', arguments: JSON.stringify(args) });
  const output = (told: unknown) => item({ type: 'function_call_output', call_id: 'c', output: told });
  const running = output('Chunk ID: a\nProcess running with session ID 5\nOutput:\n');
  const ended = (rest: object) => event({ type: 'item_completed', item: { type: 'CommandExecution', id: 'c', ...rest } });
  check(codexRollout, [
    [[event({ type: 'task_started' })], 'turn_opened'],
    [[event({ type: 'turn_started' })], 'turn_opened'],
    [[event({ type: 'task_complete' })], 'turn_closed'],
    [[event({ type: 'turn_complete', error: { message: 'x', codex_error_info: 'unauthorized' } })], 'failed service authentication, turn_closed'],
    [[event({ type: 'error', message: 'x' }), event({ type: 'task_complete', error: { message: 'x' } })], 'failed service, turn_closed'],
    [[event({ type: 'error', message: 'x' }), event({ type: 'task_complete', error: { message: 'y' } })], 'failed service, failed service, turn_closed'],
    [[event({ type: 'error', message: 'x' }), event({ type: 'task_started' }), event({ type: 'task_complete', error: { message: 'x' } })], 'failed service, turn_opened, failed service, turn_closed'],
    [[event({ type: 'agent_message' })], 'turn_active'],
    [[event({ type: 'turn_aborted' })], 'turn_closed'],
    [[event({ type: 'stream_error', message: 'x' })], 'retrying service'],
    [[event({ type: 'mcp_tool_call_end', call_id: 'c', result: { Err: 'x' } })], 'call_failed c call mcp'],
    [[event({ type: 'mcp_tool_call_end', call_id: 'c', result: { Ok: { isError: true, content: 'x' } } })], 'call_failed c call mcp'],
    [[event({ type: 'mcp_tool_call_end', call_id: 'c', result: { Ok: { is_error: true, content: 'x' } } })], 'call_failed c call mcp'],
    [[event({ type: 'mcp_tool_call_end', call_id: 'c', result: { Ok: { content: 'x' } } })], ''],
    [[event({ type: 'patch_apply_end', call_id: 'c', success: false })], 'call_failed c call edit'],
    [[event({ type: 'patch_apply_end', call_id: 'c', success: true })], ''],
    [[call('exec_command', { cmd: 'make' })], 'call_opened c shell'],
    [[item({ type: 'custom_tool_call', name: 'apply_patch', call_id: 'c' })], 'call_opened c edit'],
    [[item({ type: 'local_shell_call', id: 'c', action: { command: ['make'] } })], 'call_opened c shell'],
    [[item({ type: 'mcp_tool_call', call_id: 'c', name: 'x' })], 'call_opened c mcp'],
    [[item({ type: 'function_call', name: 'x' })], ''],
    [[output('Exit code: 0\nOutput:\n')], 'call_ok c'],
    [[output('Exit code: 2\nOutput:\n')], 'call_failed c call 2'],
    ...['custom_tool_call_output', 'local_shell_call_output', 'mcp_tool_call_output'].map((type): Row => [[item({ type, call_id: 'c', output: 'Exit code: 2' })], 'call_failed c call 2']),
    [[running, ended({ exit_code: 0 })], 'call_ok c, job_completed'],
    [[running, ended({ status: 'completed', exit_code: 3 })], 'call_ok c, job_completed'],
    [[running, ended({ exit_code: 3 })], 'call_ok c, failed job job_failed 3 shell'],
    [[running, ended({ exit_code: -1 })], 'call_ok c, failed job job_killed -1 shell'],
    [[running, ended({})], 'call_ok c, failed job job_killed shell'],
    [[running, ended({ exit_code: 3 }), ended({ exit_code: 3 })], 'call_ok c, failed job job_failed 3 shell'],
    [[ended({ exit_code: 3 })], '', ],
    [[running, call('write_stdin', { session_id: 5 }), ended({ exit_code: 3 })], 'call_ok c, call_opened c shell'],
    [[{ type: 'function_call', name: 'shell', call_id: 'c', arguments: '{"cmd":"x"}' }], 'call_opened c shell'],
    [[{ type: 'turn_context', payload: { type: 'function_call', call_id: 'c' } }], ''],
  ]);
  for (const [record, isIts] of [
    ...['session_meta', 'turn_context', 'response_item', 'event_msg'].map((type) => [{ type, payload: {} }, true] as const),
    [{ type: 'event_msg' }, false],
    [{ type: 'other', payload: {} }, false],
    [{ instructions: null, id: 'i', timestamp: 't' }, true],
    [{ id: 'i', timestamp: 't' }, false],
    [{ instructions: null, id: 'i' }, false],
  ] as const)
    assert.equal(codexRollout.recognises(record), isIts, JSON.stringify(record));
}); // prettier-ignore

test('lines of the Agent Client Protocol, record by record', () => {
  const update = (rest: object) => ({ method: 'session/update', params: { sessionId: 's', update: rest } });
  const prompt = (id: number) => ({ method: 'session/prompt', id, params: { sessionId: 's' } });
  const called = (rest: object) => update({ sessionUpdate: 'tool_call', toolCallId: 'c', ...rest });
  const done = (stopReason: string, id = 1) => ({ id, result: { stopReason } });
  check(acpStream, [
    [[prompt(1), done('end_turn')], 'turn_active, turn_closed'],
    [[prompt(1), done('max_tokens')], 'turn_active, turn_closed, failed service context_exceeded'],
    [[prompt(1), done('max_turn_requests')], 'turn_active, turn_closed, failed session max_turns'],
    [[prompt(1), done('refusal')], 'turn_active, turn_closed, failed service refusal'],
    [[prompt(1), { id: 1, error: { message: '{"error":{"code":503}}' } }], 'turn_active, turn_closed, failed service 503'],
    [[prompt(1), { id: 1, error: { message: 'x', data: { details: '"code": 429' } } }], 'turn_active, turn_closed, failed service 429'],
    ...(([['execute', 'shell'], ['read', 'read'], ['edit', 'edit'], ['delete', 'edit'], ['move', 'edit'], ['search', 'search'], ['fetch', 'web'], ['think', 'other']]) as const).map(([kind, tool]): Row => [[called({ kind })], `call_opened c ${tool}`]),
    [[called({ kind: 'read', status: 'completed' })], 'call_opened c read, call_ok c'],
    [[update({ sessionUpdate: 'tool_call_update', toolCallId: 'c', status: 'completed' })], 'call_ok c'],
    [[update({ sessionUpdate: 'tool_call_update', toolCallId: 'c', status: 'failed', rawOutput: { exit_code: 3 } })], 'call_failed c call 3'],
    [[update({ sessionUpdate: 'tool_call_update', toolCallId: 'c', status: 'failed', rawOutput: { exitCode: 4 } })], 'call_failed c call 4'],
    [[update({ sessionUpdate: 'tool_call_update', toolCallId: 'c', status: 'in_progress' })], ''],
    [[update({ sessionUpdate: 'tool_call', kind: 'read' })], ''],
    ...['agent_message_chunk', 'agent_thought_chunk', 'plan'].map((sessionUpdate): Row => [[update({ sessionUpdate })], 'turn_active']),
    [[update({ sessionUpdate: 'available_commands_update' })], ''],
  ]);
  for (const method of ['session/update', 'session/prompt', 'session/new', 'session/load', 'session/cancel']) assert.equal(acpStream.recognises({ jsonrpc: '2.0', method }), true, method);
  assert.equal(acpStream.recognises({ jsonrpc: '2.0', method: 'textDocument/hover' }), false);
  assert.equal(acpStream.recognises({ method: 'session/update' }), false);
}); // prettier-ignore

test('a DevBoy result closes the last open call of its tool, and a session fails by its own word', () => {
  const phase = (name: string, payload: object = {}) => ({ skill: 's', session_id: 'x', phase: name, payload });
  const boy = (...records: ReturnType<typeof phase>[]) => eventsOf(devboy, ...records).map(brief).join(', ');
  const said = (...records: ReturnType<typeof phase>[]) =>
    eventsOf(devboy, ...records).flatMap((event) => ('symptom' in event ? [[event.symptom.said, event.symptom.output, event.symptom.is_notice]] : []));
  for (const [told, expected] of [
    [boy(phase('start')), 'turn_opened, phase'],
    [boy(phase('note')), 'phase'],
    [boy(phase('tool_call', { tool: 'bash' }), phase('tool_call', { tool: 'read_file' }), phase('tool_result', { tool: 'bash', ok: true }), phase('tool_result', { ok: false, code: 2 })),
      'call_opened x 1 shell, call_opened x 2 read, call_ok x 1, call_failed x 2 call 2 other'],
    [boy(phase('tool_call', { tool: 'bash' }), phase('tool_call', { tool: 'bash' }), phase('tool_result', { tool: 'bash' })),
      'call_opened x 1 shell, call_opened x 2 shell, call_ok x 2'],
    [boy(phase('tool_result', { ok: false, tool: 'bash' })), 'call_failed call shell'],
    [boy(phase('end', { outcome: 'success' })), 'turn_closed'],
    [boy(phase('end', { outcome: 'aborted' })), 'turn_closed'],
    [boy(phase('end', { outcome: 'failure' })), 'turn_closed, failed session'],
  ] as const)
    assert.equal(told, expected);
  assert.deepEqual(said(phase('tool_result', { ok: false, error: 'no' })), [['no', 'no', undefined]]);
  assert.deepEqual(said(phase('tool_result', { ok: false, exit_code: 2, stderr: 'no' })), [[undefined, 'no', undefined]]);
  assert.deepEqual(said(phase('end', { outcome: 'failure', summary: 'why' })), [['why', undefined, undefined]]);
  assert.deepEqual(said(phase('tool_result', { ok: false, output: 'no' }), phase('end', { outcome: 'failure', summary: 'why' })).at(-1), ['why', undefined, true]);
}); // prettier-ignore
