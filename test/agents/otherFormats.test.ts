import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyzed, analyzerOf, found } from './analyze.ts';
import { AT, codex, geminiCall, geminiMessage } from './fixtures.ts';

const SHELL_REPORT =
  'Command: make\nDirectory: (root)\nOutput: make: cc: No such file or directory\nError: (none)\nExit Code: 2\nSignal: 0\nBackground PIDs: (none)';

const GEMINI_CALLS = [
  geminiCall('1', 'success', { output: 'ok' }),
  geminiCall('2', 'success', { output: SHELL_REPORT }),
  geminiCall('3', 'error', { error: 'Path must be absolute: .' }),
  geminiCall('4', 'cancelled', { error: '[Operation Cancelled] Reason: User cancelled the operation.' }),
  geminiCall('5', 'error', { error: 'no' }, { errorType: 'no_space_left' }),
];

test('a Gemini session in JSONL: a message that is written again counts once', () => {
  const header = { sessionId: 's', projectHash: 'h', startTime: AT, lastUpdated: AT };
  const pending = geminiMessage('m', [geminiCall('1', 'executing', {})]);
  const failures = analyzed([
    header,
    pending,
    geminiMessage('m', GEMINI_CALLS),
    geminiMessage('m', GEMINI_CALLS),
    { $set: { messages: [geminiMessage('m', GEMINI_CALLS)] } },
    geminiMessage('n', []),
  ]);
  assert.equal(failures.format, 'gemini_session');
  assert.deepEqual(found(failures), [
    '3 missing_dependency command_not_found',
    '3 tool_schema invalid_arguments',
    '3 resource field_no_space',
  ]);
  assert.equal(failures.unclosed_calls, 0);
});

test('a Gemini session of 0.60 and later: the report of the shell stands in a tag', () => {
  const report = (lines: string): object => ({
    output: `<untrusted_context>\n${lines}\nProcess Group PGID: 42\n</untrusted_context>`,
  });
  const calls = [
    geminiCall('1', 'success', report('Output: /usr/bin/bash: line 4: frob: command not found\nExit Code: 127')),
    geminiCall('2', 'success', report('Output: (empty)\nExit Code: 3')),
    geminiCall('3', 'success', report('Output: (empty)\nExit Code: 1'), { args: { command: 'ls | grep nothing' } }),
    geminiCall('4', 'success', { output: '<untrusted_context>\nOutput: Exit Code is told\n</untrusted_context>' }),
    geminiCall(
      '5',
      'error',
      { error: 'Path not in workspace: Attempted path "/etc/x" resolves outside' },
      { errorType: 'invalid_tool_params' },
    ),
  ];
  assert.deepEqual(
    found(analyzed([{ sessionId: 's', projectHash: 'h' }, geminiMessage('m', calls), geminiMessage('n', [])])),
    [
      '2 missing_dependency command_not_found',
      '2 command_exit exit_nonzero',
      '2 sandbox_approval field_outside_workspace',
    ],
  );
});

test('a Gemini session as one document: each failure has the line of its message', () => {
  const document = {
    sessionId: 's',
    projectHash: 'h',
    messages: [
      geminiMessage('first', []),
      geminiMessage('second', GEMINI_CALLS),
      {
        id: 'e',
        type: 'error',
        timestamp: AT,
        content: '[API Error: You have exhausted your daily quota on this model.]',
      },
    ],
  };
  const lines = JSON.stringify(document, undefined, 2).split('\n');
  const failures = analyzed(lines);
  const second = lines.findIndex((line) => line.includes('"second"')) + 1;
  assert.equal(failures.format, 'gemini_session');
  assert.equal(failures.malformed_lines, 0);
  assert.deepEqual(
    failures.sources.map((source) => source.line),
    [second, second, second, lines.findIndex((line) => line.includes('"e"')) + 1],
  );
  assert.deepEqual(analyzed([JSON.stringify(document)]).counts, failures.counts);
});

test('a document that is no JSON counts every line as malformed', () => {
  const failures = analyzed(['{', '  "messages": [', '  oops']);
  assert.deepEqual([failures.total_lines, failures.malformed_lines, failures.sources.length], [3, 3, 0]);
});

