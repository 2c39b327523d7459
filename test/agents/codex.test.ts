import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyzed, found } from './analyze.ts';
import { codex, codexCall, codexOutput } from './fixtures.ts';

const META = codex('session_meta', { id: 't', cwd: '/srv', cli_version: '0.98.0' });
const START = codex('event_msg', { type: 'task_started', turn_id: '1' });
const END = codex('event_msg', { type: 'task_complete', turn_id: '1' });

function outcomeOf(output: unknown, cmd = 'make'): string[] {
  return found(analyzed([META, START, codexCall('c', cmd), codexOutput('c', output), END])).map((line) =>
    line.slice(2),
  );
}

test('the five formats of an output are told by their header', () => {
  assert.deepEqual(
    outcomeOf('{"output":"x: No such file or directory\\n","metadata":{"exit_code":1,"duration_seconds":0.1}}'),
    ['missing_dependency path_not_found'],
  );
  assert.deepEqual(outcomeOf('Exit code: 101\nWall time: 4 seconds\nOutput:\nerror: could not compile\n'), [
    'command_exit exit_nonzero',
  ]);
  assert.deepEqual(
    outcomeOf(
      'Chunk ID: a\nWall time: 1.0 seconds\nProcess exited with code 2\nOriginal token count: 9\nOutput:\nmake: *** Error 2',
    ),
    ['command_exit exit_nonzero'],
  );
  assert.deepEqual(outcomeOf('execution error: No such file or directory (os error 2)'), [
    'missing_dependency path_not_found',
  ]);
  assert.deepEqual(
    outcomeOf('Exit code: 124\nWall time: 10 seconds\nOutput:\ncommand timed out after 10003 milliseconds\n'),
    ['timeout timed_out'],
  );
  assert.deepEqual(outcomeOf([{ type: 'input_text', text: 'Exit code: 7\nWall time: 0 seconds\nOutput:\n' }]), [
    'command_exit exit_nonzero',
  ]);
});

test('a header may have lines of newer versions, and no "Output:" at all', () => {
  assert.deepEqual(outcomeOf('Chunk ID: a\nSomething new: 1\nProcess exited with code 2\nOutput:\nx'), [
    'command_exit exit_nonzero',
  ]);
  assert.deepEqual(outcomeOf('Exit code: 1\nWall time: 0 seconds\nbash: x: command not found'), [
    'missing_dependency command_not_found',
  ]);
});

test('only the header counts, never what follows "Output:"', () => {
  assert.deepEqual(
    outcomeOf('Exit code: 0\nWall time: 0 seconds\nOutput:\nExit code: 1\nbash: x: command not found\n'),
    [],
  );
  assert.deepEqual(outcomeOf('{"output":"Exit code: 1","metadata":{"exit_code":0}}'), []);
  assert.deepEqual(outcomeOf('just what a tool answered: command not found'), []);
  assert.deepEqual(outcomeOf('Wall time: 0 seconds\nOutput:\nProcess exited with code 1'), []);
});

test('"sandbox denied" is believed only when stderr has no other cause', () => {
  const denied = (stderr: string, code = 1): string[] =>
    outcomeOf(
      `failed in sandbox LinuxSeccomp with execution error: sandbox denied exec error, exit code: ${code}, stdout: , stderr: ${stderr}`,
      'touch x',
    );
  assert.deepEqual(denied("bash: -c: line 0: syntax error near unexpected token `('", 2), [
    'command_exit shell_syntax',
  ]);
  assert.deepEqual(denied('touch: x: Operation not permitted'), ['sandbox_approval permission']);
  assert.deepEqual(denied(''), ['sandbox_approval sandbox_denied']);
});

test('a search without a match is benign inside a login shell too', () => {
  const call = codex('response_item', {
    type: 'function_call',
    name: 'shell',
    arguments: JSON.stringify({ command: ['bash', '-lc', 'rg "x|y" src'] }),
    call_id: 'c',
  });
  assert.deepEqual(found(analyzed([META, call, codexOutput('c', '{"output":"","metadata":{"exit_code":1}}')])), []);
});

test('rejections and schema errors are told by their sentences', () => {
  assert.deepEqual(outcomeOf('exec command rejected by user'), ['sandbox_approval user_declined']);
  assert.deepEqual(outcomeOf('unsupported call: nope'), ['tool_schema unknown_tool']);
  assert.deepEqual(outcomeOf('failed to parse function arguments: missing field `cmd`'), [
    'tool_schema invalid_arguments',
  ]);
  const refused = 'approval policy is Never; reject command — you cannot ask for escalated permissions';
  assert.deepEqual(outcomeOf(refused), ['sandbox_approval permission_not_granted']);
});

