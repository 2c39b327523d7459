import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallTexts } from '../../src/agents/callTexts.ts';
import { retrySymptom, serviceSymptom } from '../../src/agents/claude/claudeService.ts';
import { codexOutcome } from '../../src/agents/codex/codexOutput.ts';
import { codexServiceSymptom } from '../../src/agents/codex/codexService.ts';
import { codewhale } from '../../src/agents/codewhale.ts';
import { geminiServiceSymptom, geminiSymptom, shellReport } from '../../src/agents/gemini/geminiError.ts';
import { genericJsonl, isLastWord } from '../../src/agents/genericJsonl.ts';
import { healthyEndOf } from '../../src/agents/healthyEnds.ts';
import { commandIn, idIn, promptIn, workingDirectoryIn } from '../../src/agents/recordFacts.ts';
import { shellCommandKind, shellCommandOf } from '../../src/agents/shellCommand.ts';
import { toolKindOf } from '../../src/agents/toolKinds.ts';
import type { TranscriptEvent } from '../../src/core/failures/transcriptEvents.ts';
import type { FormatName } from '../../src/core/words/agentTable.ts';
import type { JsonRecord } from '../../src/core/words/json.ts';
import { TOOL_KINDS } from '../../src/core/words/vocabulary.ts';
import { brief, eventsOf } from './briefEvents.ts';

/* The words in which agents write what went wrong, each as it is read. To be compared with what a new version writes. */

const CODES = {
  gemini: {
    policy: 'policy_violation execution_denied',
    invalid_params:
      'invalid_tool_params search_path_not_a_directory path_is_not_a_directory target_is_directory attempt_to_create_existing_file file_too_large web_fetch_no_url_in_prompt',
    unknown_tool: 'tool_not_registered',
    permission: 'permission_denied',
    outside_workspace: 'path_not_in_workspace',
    declined: 'sandbox_expansion_required',
    no_space: 'no_space_left',
    not_found: 'file_not_found search_path_not_found mcp_resource_not_found',
    edit_missed:
      'edit_preparation_failure edit_no_occurrence_found edit_expected_occurrence_mismatch edit_no_change edit_no_change_llm_judgement',
    remote: 'web_fetch_fallback_failed web_fetch_processing_error web_search_failed',
    timed_out: 'execution_timeout',
    authentication: 'FatalAuthenticationError',
    max_turns: 'FatalTurnLimitedError',
    user_interrupt: 'FatalCancellationError',
    rate_limit: 'TerminalQuotaError RetryableQuotaError',
    undefined: 'something_newer',
  },
  claude: {
    rate_limit: 'rate_limit',
    authentication: 'authentication_failed oauth_org_not_allowed',
    billing: 'billing_error',
    overloaded: 'overloaded server_error',
    invalid_request: 'model_not_found',
    context_exceeded: 'max_output_tokens',
    undefined: 'invalid_request unknown',
  },
  codex: {
    context_exceeded: 'context_window_exceeded',
    rate_limit: 'usage_limit_exceeded rate_limit_exceeded',
    overloaded: 'server_overloaded internal_server_error',
    authentication: 'unauthorized',
    invalid_request: 'bad_request',
    refusal: 'cyber_policy',
    remote: 'http_connection_failed response_stream_connection_failed response_stream_disconnected',
    undefined: 'other',
  },
} as const;

test('what agents call an error is one of our codes', () => {
  const codeOf = {
    gemini: (word: string) => geminiSymptom(word, 'x', '').code,
    claude: (word: string) => serviceSymptom(word, undefined, 'x').code,
    codex: (word: string) => codexServiceSymptom('x', word).code,
  };
  for (const [agent, codes] of Object.entries(CODES))
    for (const [code, words] of Object.entries(codes))
      for (const word of words.split(' ')) assert.equal(String(codeOf[agent as keyof typeof CODES](word)), code, `${agent} ${word}`);
}); // prettier-ignore