test('Gemini stream-json: the error type classifies, and the result ends the turn', () => {
  const result = (id: string, type: string, message = 'x'): object => ({
    type: 'tool_result',
    timestamp: AT,
    tool_id: id,
    status: 'error',
    error: { type, message },
  });
  const use = (id: string): object => ({
    type: 'tool_use',
    timestamp: AT,
    tool_name: 'run_shell_command',
    tool_id: id,
    parameters: { command: 'foo' },
  });
  const lines = [
    { type: 'init', timestamp: AT, session_id: 's', model: 'm' },
    use('1'),
    result('1', 'policy_violation'),
    use('2'),
    result('2', 'shell_execute_error', 'foo: command not found'),
    use('3'),
    result('3', 'edit_no_occurrence_found'),
    use('4'),
    { type: 'tool_result', timestamp: AT, tool_id: '4', status: 'success', output: 'command not found' },
    { type: 'error', timestamp: AT, severity: 'warning', message: 'Loop detected' },
    { type: 'result', timestamp: AT, status: 'error', error: { type: 'FatalTurnLimitedError', message: 'x' } },
  ];
  const failures = analyzed(lines);
  assert.equal(failures.format, 'gemini_stream');
  assert.deepEqual(found(failures), [
    '3 sandbox_approval field_policy',
    '5 missing_dependency command_not_found',
    '7 model field_edit_missed',
    '11 model field_max_turns',
  ]);
  assert.equal(failures.unclosed_turns.at_end, 0);
});

test('Gemini stream-json tells no exit code: a silent exit and the shell itself do', () => {
  const said = (id: string, command: string, output: string): object[] => [
    { type: 'tool_use', timestamp: AT, tool_id: id, tool_name: 'run_shell_command', parameters: { command } },
    { type: 'tool_result', timestamp: AT, tool_id: id, status: 'success', output },
  ];
  const failures = analyzed([
    { type: 'init', timestamp: AT, session_id: 's' },
    ...said('1', 'frob --now', '/usr/bin/bash: line 4: frob: command not found'),
    ...said('2', 'exit 3', 'Command exited with code: 3'),
    ...said('3', 'ls | grep nothing', 'Command exited with code: 1'),
    ...said('4', 'cat log', 'start\n/usr/bin/bash: line 4: frob: command not found\nend'),
    { type: 'result', timestamp: AT, status: 'success' },
  ]);
  assert.deepEqual(found(failures), ['3 missing_dependency command_not_found', '5 command_exit exit_nonzero']);
});

test('an error that the Gemini result repeats counts once', () => {
  const error = { type: 'Error', message: '{"error":{"code":503,"message":"The model is overloaded."}}' };
  const lines = [
    { type: 'init', timestamp: AT, session_id: 's' },
    { type: 'error', timestamp: AT, severity: 'error', message: error.message },
    { type: 'result', timestamp: AT, status: 'error', error },
  ];
  const failures = analyzed(lines);
  assert.deepEqual(found(failures), ['2 network http_server_error']);
  assert.equal(failures.unclosed_turns.at_end, 0);
});

function whale(event: string, payload: object, rest: object = {}): object {
  return { schema_version: 1, seq: 1, timestamp: AT, thread_id: 't', turn_id: 'u', event, payload, ...rest };
}