test('a command that could not be started was not refused by anybody', () => {
  const created = (cause: string): string =>
    `exec_command failed: CreateProcess { message: "Rejected(\\"Failed to create unified exec process: ${cause}\\")" }`;
  assert.deepEqual(outcomeOf(created('No such file or directory (os error 2)')), ['missing_dependency path_not_found']);
  assert.deepEqual(outcomeOf(created('Too many open files (os error 24)')), ['resource descriptors']);
});

test('the error of a turn is told by task_complete, and ends the session', () => {
  const error = {
    message: 'exceeded retry limit, last status: 429 Too Many Requests',
    codex_error_info: { response_too_many_failed_attempts: { http_status_code: 429 } },
  };
  const failures = analyzed([META, START, codex('event_msg', { type: 'task_complete', error })]);
  assert.deepEqual(found(failures), ['3 network http_rate_limit']);
  assert.equal(failures.suspect.layer, 'environment');
});

test('an aborted turn is closed and no failure; a turn without an end is open', () => {
  assert.deepEqual(
    analyzed([META, START, codex('event_msg', { type: 'turn_aborted', reason: 'interrupted' })]).sources,
    [],
  );
  const failures = analyzed([META, START, START, codexCall('c', 'make')]);
  assert.deepEqual(failures.unclosed_turns, { at_end: 1, in_middle: 1 });
  assert.deepEqual(found(failures), ['4 unknown call_open_at_end']);
});

test('a command left running is a job, whose end comes later', () => {
  const ended = (exitCode: number): string[] =>
    found(
      analyzed([
        META,
        START,
        codexCall('c', 'npm run dev'),
        codexOutput('c', 'Chunk ID: a\nWall time: 1.0 seconds\nProcess running with session ID 42\nOutput:\n'),
        END,
        codex('event_msg', {
          type: 'item_completed',
          item: {
            type: 'CommandExecution',
            id: 'c',
            status: exitCode === 0 ? 'completed' : 'failed',
            exit_code: exitCode,
          },
        }),
      ]),
    );
  assert.deepEqual(ended(-1), ['6 background_job field_job_killed']);
  assert.deepEqual(ended(3), ['6 background_job field_job_failed']);
  assert.deepEqual(ended(0), []);
});

test('the event of a command that is told again by its output counts once', () => {
  const event = codex('event_msg', {
    type: 'item_completed',
    item: { type: 'CommandExecution', id: 'c', status: 'failed', exit_code: 1 },
  });
  const output = 'Chunk ID: a\nWall time: 0.0 seconds\nProcess exited with code 1\nOutput:\n';
  assert.deepEqual(found(analyzed([META, START, codexCall('c', 'false'), event, codexOutput('c', output), END])), [
    '5 command_exit exit_nonzero',
  ]);
});

const EXEC_START = [{ type: 'thread.started', thread_id: 't' }, { type: 'turn.started' }];
function exec(item: object): object {
  return { type: 'item.completed', item: { id: 'item_1', ...item } };
}

test('codex exec --json tells a command by its code, a refusal by its status and a service by its message', () => {
  const lines = [
    ...EXEC_START,
    exec({
      type: 'command_execution',
      command: "bash -lc 'npm ci'",
      aggregated_output: 'npm error code ECONNREFUSED\n',
      exit_code: 1,
      status: 'failed',
    }),
    exec({
      id: 'item_2',
      type: 'command_execution',
      command: 'x',
      aggregated_output: '',
      exit_code: null,
      status: 'declined',
    }),
    exec({
      id: 'item_3',
      type: 'mcp_tool_call',
      error: { message: 'tool call failed: timed out awaiting tools/call after 60s' },
      status: 'failed',
    }),
    exec({
      id: 'item_4',
      type: 'command_execution',
      command: "/bin/bash -lc 'grep x y'",
      aggregated_output: '',
      exit_code: 1,
      status: 'failed',
    }),
    exec({
      id: 'item_5',
      type: 'error',
      message: 'Model metadata for `x` not found. Defaulting to fallback metadata.',
    }),
    { type: 'error', message: 'Reconnecting... 1/5 (stream disconnected before completion)' },
    { type: 'error', message: '{"type":"error","status":400,"error":{"type":"invalid_request_error","message":"no"}}' },
    {
      type: 'turn.failed',
      error: { message: '{"type":"error","status":400,"error":{"type":"invalid_request_error","message":"no"}}' },
    },
  ];
  const failures = analyzed(lines);
  assert.equal(failures.format, 'codex_exec');
  assert.deepEqual(found(failures), [
    '3 network connection',
    '4 sandbox_approval field_declined',
    '5 timeout harness_timeout',
    '9 model request_rejected',
  ]);
});