test('what a service answered has its status, from wherever an agent writes it', () => {
  for (const [symptom, status, said] of [
    [serviceSymptom('unknown', 429, 'API Error: 500 x'), 429, 'x'],
    [serviceSymptom('unknown', undefined, 'API Error: 529 {"x":1}'), 529, '{"x":1}'],
    [serviceSymptom('unknown', undefined, 'API Error: Connection error.'), undefined, 'Connection error.'],
    [serviceSymptom(7, undefined, 'the API Error: 529'), undefined, 'the API Error: 529'],
    [retrySymptom({ error: { status: 503, message: 'busy' } }), 503, 'busy'],
    [retrySymptom({ error: { cause: { code: 'ECONNRESET' } } }), undefined, 'ECONNRESET'],
    [retrySymptom({ error_status: 429, error: 'rate_limit' }), 429, ''],
    [retrySymptom({ status: 500 }), 500, ''],
    [codexServiceSymptom('unexpected status 401 Unauthorized: no'), 401, 'unexpected status 401 Unauthorized: no'],
    [codexServiceSymptom('exceeded retry limit, last status: 429 Too Many'), 429, 'exceeded retry limit, last status: 429 Too Many'],
    [codexServiceSymptom('it had unexpected status 401'), undefined, 'it had unexpected status 401'],
    [codexServiceSymptom('{"status":400,"error":{"code":"a","type":"b","message":"m"}}'), 400, 'a: m'],
    [codexServiceSymptom('{"error":{"type":"b","message":"m"}}'), undefined, 'b: m'],
    [codexServiceSymptom('{"message":"m"}'), undefined, 'm'],
    [codexServiceSymptom('x', { http_connection_failed: { http_status_code: 502 } }), 502, 'x'],
    [geminiServiceSymptom({ code: 429, message: 'm' }, 'f'), 429, 'm'],
    [geminiServiceSymptom({ message: '{"error":{"code":503}}' }, 'f'), 503, '{"error":{"code":503}}'],
    [geminiServiceSymptom({ code: 399 }, 'f'), undefined, 'f'],
    [geminiServiceSymptom({ code: 400 }, 'f'), 400, 'f'],
    [geminiServiceSymptom({ code: 599 }, 'f'), 599, 'f'],
    [geminiServiceSymptom({ code: 600 }, 'f'), undefined, 'f'],
    [geminiServiceSymptom(undefined, 'f'), undefined, 'f'],
  ] as const) {
    assert.deepEqual([symptom.http_status, symptom.said], [status, said]);
    assert.equal(symptom.origin, 'service');
  }
  assert.equal(codexServiceSymptom('x', { http_connection_failed: { http_status_code: 502 } }).code, undefined, 'the status says more');
  assert.equal(codexServiceSymptom('x', { http_connection_failed: {} }).code, 'remote');
}); // prettier-ignore

test('what Gemini’s shell tool reports is its exit code and what was printed', () => {
  for (const [report, code, output] of [
    ['Command exited with code: 3', 3, ''],
    ['Command exited with code 3.', 3, ''],
    ['Command terminated by signal: SIGKILL', 137, ''],
    ['Command terminated by signal: 9', 137, ''],
    ['Command: make\nDirectory: (root)\nOutput: no rule\nError: (none)\nExit Code: 2\nSignal: 0', 2, 'no rule\n'],
    ['Command: make\nStdout: (empty)\nStderr: bad\nExit Code: -1\nBackground PIDs: (none)', -1, '\nbad'],
    ['Output: x\nExit Code: 0', 0, 'x'],
    ['Output: x\nSignal: SIGTERM', 143, 'x'],
    ['<untrusted_context>\nOutput: x\nExit Code: 4\n</untrusted_context>', 4, 'x'],
  ] as const) {
    const found = shellReport(report);
    assert.deepEqual([found?.exit_code, found?.output.trim()], [code, output.trim()], report);
  }
  for (const limit of ['Command timed out after 1500ms before it could complete.', 'Command was automatically cancelled because it exceeded the timeout of 0.1 minutes'])
    assert.deepEqual([shellReport(limit)?.code, shellReport(limit)?.exit_code], ['timed_out', undefined]);
  for (const other of ['Exit Code: 1', 'Command: make\nOutput: x', 'Output: x\nSignal: 0', 'it said Command exited with code: 3']) assert.equal(shellReport(other), undefined, other);
  assert.equal(geminiSymptom('invalid_tool_params', 'Path not in workspace: x', '').code, 'outside_workspace');
  assert.equal(geminiSymptom('shell_execute_error', 'foo: command not found', '').never_ran, false);
  assert.equal(geminiSymptom('invalid_tool_params', 'x', '').never_ran, true);
  assert.equal(geminiSymptom('x', 'm', 'Command: foo\nExit Code: 127').exit_code, 127);
}); // prettier-ignore