test('CodeWhale: the failure text is in summary and detail, and a completed item is never searched', () => {
  const item = (id: string, rest: object): object => ({ item: { id, kind: 'command_execution', ...rest } });
  const lines = [
    whale('turn.started', {}),
    whale('item.started', item('1', {}), { item_id: '1' }),
    whale(
      'item.failed',
      item('1', { status: 'failed', summary: 'write failed', detail: 'cp: x: No space left on device', exit_code: 1 }),
      { item_id: '1' },
    ),
    whale('item.started', item('2', {}), { item_id: '2' }),
    whale('item.completed', item('2', { status: 'completed', detail: 'command not found', exit_code: 0 }), {
      item_id: '2',
    }),
    whale('item.failed', item('3', { status: 'failed', detail: 'Exit code: 137' }), { item_id: '3' }),
    whale('sandbox.denied', {}),
    whale('tool_call.timeout', { tool_name: 'x' }, { item_id: '5' }),
    whale('item.interrupted', item('6', {}), { item_id: '6' }),
    whale('turn.completed', { turn: { status: 'failed', error: 'Invalid API key' } }),
  ];
  const failures = analyzed(lines);
  assert.equal(failures.format, 'codewhale');
  assert.deepEqual(found(failures), [
    '3 resource disk_full',
    '6 command_exit exit_by_signal',
    '7 sandbox_approval field_policy',
    '8 timeout field_timed_out',
    '10 network credentials_rejected',
  ]);
  assert.equal(failures.unclosed_turns.at_end, 0);
});

test('older CodeWhale logs say task_started and turn_complete for the same things', () => {
  const lines = [
    { event: 'task_started', timestamp: AT, payload: {} },
    { event: 'turn_started', timestamp: AT, payload: {} },
    { event: 'turn_complete', timestamp: AT, payload: {} },
  ];
  const failures = analyzed(lines);
  assert.deepEqual([failures.format, failures.unclosed_turns], ['codewhale', { at_end: 1, in_middle: 0 }]);
  const closed = analyzed([...lines, { event: 'task_complete', timestamp: AT }]);
  assert.deepEqual(closed.unclosed_turns, { at_end: 0, in_middle: 0 });
});

test('loose event logs classify by their fields, with unclosed turns', () => {
  const done = (rest: object): object => ({ event: 'tool_call_complete', turn_id: 'a', ...rest });
  const lines = [
    { event: 'turn_started', turn_id: 'a', timestamp: AT },
    done({ tool_name: 'exec_shell', exit_code: 127, stderr: 'bash: rg: command not found' }),
    done({ tool_name: 'exec_shell', exit_code: 2, stderr: 'command failed with exit code 2' }),
    done({ tool_name: 'web_search', error: 'DNS resolution failed for api.example.test' }),
    done({ tool_name: 'apply_patch', error: 'Permission denied by sandbox: read-only filesystem' }),
    done({ tool_name: 'fetch_url', error: 'request timed out after 30s' }),
    done({ tool_name: 'task_shell_wait', error: 'background job timed out' }),
    done({ tool_name: 'x', error: 'missing field: tool arguments' }),
    done({
      tool_name: 'exec_shell',
      success: true,
      content: 'error: command not found',
      stderr: 'a warning',
      error: '',
    }),
    done({
      tool_name: 'exec_shell',
      payload: { exitCode: 1, data: { stderr: 'curl: (7) Failed to connect to x port 80' } },
    }),
    done({ tool_name: 'exec_shell', success: false, sandbox_denied: true, exit_code: 1 }),
    { type: 'model_response', success: false, error: 'Authentication failed: invalid API key' },
    { event: 'turn_complete', turn_id: 'a', status: 'completed' },
    { event: 'turn_started', turn_id: 'b' },
  ];
  const failures = analyzed(lines);
  assert.deepEqual(found(failures), [
    '2 missing_dependency command_not_found',
    '3 command_exit exit_nonzero',
    '4 network dns',
    '5 sandbox_approval sandbox',
    '6 timeout harness_timeout',
    '7 background_job job_ended',
    '8 tool_schema invalid_arguments',
    '10 network connection',
    '11 sandbox_approval field_permission',
    '12 network credentials_rejected',
    '14 unknown turn_open_at_end',
  ]);
  assert.deepEqual(failures.unclosed_turns, { at_end: 1, in_middle: 0 });
});

test('calls of a loose log are opened and closed by their id', () => {
  const analyzer = analyzerOf([
    { type: 'tool_call_start', call_id: '1', tool: 'bash' },
    { type: 'tool_call_end', call_id: '1', status: 'ok' },
    { type: 'tool_call_start', call_id: '2', tool: 'bash' },
  ]);
  analyzer.finish();
  assert.deepEqual(
    analyzer.calls().map((call) => call.status),
    ['ok', 'open'],
  );
  assert.equal(analyzer.snapshotOf().unclosed_calls, 1);
});

