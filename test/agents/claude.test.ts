import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyzed, analyzerOf, found } from './analyze.ts';
import { claude, claudeCall, claudePrompt, claudeResult, claudeSays, stream } from './fixtures.ts';

function shellFailure(text: string): string[] {
  return found(analyzed([claudeCall('a', 'Bash', { command: 'x' }), claudeResult('a', text, true), claudeSays('ok')]));
}

test('a failed command is judged by its header and what it printed', () => {
  assert.deepEqual(shellFailure('Exit code 127\nbash: x: command not found'), [
    '2 missing_dependency command_not_found',
  ]);
  assert.deepEqual(shellFailure('Exit code 1370'), ['2 command_exit exit_nonzero']);
  assert.deepEqual(shellFailure('Exit code 3\nsomething'), ['2 command_exit exit_nonzero']);
  assert.deepEqual(shellFailure('Exit code 137'), ['2 command_exit exit_by_signal']);
});

test('cue words in an output that succeeded are no failure', () => {
  const output =
    'bash: x: command not found\nPermission denied\n<sandbox_violations>\ndeny file-write\n</sandbox_violations>';
  const failures = analyzed([
    claudeCall('a', 'Bash', { command: 'x' }),
    claudeResult('a', output, false),
    claudeSays('ok'),
  ]);
  assert.deepEqual(failures.sources, []);
  assert.equal(failures.suspect.layer, 'none');
});

test('a result without is_error fails when its detail or its tag says so', () => {
  const lines = [
    claudeCall('a', 'Read', {}),
    claudeResult('a', 'x', undefined, { toolUseResult: 'Error: File does not exist.' }),
    claudeCall('b', 'Read', {}),
    claudeResult('b', '<tool_use_error>InputValidationError: no</tool_use_error>'),
    claudeCall('c', 'Read', {}),
    claudeResult('c', 'fine', undefined, { toolUseResult: { stdout: '' } }),
    claudeSays('ok'),
  ];
  assert.deepEqual(found(analyzed(lines)), ['2 unknown unrecognised', '4 tool_schema invalid_arguments']);
});

test('content may be blocks, and a search without a match is benign', () => {
  const lines = [
    claudeCall('a', 'Bash', { command: 'cd src && rg -n "foo|bar"' }),
    claudeResult('a', [{ type: 'text', text: 'Exit code 1' }], true),
    claudeCall('b', 'Bash', { command: 'diff a b' }),
    claudeResult('b', 'Exit code 1\n1c1\n< x\n---\n> y', true),
    claudeSays('ok'),
  ];
  assert.deepEqual(found(analyzed(lines)), []);
});

test('a failed page, with its status beside the result, is a network failure', () => {
  const lines = [
    claudeCall('a', 'WebFetch', { url: 'x' }),
    claudeResult('a', 'Request failed with status code 404', true, { toolUseResult: { code: 404, url: 'x' } }),
    claudeSays('ok'),
  ];
  assert.deepEqual(found(analyzed(lines)), ['2 network http_page_unavailable']);
});

test('a failed request is told once, by its synthetic message; its retries are not failures', () => {
  const apiError = (error: string, text: string, status?: number): object =>
    claude('assistant', {
      isApiErrorMessage: true,
      error,
      apiErrorStatus: status,
      message: { model: '<synthetic>', role: 'assistant', content: [{ type: 'text', text }] },
    });
  const lines = [
    claudePrompt('hello'),
    claude('system', { subtype: 'api_error', error: { status: 529, message: 'overloaded' }, retryAttempt: 1 }),
    apiError('server_error', 'API Error: 529 Overloaded', 529),
    apiError('unknown', 'API Error: Unable to connect to API (ConnectionRefused)'),
    apiError('invalid_request', 'Prompt is too long'),
    apiError('billing_error', 'Credit balance is too low'),
  ];
  const failures = analyzed(lines);
  assert.deepEqual(found(failures), [
    '3 network field_overloaded',
    '4 network service_unreachable',
    '5 model context_exceeded',
    '6 network field_billing',
  ]);
  assert.equal(failures.ended_by, 'network');
});