test('a Codex call failed by its header, its older shapes or a sentence of its own, never by what a command printed', () => {
  const outcome = (output: unknown) => {
    const found = codexOutcome(output);
    if (found.type !== 'failed') return found.type === 'running' ? `running ${found.session}` : 'ok';
    const { exit_code: code, code: word, output: text, said } = found.symptom;
    return `${code ?? ''} ${word ?? ''} ${said ?? ''}|${text}`;
  };
  for (const [output, expected] of [
    ['Exit code: 0\nWall time: 1\nOutput:\nerror: x', 'ok'],
    ['Exit code: 2\nWall time: 1 seconds\nOutput:\nbad', '2  |bad'],
    ['Chunk ID: a\nWall time: 1\nProcess exited with code 3\nOriginal token count: 1\nOutput:\nbad', '3  |bad'],
    ['Chunk ID: a\nSomething new: 1\nProcess exited with code 3\nOutput:\nbad', '3  |bad'],
    ['Chunk ID: a\nProcess running with session ID 77\nOutput:\n', 'running 77'],
    ['Exit code: 4', '4  |'],
    ['Exit code: 4\nprinted at once', '4  |printed at once'],
    ['printed\nExit code: 4', 'ok'],
    ['{"output":"bad","metadata":{"exit_code":1,"duration_seconds":0.1}}', '1  |bad'],
    ['{"output":"error: x","metadata":{"exit_code":0}}', 'ok'],
    ['{"output":"error: x"}', 'ok'],
    [{ content: 'bad', success: false }, '  bad|bad'],
    [{ content: 'error: x', success: true }, 'ok'],
    [{ output: 'error: x' }, '  x|x'],
    ['failed in sandbox MacosSeatbelt with execution error: sandbox denied exec error, exit code: 1, stdout: a, stderr: b', '1 sandbox_denied |b'],
    ['execution error: Io', '  execution error: Io|execution error: Io'],
    ['err: no', '  no|no'],
    ['aborted by user after 1s', '  aborted by user after 1s|aborted by user after 1s'],
    ['approval policy is Never', '  approval policy is Never|approval policy is Never'],
    ['all is well', 'ok'],
  ] as const)
    assert.equal(outcome(output), expected, JSON.stringify(output));
}); // prettier-ignore

test('tools of all agents are of one kind each, by name, and nothing else of a name is kept', () => {
  const KINDS: Readonly<Record<string, string>> = {
    shell: 'Bash BashOutput KillShell killbash TaskOutput TaskStop shell shell_command exec_command write_stdin local_shell local_shell_call exec_shell task_shell task_shell_start task_shell_wait container.exec unified_exec run_shell_command execute_command run_command run_terminal_cmd run_commands execute write_bash read_bash stop_bash terminal command_execution powershell monitor',
    read: 'Read read_file read_many_files view_file view view_image list_dir list_directory LS NotebookRead list_files cat open_file get_file read_files',
    edit: 'Edit MultiEdit Write write_file NotebookEdit apply_patch replace edit_file create_file str_replace str_replace_editor str_replace_based_edit_tool file_change patch search_replace editor create ApplyPatch',
    search: 'Grep Glob search grep_files search_file_content find_files file_search codebase_search ripgrep grep_search ToolSearch search_codebase',
    web: 'WebFetch WebSearch web_run fetch_url web_fetch web_search google_web_search fetch browser web_search_call web.run FetchUrl fetch_web_content',
    mcp: 'mcp mcp_tool_call ReadMcpResourceTool ListMcpResourcesTool read_mcp_resource list_mcp_resources mcp__db__query',
    subagent: 'Task Agent spawn_agent subagent delegate collab_tool_call wait_agent send_input close_agent codebase_investigator team_spawn_teammate',
    other: 'something_else',
  };
  assert.deepEqual(Object.keys(KINDS).toSorted(), TOOL_KINDS.toSorted());
  for (const [kind, names] of Object.entries(KINDS)) for (const name of names.split(' ')) assert.equal(toolKindOf(name), kind, name);
  assert.equal(toolKindOf(7), 'other');
  assert.equal(toolKindOf(`${'x'.repeat(60)}bash`), 'other');
}); // prettier-ignore

test('the command of a shell call is found in the shapes of all agents', () => {
  for (const [args, expected] of [
    [{ command: 'make' }, 'make'],
    [{ cmd: 'make' }, 'make'],
    [{ script: 'make' }, 'make'],
    [{ commands: ['cd x', 'make'] }, 'make'],
    ['{"command":"make"}', 'make'],
    ['make', undefined],
    ['[1]', undefined],
    [{ command: ['bash', '-lc', 'make all'] }, 'make all'],
    [{ command: ['/bin/sh', '-c', 'make all'] }, 'make all'],
    [{ command: ['bash', 'make'] }, 'bash make'],
    [{ command: ['make', '-c', 'x'] }, 'make -c x'],
    [{ command: [] }, undefined],
    [{ command: "/bin/bash -lc 'rg foo'" }, 'rg foo'],
    [{ command: 'bash -c "rg foo"' }, 'rg foo'],
    [{ command: 'bash -c rg' }, 'rg'],
    [{ command: '"rg foo"' }, '"rg foo"'],
    [{ path: 'x' }, undefined],
    [7, undefined],
  ] as const)
    assert.equal(shellCommandOf(args), expected, JSON.stringify(args));
  assert.equal(shellCommandKind({ command: 'rg x' }), 'search');
  assert.equal(shellCommandKind({}), undefined);
}); // prettier-ignore