test('devboy: a result that is not ok is a failure, an outcome of failure ends the session', () => {
  const line = (phase: string, payload: object): object => ({ ts: AT, skill: 'k', session_id: '01J', phase, payload });
  const lines = [
    line('start', {}),
    line('tool_call', { tool: 'Bash' }),
    line('tool_result', { tool: 'Bash', ok: false, error: 'bash: x: command not found' }),
    line('tool_call', { tool: 'Read' }),
    line('tool_result', { tool: 'Read', ok: true, output: 'command not found' }),
    line('somethingNew', {}),
    line('end', { outcome: 'failure', summary: 'gave up' }),
  ];
  const failures = analyzed(lines);
  assert.equal(failures.format, 'devboy');
  assert.deepEqual(found(failures), ['3 missing_dependency command_not_found'], 'gave up because of that');
  const ends = (summary: string) =>
    found(analyzed([...lines.slice(0, -1), line('end', { outcome: 'failure', summary })]));
  assert.equal(ends('429 Too Many Requests').length, 2);
  const alone = analyzed([line('start', {}), line('end', { outcome: 'failure', summary: 'gave up' })]);
  assert.deepEqual(found(alone), ['2 unknown unrecognised']);
  assert.deepEqual(analyzed([line('start', {}), line('end', { outcome: 'aborted' })]).sources, []);
  assert.equal(failures.first_ts, AT);
});

test('any other JSONL: codes, statuses and flags count, prose does not', () => {
  const lines = [
    { msg: 'this failed with command not found', level: 'info' },
    { exit_code: 127, stderr: 'sh: 1: x: not found' },
    { tool: 'bash', ok: false, error: 'Permission denied' },
    { level: 'error', message: 'connect ECONNREFUSED 127.0.0.1:80' },
    { status: 'timeout', tool: 'x' },
    { exit_code: 0, error: 'a warning: command not found' },
  ];
  const failures = analyzed(lines);
  assert.equal(failures.format, 'generic_jsonl');
  assert.deepEqual(found(failures), [
    '2 missing_dependency command_not_found',
    '3 sandbox_approval permission',
    '4 network service_unreachable',
    '5 timeout field_timed_out',
  ]);
});

test('malformed lines are counted and lose nothing else; unknown types are skipped', () => {
  const lines = [
    '{"type":"thread.started"}',
    '{"type":"turn.st',
    '42',
    '[1]',
    '"x"',
    '',
    '{"type":"something.new","item":7}',
    '{"type":"turn.started"}',
    '{"type":"turn.completed"}',
  ];
  const failures = analyzed(lines);
  assert.deepEqual(
    [failures.format, failures.total_lines, failures.malformed_lines, failures.sources.length],
    ['codex_exec', 9, 4, 0],
  );
});

test('a header that gives nothing away waits for the line that does', () => {
  const analyzer = analyzerOf([{ hello: 1 }, { type: 'thread.started' }, { type: 'turn.started' }]);
  assert.equal(analyzer.snapshotOf().format, 'codex_exec');
  assert.equal(analyzerOf([{ hello: 1 }]).snapshotOf().format, 'unknown');
});

test('a timestamp that is no instant never leaves', () => {
  const failures = analyzed([
    { timestamp: '/home/somebody', exit_code: 1 },
    { timestamp: `${AT}/x`, exit_code: 1 },
  ]);
  assert.deepEqual(
    [failures.first_ts, failures.last_ts, failures.sources.map((s) => s.ts)],
    [null, null, [null, null]],
  );
});

test('a log in which no turn or call was recognised clears nobody', () => {
  const unknown = analyzed([{ hello: 'world' }, { level: 'info', msg: 'started' }]);
  assert.deepEqual(
    [unknown.format, unknown.suspect.layer, unknown.suspect.confidence],
    ['unknown', 'unknown', 'possible'],
  );
  assert.equal(
    unknown.suspect.sentence,
    'Too little evidence to suspect anything: no turn or call was recognised in the log.',
  );
  const onlyHeader = analyzed([codex('session_meta', { id: 's', cwd: '/srv' })]);
  assert.deepEqual([onlyHeader.format, onlyHeader.suspect.layer], ['codex_rollout', 'unknown']);
  const healthy = analyzed([
    { event: 'tool_call_start', call_id: '1' },
    { event: 'tool_call_end', call_id: '1', ok: true },
  ]);
  assert.deepEqual([healthy.format, healthy.suspect.layer], ['generic_jsonl', 'none']);
});