test('the end of one background job counts once, wherever it is told again', () => {
  const note = '<task-notification>\n<task-id>b</task-id>\n<status>failed</status>\n</task-notification>';
  const attachment = { type: 'queued_command', prompt: note };
  const lines = [
    { type: 'queue-operation', operation: 'enqueue', sessionId: 's', content: note },
    { type: 'attachment', sessionId: 's', uuid: 'u', attachment },
    claudePrompt(note),
    claudeSays('x'),
  ];
  assert.deepEqual(found(analyzed(lines)), ['1 background_job field_job_failed']);
});

test('the end of a background job is found in a prompt, a queue operation and an attachment', () => {
  const note = (status: string): string =>
    `<task-notification>\n<task-id>b</task-id>\n<status>${status}</status>\n</task-notification>`;
  const lines = [
    claudePrompt(note('failed')),
    { type: 'queue-operation', operation: 'enqueue', sessionId: 's', content: note('killed') },
    { type: 'queue-operation', operation: 'remove', sessionId: 's', content: note('killed') },
    {
      type: 'attachment',
      sessionId: 's',
      uuid: 'u',
      attachment: { type: 'queued_command', prompt: note('completed') },
    },
  ];
  const analyzer = analyzerOf(lines);
  assert.deepEqual(found(analyzer.snapshotOf()), [
    '1 background_job field_job_failed',
    '2 background_job field_job_killed',
  ]);
  assert.deepEqual(
    analyzer.jobs().map((job) => job.line),
    [4],
  );
});

test("a prompt that talks about failures is nobody's failure", () => {
  const text = 'Exit code 1\nplease fix: command not found, rate limit, <task-notification><status>failed</status>';
  assert.deepEqual(found(analyzed([claudePrompt(text), claudeSays(text)])), []);
});

test('a user who interrupts is not a failure and ends the turn', () => {
  const lines = [
    claudePrompt('go'),
    claudeCall('a', 'Bash', { command: 'make' }),
    claudeResult('a', '[Request interrupted by user for tool use]', true),
    claude('user', {
      message: { role: 'user', content: [{ type: 'text', text: '[Request interrupted by user for tool use]' }] },
    }),
  ];
  const failures = analyzed(lines);
  assert.deepEqual(failures.sources, []);
  assert.deepEqual(failures.unclosed_turns, { at_end: 0, in_middle: 0 });
});

test('an open call is running in a live log, dead in a dead one, and lost in the middle', () => {
  const open = [claudePrompt('go'), claudeCall('a', 'Bash', { command: 'make' })];
  const live = analyzerOf(open).snapshotOf();
  assert.deepEqual([live.unclosed_calls, live.unclosed_turns.at_end, live.sources.length], [0, 0, 0]);
  const dead = analyzed(open);
  assert.deepEqual([dead.unclosed_calls, dead.unclosed_turns.at_end], [1, 1]);
  assert.deepEqual(found(dead), ['2 unknown call_open_at_end']);
  assert.equal(dead.suspect.layer, 'lifecycle');
  const lost = analyzed([
    ...open,
    claudeCall('b', 'Read', {}),
    claudeResult('b', 'x', false),
    claudeCall('c', 'Read', {}),
    claudeResult('c', 'x', false),
    claudeSays('done'),
  ]);
  assert.deepEqual([lost.unclosed_calls, lost.sources.length], [1, 0]);
});

test("a sub-agent's calls are its own: they neither close nor orphan the main agent's", () => {
  const side = { isSidechain: true, agentId: 'x1' };
  const lines = [
    claudeCall('t', 'Task', { prompt: 'x' }),
    claudeCall('a', 'Bash', { command: 'make' }, side),
    claudeResult('a', 'Exit code 2\nmake: *** Error 1', true, side),
    claudeSays('done', side),
  ];
  const failures = analyzed(lines);
  assert.deepEqual(found(failures), ['3 command_exit exit_nonzero', '1 unknown call_open_at_end']);
});