test('who a session is, where it works, what it was asked and what it runs is found by the names of keys', () => {
  for (const [record, expected] of [
    [{ sessionId: 'abcdef' }, 'abcdef'],
    [{ session_id: 'abcdef' }, 'abcdef'],
    [{ sessionID: 'abcdef' }, 'abcdef'],
    [{ thread_id: 'abcdef' }, 'abcdef'],
    [{ data: { sessionId: 'abcdef' } }, 'abcdef'],
    [{ type: 'session_meta', payload: { id: 'abcdef' } }, 'abcdef'],
    [{ type: 'other', payload: { id: 'abcdef' } }, undefined],
    [{ type: 'session', id: 'abcdef' }, 'abcdef'],
    [{ type: 'session_start', id: 'abcdef' }, 'abcdef'],
    [{ type: 'message', id: 'abcdef' }, undefined],
    [{ sessionId: 'abcde' }, undefined],
    [{ sessionId: '../abcdef' }, undefined],
    [{ sessionId: 'a'.repeat(129) }, undefined],
  ] as const)
    assert.equal(idIn(record), expected, JSON.stringify(record));
  for (const [record, expected] of [
    [{ cwd: '/a' }, '/a'],
    [{ workspaceDirectory: '/a' }, '/a'],
    [{ path: { cwd: '/a' } }, '/a'],
    [{ payload: { cwd: '/a' } }, '/a'],
    [{ data: { context: { cwd: '/a' } } }, '/a'],
    [{ cwd: '', payload: { cwd: '/b' } }, '/b'],
    [{ cwd: `/${'a'.repeat(4096)}` }, undefined],
  ] as const)
    assert.equal(workingDirectoryIn(record), expected, JSON.stringify(record).slice(0, 60));
  for (const [record, expected] of [
    [{ type: 'user', message: { content: 'do  it\nnow' } }, 'do it now'],
    [{ type: 'user.message', data: { content: 'do it' } }, 'do it'],
    [{ role: 'user', content: [{ type: 'text', text: 'do it' }] }, 'do it'],
    [{ payload: { role: 'user', content: 'do it' } }, 'do it'],
    [{ payload: { type: 'user_message', message: 'do it' } }, 'do it'],
    [{ message: { role: 'user', parts: [{ text: 'do it' }] } }, 'do it'],
    [{ role: 'user', text: 'do it' }, 'do it'],
    [{ messages: [{ role: 'assistant', content: 'x' }, { role: 'user', content: 'do it' }] }, 'do it'],
    [{ history: [{ role: 'user', content: 'do it' }] }, 'do it'],
    [{ type: 'assistant', message: { content: 'x' } }, undefined],
    [{ type: 'user', isMeta: true, message: { content: 'x' } }, undefined],
    [{ type: 'user', isSidechain: true, message: { content: 'x' } }, undefined],
    [{ type: 'user', message: { content: '<environment>x' } }, undefined],
    [{ type: 'user', message: { content: '# AGENTS.md x' } }, undefined],
    [{ type: 'user', message: { content: 'Caveat: x' } }, undefined],
    [{ type: 'user', message: { content: '[Request interrupted by user]' } }, undefined],
    [{ type: 'user', message: { content: '' } }, undefined],
  ] as const)
    assert.equal(promptIn(record), expected, JSON.stringify(record));
  const deep = (levels: number): unknown => (levels === 0 ? { command: 'make' } : { a: deep(levels - 1) });
  for (const [value, expected] of [
    [{ a: { command: 'make' } }, 'make'],
    [{ cmd: ['bash', '-lc', 'make'] }, 'make'],
    [{ command: ['bash', '-c', 'make'] }, 'make'],
    [{ command: ['node', '-c', 'x'] }, 'node -c x'],
    [[{ command: 'first' }, { command: 'last' }, {}], 'last'],
    [{ arguments: '{"cmd":"make"}' }, 'make'],
    [{ other: '{"cmd":"make"}' }, undefined],
    [{ command: '' }, undefined],
    [deep(8), 'make'],
    [deep(9), undefined],
  ] as const)
    assert.equal(commandIn(value), expected, JSON.stringify(value));
}); // prettier-ignore