test('what a power cut left behind a line, and a separator that only JavaScript knows, cost nothing', () => {
  const call = codex('event_msg', { type: 'task_started', text: 'a\u2028b' });
  const failures = analyzed([
    JSON.stringify(call) + '\0'.repeat(4000),
    '\0'.repeat(512) + JSON.stringify(call),
    '\0\0',
  ]);
  assert.deepEqual([failures.malformed_lines, failures.unclosed_turns], [0, { at_end: 1, in_middle: 1 }]);
  assert.equal(analyzed(['\0']).malformed_lines, 1);
});

test('a Gemini session of 0.61: what a tool answered stands in a message of the user as well', () => {
  const response = (id: string, told: object): object => ({
    functionResponse: { id, name: 'run_shell_command', response: told },
  });
  const report = (end: string): object => ({
    output: `<untrusted_context>\nOutput: (empty)\n${end}\nProcess Group PGID: 9\n</untrusted_context>`,
  });
  const user = (id: string, ...content: object[]): object => ({ id, timestamp: AT, type: 'user', content });
  const aborted = geminiCall('1', 'success', report('Signal: 6'));
  const failures = analyzed([
    { sessionId: 's', projectHash: 'h' },
    user('u', { text: 'go' }),
    { $set: { lastUpdated: AT } },
    geminiMessage('m', []),
    geminiMessage('m', [aborted]),
    user('v', response('1', report('Signal: 6'))),
    user(
      'w',
      response('2', {
        output: 'Command was automatically cancelled because it exceeded the timeout of 0.1 minutes without output.',
      }),
    ),
    user('x', response('3', { error: "params must have required property 'command'" })),
    geminiMessage('n', []),
  ]);
  assert.deepEqual(
    failures.sources.map(({ category, exit_code }) => `${category} ${exit_code}`),
    ['command_exit 134', 'timeout undefined', 'tool_schema undefined'],
  );
  assert.equal(failures.unclosed_calls, 0);
});

test('Gemini stream-json: a signal, a limit and what the service said are told', () => {
  const use = (id: string): object => ({
    type: 'tool_use',
    timestamp: AT,
    tool_name: 'run_shell_command',
    tool_id: id,
    parameters: {},
  });
  const result = (id: string, output: string): object => ({
    type: 'tool_result',
    timestamp: AT,
    tool_id: id,
    status: 'success',
    output,
  });
  const failures = analyzed([
    { type: 'init', timestamp: AT, session_id: 's' },
    use('1'),
    result('1', 'Command terminated by signal: 6'),
    use('2'),
    result(
      '2',
      'Command was automatically cancelled because it exceeded the timeout of 0.1 minutes without output. There was none.',
    ),
    { type: 'result', timestamp: AT, status: 'error', error: { type: 'Error', message: '[API Error: terminated]' } },
  ]);
  assert.deepEqual(failures.counts, { command_exit: 1, timeout: 1, network: 1 });
  assert.equal(failures.ended_by, 'network');
});

test('what a program says as it gives up ended the session', () => {
  for (const record of [
    { status: 'error', message: '401 Incorrect API key provided: the key was revoked.' },
    { type: 'error', message: '401 Incorrect API key provided: the key was revoked.' },
  ]) {
    const { counts, sources, suspect } = analyzed([record]);
    assert.deepEqual([counts, sources[0]?.detail, suspect.layer], [{ network: 1 }, 'auth', 'environment']);
  }
  const logged = analyzed([
    { ts: AT, level: 'error', message: 'connect ECONNREFUSED' },
    { ts: AT, level: 'info' },
  ]);
  assert.equal(logged.ended_by, undefined);
});