test('a command killed at the limit it was given is a timeout', () => {
  const lines = [
    claudeCall('a', 'Bash', { command: 'make', timeout: 60_000 }, { timestamp: '2026-02-03T04:05:00.000Z' }),
    claudeResult('a', 'Exit code 143', true, { timestamp: '2026-02-03T04:06:00.500Z' }),
    claudeSays('ok'),
  ];
  assert.deepEqual(found(analyzed(lines)), ['2 timeout killed_at_limit']);
});

test('a stream without a result has an unclosed turn; one with a result has none', () => {
  const start = [
    stream('system', { subtype: 'init', cwd: '/srv' }),
    stream('assistant', {
      message: { content: [{ type: 'tool_use', id: 'a', name: 'Bash', input: {} }] },
      parent_tool_use_id: null,
    }),
    stream('user', {
      message: { content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x', is_error: false }] },
    }),
  ];
  const hung = analyzed(start);
  assert.equal(hung.format, 'claude_stream');
  assert.deepEqual(found(hung), ['3 unknown turn_open_at_end']);
  const ended = analyzed([
    ...start,
    stream('result', { subtype: 'success', is_error: false, num_turns: 1, result: 'ok' }),
  ]);
  assert.deepEqual([ended.sources.length, ended.unclosed_turns.at_end], [0, 0]);
});

test("a stream's result tells how the session ended", () => {
  const result = (rest: object): string[] =>
    found(
      analyzed([
        stream('system', { subtype: 'init' }),
        stream('result', { num_turns: 1, permission_denials: [], ...rest }),
      ]),
    );
  assert.deepEqual(
    result({ subtype: 'success', is_error: true, result: 'API Error: 529 Overloaded', api_error_status: 529 }),
    ['2 network http_server_error'],
  );
  assert.deepEqual(result({ subtype: 'error_max_turns', is_error: true, errors: ['x'] }), ['2 model field_max_turns']);
  assert.deepEqual(result({ subtype: 'error_during_execution', is_error: true, errors: ['something else'] }), [
    '2 unknown unrecognised',
  ]);
  const denial = { tool_name: 'Bash', tool_use_id: 'a' };
  assert.deepEqual(result({ subtype: 'success', is_error: false, permission_denials: [denial] }), [
    '2 sandbox_approval field_declined',
  ]);
});

test('a job killed in a stream is told once, by its update', () => {
  const lines = [
    stream('system', { subtype: 'init' }),
    stream('system', { subtype: 'task_updated', task_id: 'b', patch: { status: 'killed' } }),
    stream('system', { subtype: 'task_notification', task_id: 'b', status: 'completed' }),
    stream('system', { subtype: 'task_notification', task_id: 'b', status: 'stopped' }),
    stream('result', { subtype: 'success', is_error: false, num_turns: 1 }),
  ];
  assert.deepEqual(found(analyzed(lines)), ['2 background_job field_job_killed']);
});

test("a sub-agent whose own requests failed has no flag, only its harness's sentence", () => {
  const answer = (text: string): string[] =>
    found(analyzed([claudeCall('a', 'Task', {}), claudeResult('a', [{ type: 'text', text }]), claudeSays('x')]));
  assert.deepEqual(answer('API Error: 500 This is a server-side issue, usually temporary.'), [
    '2 network http_server_error',
  ]);
  assert.deepEqual(answer('API Error: Connection error.'), ['2 network service_unreachable']);
  assert.deepEqual(answer('I found "API Error: 500" in the log of the server.'), []);
});

test('spans of calls hold kind and status only', () => {
  const analyzer = analyzerOf([
    claudeCall('a', 'mcp__db__query', {}),
    claudeResult('a', 'x', true),
    claudeCall('b', 'Grep', {}),
  ]);
  assert.deepEqual(
    analyzer.calls().map(({ tool_kind, status, line }) => ({ tool_kind, status, line })),
    [
      { tool_kind: 'mcp', status: 'failed', line: 1 },
      { tool_kind: 'search', status: 'open', line: 3 },
    ],
  );
});

test('an older failed request is told by the name of its model; what else the harness says is no failure', () => {
  const synthetic = (text: string): object =>
    claude('assistant', { message: { model: '<synthetic>', role: 'assistant', content: [{ type: 'text', text }] } });
  const lines = [
    synthetic('No response requested.'),
    synthetic('Claude AI usage limit reached|1760000000'),
    synthetic('API Error: 500 {"type":"error","error":{"type":"api_error","message":"no"}}'),
    synthetic('API Error: 400 {"type":"error","error":{"message":"Your credit balance is too low"}}'),
    synthetic(
      'API Error: 400 {"type":"error","error":{"message":"messages.3: tool_use ids were found without tool_result"}}',
    ),
  ];
  assert.deepEqual(
    found(analyzed(lines)).map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['2 network', '3 network', '4 network', '5 model'],
  );
});

test('a failed request that the stream tells by a message and again by its result counts once', () => {
  const lines = [
    stream('system', { subtype: 'init' }),
    stream('assistant', { error: 'rate_limit', message: { content: [{ type: 'text', text: 'limit' }] } }),
    stream('result', { subtype: 'success', is_error: true, num_turns: 1, result: 'limit', api_error_status: 429 }),
  ];
  const failures = analyzed(lines);
  assert.deepEqual(found(failures), ['2 network field_rate_limit']);
  assert.equal(failures.ended_by, 'network');
});

test('a failed request after which the session went on did not end it', () => {
  const failed = claude('assistant', { isApiErrorMessage: true, error: 'rate_limit', message: { content: [] } });
  assert.equal(analyzed([claudePrompt('go'), failed]).ended_by, 'network');
  assert.equal(analyzed([claudePrompt('go'), failed, claudePrompt('again'), claudeSays('done')]).ended_by, undefined);
});

test('requests that failed while the session waited are told once, and those that were made again not at all', () => {
  const retry = (attempt: number): object =>
    claude('system', { subtype: 'api_error', retryAttempt: attempt, error: { status: 529, message: 'Overloaded' } });
  const waits = analyzed([claudePrompt('go'), retry(1), retry(2)]);
  assert.deepEqual([waits.counts, waits.sources[0]?.detail], [{ network: 1 }, 'overloaded']);
  assert.deepEqual(analyzed([claudePrompt('go'), retry(1), claudeSays('done')]).counts, {});
});

test('lines that newer versions add, which hold prompts, are read past', () => {
  const lines = [
    { type: 'cost-state', sessionId: 's', uuid: 'u', cost: 1 },
    claudePrompt('go'),
    { type: 'api-request', sessionId: 's', uuid: 'u', request: { system: 'Error: a prompt', messages: [] } },
    { type: 'api-request-blob', sessionId: 's', uuid: 'u', blob: 'timed out' },
    claude('attachment', { attachment: { type: 'prompt_snapshot', content: 'Permission denied' } }),
    claudeSays('done'),
  ];
  const failures = analyzed(lines);
  assert.deepEqual([failures.format, failures.counts, failures.suspect.layer], ['claude_transcript', {}, 'none']);
});

test('a sub-agent or a stream that hands on what the service said is told by its status', () => {
  const { sources } = analyzed([
    stream('system', { subtype: 'init', tools: [] }),
    stream('result', {
      subtype: 'error_during_execution',
      is_error: true,
      num_turns: 1,
      error: { message: '[API Error: terminated]' },
    }),
  ]);
  assert.deepEqual(
    sources.map(({ category, detail }) => `${category} ${detail}`),
    ['network reset'],
  );
});