test('an event of CodeWhale opens, closes or fails by the last word of its name and the status of its item', () => {
  const whale = (event: string, payload: object = {}, rest: object = {}) =>
    eventsOf(codewhale, { event, thread_id: 't', payload, ...rest }).map(brief).join(', ');
  const shell = { id: 'i', kind: 'command_execution' };
  for (const [told, expected] of [
    [whale('turn.started'), 'turn_opened'],
    [whale('turn.completed', { turn: { status: 'completed' } }), 'turn_closed'],
    [whale('turn.completed', { turn: { status: 'failed' } }), 'turn_closed, failed session'],
    [whale('turn.completed', { turn: { error: { message: 'unexpected status 401 x' } } }), 'turn_closed, failed service 401'],
    [whale('turn.completed', { error: 'x' }), 'turn_closed, failed service'],
    [whale('approval.timeout'), 'failed session policy'],
    [whale('sandbox.denied'), 'failed session policy'],
    ...['denied', 'rejected', 'Declined', 'deny'].map((decision) => [whale('approval.decided', { decision }), 'failed session declined'] as const),
    [whale('approval.decided', { decision: 'approved' }), ''],
    [whale('item.started', { item: shell, tool: { input: { command: 'make' } } }), 'call_opened i shell'],
    [whale('tool_call.requested', { call_id: 'c', name: 'read_file' }), 'call_opened c read'],
    [whale('tool_call.requested', { call_id: 'c', tool_name: 'read_file' }), 'call_opened c read'],
    [whale('tool_call.requested', { call_id: 'c', tool: 'read_file' }), 'call_opened c read'],
    [whale('tool_call.requested', { call_id: 'c', name: 'bash', tool: { name: 'read_file' } }), 'call_opened c read'],
    [whale('item.started', { item: { id: 'i', kind: 'message' } }), ''],
    [whale('item.completed', { item: shell }), 'call_ok i'],
    [whale('item.completed', { item: { ...shell, status: 'failed' } }), 'call_failed i call shell'],
    [whale('item.completed', { item: { ...shell, success: false } }), 'call_failed i call shell'],
    [whale('item.completed', { item: { ...shell, exit_code: 2 } }), 'call_failed i call 2 shell'],
    [whale('item.completed', { item: { ...shell, exit_code: 0 } }), 'call_ok i'],
    [whale('item.failed', { item: { id: 'i', kind: 'file_change' } }), 'call_failed i call edit'],
    [whale('item.failed', { item: { id: 'i', kind: 'web_search' } }), 'call_failed i call web'],
    [whale('item.failed', { item: { id: 'i', kind: 'mcp_tool_call' } }), 'call_failed i call mcp'],
    [whale('item.failed', { item: { id: 'i', kind: 'sub_agent' } }), 'call_failed i call subagent'],
    [whale('item.failed', { item: { id: 'i', kind: 'message' } }), 'call_failed i service'],
    [whale('item.failed', { item: { id: 'i' } }), ''],
    [whale('item.timeout', { item: shell }), 'call_failed i call timed_out shell'],
    ...['interrupted', 'canceled', 'cancelled'].map((end) => [whale(`item.${end}`, { item: shell }), 'call_failed i call user_interrupt shell'] as const),
    [whale('item.failed', { item: { ...shell, metadata: { exit_code: 3 } } }), 'call_failed i call 3 shell'],
    [whale('item.failed', { item: { ...shell, metadata: { status: 'TimedOut' } } }), 'call_failed i call timed_out shell'],
    [whale('item.failed', { item: { ...shell, metadata: { canceled: true } } }), 'call_failed i call user_interrupt shell'],
    [whale('item.failed', { item: { ...shell, metadata: { sandbox_denied: true } } }), 'call_failed i call sandbox_denied shell'],
    [whale('item.failed', { item: { ...shell, detail: 'Command failed (exit code: 4)\n\nSTDOUT:\na' } }), 'call_failed i call 4 shell'],
    [whale('item.unheard_of', { item: shell }), ''],
    [whale('turn_started'), 'turn_opened'],
  ] as const)
    assert.equal(told, expected);
  for (const [record, isIts] of [
    [{ event: 'x', thread_id: 't' }, true],
    ...['task_started', 'turn_complete', 'tool_call_complete', 'item.x', 'turn.x', 'thread.x', 'tool_call.x'].map((event) => [{ event }, true] as const),
    [{ event: 'other' }, false],
    [{ type: 'item.x' }, false],
  ] as const)
    assert.equal(codewhale.recognises(record), isIts, JSON.stringify(record));
}); // prettier-ignore