test('an error item is a failure when its cause is known', () => {
  const message =
    'Code Mode is unavailable because failed to spawn host /usr/bin/x: host executable was not found. It will fail closed.';
  assert.deepEqual(found(analyzed([...EXEC_START, exec({ type: 'error', message }), { type: 'turn.completed' }])), [
    '3 missing_dependency command_not_found',
  ]);
});

test('items of several runs in one file are not mixed up', () => {
  const failing = exec({
    type: 'command_execution',
    command: 'false',
    aggregated_output: '',
    exit_code: 1,
    status: 'failed',
  });
  const run = [...EXEC_START, failing, { type: 'turn.completed' }];
  assert.equal(analyzed([...run, ...run]).counts.command_exit, 2);
});

test('an exec log without an end has an open call', () => {
  const started = {
    type: 'item.started',
    item: { id: 'item_0', type: 'command_execution', command: 'make', status: 'in_progress' },
  };
  assert.deepEqual(found(analyzed([...EXEC_START, started])), ['3 unknown call_open_at_end']);
});

test('an error that its turn repeats counts once', () => {
  const message = 'stream disconnected before completion';
  const lines = [
    META,
    START,
    codex('event_msg', { type: 'error', message }),
    codex('event_msg', { type: 'task_complete', error: { message } }),
  ];
  assert.deepEqual(found(analyzed(lines)), ['3 network service_unreachable']);
});

test('rollouts from before the envelope are read as well', () => {
  const lines = [
    { id: 't', timestamp: '2025-05-01T00:00:00.000Z', instructions: null, git: {} },
    { type: 'function_call', id: null, name: 'shell', arguments: '{"command":["bash","-lc","nope"]}', call_id: 'c' },
    {
      type: 'function_call_output',
      call_id: 'c',
      output: '{"output":"bash: nope: command not found\\n","metadata":{"exit_code":127}}',
    },
  ];
  const failures = analyzed(lines);
  assert.equal(failures.format, 'codex_rollout');
  assert.deepEqual(found(failures), ['3 missing_dependency command_not_found']);
});

test('a patch that failed is told by its event and by its output, and counts once', () => {
  const lines = [
    META,
    START,
    codex('response_item', { type: 'custom_tool_call', name: 'apply_patch', call_id: 'p', input: '*** Begin Patch' }),
    codex('event_msg', {
      type: 'patch_apply_end',
      call_id: 'p',
      success: false,
      stderr: 'Failed to find expected lines in a.ts',
    }),
    codex('response_item', {
      type: 'custom_tool_call_output',
      call_id: 'p',
      output: 'apply_patch verification failed: no',
    }),
    END,
  ];
  assert.deepEqual(found(analyzed(lines)), ['4 model edit_missed']);
});

test('of the calls without a result only those of the last round were running at the end', () => {
  const ok = 'Exit code: 0\nWall time: 0 seconds\nOutput:\n';
  const lines = [META, START, codexCall('a', 'x'), codexCall('b', 'y'), codexOutput('b', ok), codexCall('c', 'z')];
  const failures = analyzed(lines);
  assert.deepEqual(found(failures), ['6 unknown call_open_at_end']);
  assert.equal(failures.unclosed_calls, 2);
});

test('a service that is never reached is told where the session waits for it for ever, and not where it came back', () => {
  const waiting = {
    type: 'error',
    message: 'Reconnecting... waiting for network (Connection failed: error sending request)',
  };
  const begin = [{ type: 'thread.started', thread_id: 't' }, { type: 'turn.started' }];
  const waits = analyzed([...begin, waiting, waiting, waiting]);
  assert.deepEqual([waits.counts, waits.ended_by, waits.unclosed_turns.at_end], [{ network: 1 }, 'network', 1]);
  const message = { type: 'item.completed', item: { id: 'i', type: 'agent_message', text: 'x' } };
  assert.deepEqual(analyzed([...begin, waiting, message, { type: 'turn.completed' }]).counts, {});
});