test('a log of no known shape tells of a failure by fields that mean one everywhere', () => {
  const generic = (record: JsonRecord) => eventsOf(genericJsonl, record).map(brief).join(', ');
  const failed = 'call_failed service';
  for (const [record, expected] of [
    ...['error', 'failed', 'failure', 'errored', 'fatal', 'Crashed'].map((status) => [{ call_id: 'c', status }, 'call_failed c service'] as const),
    ...['timeout', 'timed_out', 'timedout'].map((state) => [{ state }, `${failed} timed_out`] as const),
    ...['denied', 'declined', 'rejected'].map((outcome) => [{ outcome }, `${failed} declined`] as const),
    ...['killed', 'stale'].map((status) => [{ status }, `${failed} job_killed`] as const),
    [{ timed_out: true }, `${failed} timed_out`],
    [{ timedOut: true }, `${failed} timed_out`],
    [{ approval_denied: true }, `${failed} declined`],
    [{ approvalDenied: true }, `${failed} declined`],
    [{ sandbox_denied: true }, `${failed} permission`],
    [{ sandboxDenied: true }, `${failed} permission`],
    ...['exit_code', 'exitCode', 'returncode', 'return_code', 'exit_status'].map((key) => [{ [key]: 3 }, 'call_failed call 3'] as const),
    [{ exit_code: 0, error: 'x' }, ''],
    [{ success: true, error: 'x' }, ''],
    [{ ok: true, level: 'error' }, ''],
    [{ ok: false }, failed],
    [{ success: false }, failed],
    [{ is_error: true }, failed],
    [{ isError: true }, failed],
    ...['error', 'FATAL', 'critical', 'panic', 'emerg', 'alert'].map((level) => [{ level }, failed] as const),
    [{ severity: 'error' }, failed],
    [{ level: 'warn' }, ''],
    [{ error: 'x' }, failed],
    [{ error: { message: 'x' } }, failed],
    [{ error: { type: 'x' } }, failed],
    [{ error: '' }, ''],
    [{ error: 'x', status_code: 399 }, failed],
    [{ error: 'x', status_code: 400 }, `${failed} 400`],
    [{ error: 'x', statusCode: 599 }, `${failed} 599`],
    [{ error: 'x', http_status: 600 }, failed],
    [{ error: 'x', tool_name: 'Bash' }, 'call_failed call shell'],
    [{ payload: { data: { error: 'x' } } }, failed],
    [{ payload: { data: { item: { error: 'x' } } } }, ''],
    [{ event: 'turn.started' }, 'turn_opened'],
    [{ type: 'Task-Begin' }, 'turn_opened'],
    [{ event: 'turn_finished' }, 'turn_closed'],
    [{ event: 'task_done' }, 'turn_closed, turn_closed'],
    [{ event: 'run_failed', error: 'x' }, 'turn_closed, failed session'],
    [{ event: 'tool_call', call_id: 'c', tool: 'bash' }, 'call_opened c shell'],
    [{ event: 'command_started', tool_use_id: 'c' }, 'call_opened c other'],
    [{ event: 'tool_result', toolCallId: 'c' }, 'call_ok c'],
    [{ event: 'tool_result' }, ''],
    [{ status: 'error', message: '401 no' }, 'failed service 401'],
    [{ type: 'error', message: 'Error: 503 no' }, 'failed service 503'],
    [{ type: 'error', message: '401.5 no' }, 'failed service'],
  ] as const)
    assert.equal(generic(record), expected, JSON.stringify(record));
  for (const key of ['status', 'type', 'message', 'error', 'code', 'statusCode']) assert.equal(isLastWord({ type: 'error', [key]: 'error' }), true, key);
  assert.equal(isLastWord({ type: 'error', time: 1 }), false);
  assert.equal(isLastWord({ type: 'x', message: 'y' }), false);
}); // prettier-ignore

test('which record of each format says how a session ends', () => {
  const sign = (format: FormatName, record: JsonRecord) => {
    const found = healthyEndOf(format)?.signOf(record);
    return found === undefined ? '' : Object.entries(found).filter(([key]) => key !== 'type' || found.type !== 'result').map(([, value]) => String(value)).join(' ');
  };
  const text = [{ type: 'text', text: 'x' }];
  const empty = [{ type: 'text', text: '' }];
  const rows: readonly (readonly [FormatName, JsonRecord, string])[] = [
    ['claude_stream', { type: 'result', subtype: 'success', num_turns: 2, result: 'x' }, 'ok 2 true'],
    ['claude_stream', { type: 'result', subtype: 'success', num_turns: 2, structured_output: {} }, 'ok 2 true'],
    ['claude_stream', { type: 'result', subtype: 'success', is_error: true, num_turns: 0, result: '' }, 'failed 0 false'],
    ['claude_stream', { type: 'result', subtype: 'error_max_turns', num_turns: 1 }, 'failed 1 false'],
    ['claude_stream', { type: 'assistant', message: { content: text } }, 'text'],
    ['claude_stream', { type: 'assistant', parent_tool_use_id: 't', message: { content: text } }, ''],
    ['claude_transcript', { type: 'assistant', message: { content: text } }, 'text'],
    ['claude_transcript', { type: 'assistant', message: { content: empty } }, ''],
    ['claude_transcript', { type: 'assistant', isSidechain: true, message: { content: text } }, ''],
    ['claude_transcript', { type: 'assistant', isApiErrorMessage: true, message: { content: text } }, ''],
    ['claude_transcript', { type: 'assistant', message: { content: text, stop_reason: 'max_tokens' } }, 'output_cut'],
    ['claude_transcript', { type: 'user', message: { content: text } }, ''],
    ['codex_exec', { type: 'turn.completed' }, 'ok'],
    ['codex_exec', { type: 'turn.failed' }, 'failed'],
    ['codex_exec', { type: 'item.completed', item: { type: 'agent_message' } }, 'text'],
    ['codex_exec', { type: 'item.completed', item: { type: 'reasoning' } }, ''],
    ['codex_rollout', { payload: { type: 'task_complete', last_agent_message: 'x' } }, 'ok true'],
    ['codex_rollout', { payload: { type: 'turn_complete' } }, 'ok false'],
    ['codex_rollout', { payload: { type: 'task_complete', error: {} } }, 'failed false'],
    ['codex_rollout', { payload: { type: 'turn_aborted' } }, 'aborted'],
    ['codex_rollout', { payload: { type: 'agent_message' } }, 'text'],
    ['codex_rollout', { payload: { type: 'message', role: 'assistant' } }, 'text'],
    ['codex_rollout', { payload: { type: 'message', role: 'user' } }, ''],
    ['gemini_stream', { type: 'result', status: 'success' }, 'ok'],
    ['gemini_stream', { type: 'result', status: 'error' }, 'failed'],
    ['gemini_stream', { type: 'result', status: 'error', error: { type: 'FatalCancellationError' } }, 'aborted'],
    ['gemini_stream', { type: 'message', role: 'assistant', content: 'x' }, 'text'],
    ['gemini_stream', { type: 'message', role: 'assistant', content: '' }, ''],
    ['gemini_stream', { type: 'message', role: 'user', content: 'x' }, ''],
    ['gemini_session', { type: 'gemini', content: 'x' }, 'text'],
    ['gemini_session', { type: 'gemini', content: '' }, ''],
    ['gemini_session', { type: 'user', content: 'x' }, ''],
    ['qwen_chat', { type: 'assistant', message: { parts: [{ text: 'x' }] } }, 'text'],
    ['qwen_chat', { type: 'assistant', message: { parts: [{ text: 'x', thought: true }] } }, ''],
    ['qwen_chat', { type: 'assistant', message: { parts: [{ text: '' }] } }, ''],
    ['qwen_chat', { type: 'user', message: { parts: [{ text: 'x' }] } }, ''],
    ['pi_session', { type: 'message', message: { role: 'assistant', content: text } }, 'text'],
    ['pi_stream', { type: 'message_end', message: { role: 'assistant', content: text } }, 'text'],
    ['pi_session', { type: 'message', message: { role: 'assistant', stopReason: 'error' } }, 'failed'],
    ['pi_session', { type: 'message', message: { role: 'assistant', stopReason: 'aborted' } }, 'aborted'],
    ['pi_session', { type: 'message', message: { role: 'assistant', stopReason: 'length' } }, 'output_cut'],
    ['pi_session', { type: 'message', message: { role: 'user', content: text } }, ''],
    ['pi_session', { type: 'other', message: { role: 'assistant', content: text } }, ''],
    ['copilot_events', { type: 'assistant.message', data: { content: 'x' } }, 'text'],
    ['copilot_events', { type: 'assistant.message', data: { content: 'x', toolRequests: [1] } }, ''],
    ['copilot_events', { type: 'assistant.turn_end' }, 'pause'],
    ['copilot_events', { type: 'permission.requested' }, 'approval_asked'],
    ['copilot_events', { type: 'abort' }, 'aborted'],
    ['copilot_events', { type: 'result', exitCode: 0 }, ''],
    ['copilot_events', { type: 'result', exitCode: 1 }, 'failed'],
    ['opencode_run', { type: 'error', error: { name: 'MessageAbortedError' } }, 'aborted'],
    ['opencode_run', { type: 'error', error: { name: 'Other' } }, ''],
    ['opencode_run', { part: { type: 'text', text: 'x' } }, 'text'],
    ['opencode_run', { part: { type: 'text', text: '' } }, ''],
    ['opencode_run', { part: { type: 'step-finish', reason: 'length' } }, 'output_cut'],
    ['opencode_run', { part: { type: 'step-finish', reason: 'stop' } }, ''],
    ['opencode_database', { table: 'message', data: { error: { name: 'MessageAbortedError' } } }, 'aborted'],
    ['opencode_database', { table: 'part', data: { type: 'text', text: 'x' } }, ''],
    ['opencode_database', { table: 'part', data: { type: 'step-finish', reason: 'length' } }, 'output_cut'],
    ['cline_messages', { role: 'assistant', content: text }, 'text'],
    ['cline_messages', { role: 'assistant', metadata: { displayRole: 'error' }, content: text }, 'failed'],
    ['cline_messages', { role: 'user', content: text }, ''],
    ['cline_stream', { type: 'run_result', finishReason: 'completed', text: 'x' }, 'ok true'],
    ['cline_stream', { type: 'run_result', finishReason: 'error' }, 'failed false'],
    ['cline_stream', { type: 'run_result', finishReason: 'aborted' }, 'aborted false'],
    ['cline_stream', { type: 'run_result', finishReason: 'cancelled' }, 'aborted false'],
    ['cline_stream', { event: { type: 'content_end', contentType: 'text' } }, 'text'],
    ['cline_stream', { event: { type: 'content_end', contentType: 'tool' } }, ''],
    ['continue_session', { message: { role: 'assistant', content: 'x' } }, 'text'],
    ['continue_session', { message: { role: 'user', content: 'x' } }, ''],
    ['droid_session', { message: { role: 'assistant', content: text } }, 'text'],
    ['droid_session', { message: { role: 'user', content: text } }, ''],
    ['droid_stream', { type: 'completion', finalText: 'x' }, 'ok true'],
    ['droid_stream', { type: 'message', role: 'assistant' }, 'text'],
    ['droid_stream', { type: 'message', role: 'user' }, ''],
    ['cursor_stream', { type: 'result', subtype: 'success', result: 'x' }, 'ok true'],
    ['cursor_stream', { type: 'result', subtype: 'success', is_error: true }, 'failed false'],
    ['cursor_stream', { type: 'result', subtype: 'error' }, 'failed false'],
    ['cursor_stream', { type: 'assistant', message: { content: text } }, 'text'],
    ['acp_stream', { method: 'session/request_permission' }, 'approval_asked'],
    ['acp_stream', { params: { update: { sessionUpdate: 'agent_message_chunk' } } }, 'text'],
    ['acp_stream', { params: { update: { sessionUpdate: 'tool_call' } } }, ''],
    ['acp_stream', { result: { stopReason: 'end_turn' } }, 'ok'],
    ['acp_stream', { result: { stopReason: 'cancelled' } }, 'aborted'],
    ['acp_stream', { result: { stopReason: 'max_tokens' } }, 'output_cut'],
    ['acp_stream', { result: { stopReason: 'refusal' } }, ''],
    ...['mark_task_complete', 'task_complete', 'task_completed', 'attempt_completion', 'submit', 'finish', 'final_answer'].map((function_name) => ['atif_trajectory', { source: 'agent', tool_calls: [{ function_name }] }, 'ok'] as const),
    ['atif_trajectory', { source: 'agent', tool_calls: [{ function_name: 'resubmit' }] }, ''],
    ['atif_trajectory', { source: 'agent', message: 'x' }, 'text'],
    ['atif_trajectory', { source: 'user', message: 'x' }, ''],
  ];
  for (const [format, record, expected] of rows) assert.equal(sign(format, record), expected, `${format} ${JSON.stringify(record)}`);
  const due = 'claude_stream codex_exec gemini_stream qwen_stream cline_stream droid_stream cursor_stream'.split(' ');
  for (const format of new Set(rows.map(([name]) => name))) assert.equal(healthyEndOf(format)?.isResultDue, due.includes(format), format);
}); // prettier-ignore

test('the texts of calls and failures are kept clipped, by the call and by the line', () => {
  const texts = new CallTexts();
  const take = (line: number, event: object) => texts.take(event as TranscriptEvent, { line, ts: undefined }); // its events, in short
  const span = (line: number, id: string) => texts.ofCall({ line, id } as never);
  take(1, { type: 'call_opened', call: 'a', asked: { command: 'make  all' } });
  take(2, { type: 'call_ok', call: 'a', answer: 'one\n\ntwo\nthree\nfour\nfive' });
  assert.deepEqual(span(1, 'a'), { asked: 'make  all', answer: 'one\ntwo\nthree\nfour' });
  for (const key of ['file_path', 'path', 'filePath', 'pattern', 'query', 'url', 'description', 'prompt']) {
    take(3, { type: 'call_opened', call: key, asked: [{ x: 1 }, { [key]: 'this' }] });
    assert.deepEqual(span(3, key), { asked: 'this', answer: undefined }, key);
  }
  take(4, { type: 'call_opened', call: 'none', asked: { x: 1 } });
  assert.equal(span(4, 'none'), undefined);
  take(5, { type: 'call_opened', call: 'b', asked: { command: 'x'.repeat(500) } });
  take(6, { type: 'call_failed', call: 'b', symptom: { output: ' ', said: 'y'.repeat(500), exit_code: 2 } });
  take(6, { type: 'call_failed', call: 'zz', symptom: { output: 'other', exit_code: 3 } });
  const failed = texts.ofFailure({ line: 6, exit_code: 2 });
  assert.deepEqual([failed?.asked?.length, failed?.answer?.length], [300, 400]);
  assert.deepEqual(texts.ofFailure({ line: 6, exit_code: 3 }), { asked: undefined, answer: 'other' });
  assert.equal(texts.ofFailure({ line: 6 })?.asked?.length, 300, 'the first, where nothing tells which');
  take(7, { type: 'call_opened', call: 'open', asked: { command: 'sleep' } });
  assert.deepEqual(texts.ofFailure({ line: 7 }), { asked: 'sleep', answer: undefined });
  assert.equal(texts.ofFailure({ line: 99 }), undefined);
  take(8, { type: 'failed', symptom: { said: 'no' } });
  take(9, { type: 'retrying', symptom: { said: 'again' } });
  assert.deepEqual([texts.ofFailure({ line: 8 })?.answer, texts.ofFailure({ line: 9 })?.answer], ['no', 'again']);
}); // prettier-ignore
