import { AT } from './fixtures.ts';

/** A call as the model asked for it. */
export interface Asked {
  readonly id: string;
  readonly tool: string;
  readonly args: object;
}

/** How an agent's log or stream tells a session, in the shapes that its program writes. */
export interface Teller {
  readonly begin: readonly object[];
  readonly ask: (call: Asked) => readonly object[];
  /** A shell command ended. */
  readonly ran: (call: Asked, exitCode: number, output: string) => readonly object[];
  /** The harness itself says why there is no answer. */
  readonly refused: (call: Asked, said: string) => readonly object[];
  readonly answered: (call: Asked, text: string) => readonly object[];
  readonly end: readonly object[];
  readonly failed?: (status: number, message: string) => readonly object[];
  /** A log that is one document. */
  readonly document?: { readonly header: object; readonly items: string };
  /** A call is written when it has ended, together with its answer. */
  readonly tellsEndedCallsOnly?: true;
  readonly shell: string;
}

let lines = 0;
const id = (): string => `00000000-0000-4000-8000-${String(++lines).padStart(12, '0')}`;

const qwen = (type: string, rest: object): object => ({
  uuid: id(),
  parentUuid: null,
  sessionId: 's-1',
  timestamp: AT,
  type,
  provenance: type,
  cwd: '/srv',
  version: '0.24.0',
  ...rest,
});
const qwenReport = (command: unknown, output: string, exitCode: number): string =>
  `Command: ${String(command)}\nDirectory: (root)\nOutput: ${output || '(empty)'}\nError: (none)\nExit Code: ${exitCode}\nSignal: (none)\nProcess Group PGID: (none)`;
const qwenResult = ({ id: call, tool }: Asked, response: object, result: object): object =>
  qwen('tool_result', {
    message: { role: 'user', parts: [{ functionResponse: { id: call, name: tool, response } }] },
    toolCallResult: { callId: call, ...result },
  });

const qwenChat: Teller = {
  shell: 'run_shell_command',
  begin: [qwen('user', { message: { role: 'user', parts: [{ text: 'go' }] } })],
  ask: ({ id: call, tool, args }) => [
    qwen('assistant', {
      message: { role: 'model', parts: [{ text: 'a' }, { functionCall: { id: call, name: tool, args } }] },
    }),
  ],
  ran: (call, exitCode, output) => {
    const text = qwenReport((call.args as { command?: unknown }).command, output, exitCode);
    const shown = { type: 'shell_result', version: 1, exitCode, signal: null, outcome: 'failed', output, text };
    return [
      exitCode === 0
        ? qwenResult(call, { output: text }, { status: 'success', executionStatus: 'success', resultDisplay: output })
        : qwenResult(
            call,
            { error: text },
            { status: 'error', errorType: 'shell_execute_error', executionStatus: 'error', resultDisplay: shown },
          ),
    ];
  },
  refused: (call, said) => [
    qwenResult(call, { error: said }, { status: 'error', executionStatus: 'not_started', resultDisplay: said }),
  ],
  answered: (call, text) => [qwenResult(call, { output: text }, { status: 'success', resultDisplay: '' })],
  end: [qwen('assistant', { message: { role: 'model', parts: [{ text: 'done' }] } })],
  failed: (status, message) =>
    [1, 2].map(() =>
      qwen('system', {
        subtype: 'ui_telemetry',
        systemPayload: {
          uiEvent: {
            'event.name': 'qwen-code.api_error',
            status_code: status,
            error_message: `${status} ${message}`,
          },
        },
      }),
    ),
};

const qwenLine = (type: string, rest: object): object => ({ type, uuid: id(), session_id: 's-1', ...rest });
const qwenContent = (role: string, block: object): object =>
  qwenLine(role, { parent_tool_use_id: null, message: { role, content: [block] } });
const qwenAnswer = ({ id: call }: Asked, isError: boolean, content: string): object =>
  qwenContent('user', { type: 'tool_result', tool_use_id: call, is_error: isError, content });

const qwenStream: Teller = {
  shell: 'run_shell_command',
  begin: [qwenLine('system', { subtype: 'init', tools: ['x'], permission_mode: 'yolo', qwen_code_version: '0.24.0' })],
  ask: ({ id: call, tool, args }) => [
    qwenContent('assistant', { type: 'tool_use', id: call, name: tool, input: args }),
  ],
  ran: (call, exitCode, output) => [
    exitCode === 0
      ? qwenAnswer(call, false, output)
      : qwenAnswer(call, true, qwenReport((call.args as { command?: unknown }).command, output, exitCode)),
  ],
  refused: (call, said) => [qwenAnswer(call, true, said)],
  answered: (call, text) => [qwenAnswer(call, false, text)],
  end: [qwenLine('result', { subtype: 'success', is_error: false, num_turns: 2, result: 'done' })],
  failed: (status, message) => [
    qwenLine('result', {
      subtype: 'error_during_execution',
      is_error: true,
      num_turns: 1,
      error: { message: `[API Error: ${status} ${message}]` },
    }),
  ],
};

let leaf: string | null = null;
const piLine = (type: string, rest: object): object => {
  const line = { type, id: id().slice(-8), parentId: leaf, timestamp: AT, ...rest };
  leaf = line.id;
  return line;
};
const piAnswer = ({ id: call, tool }: Asked, isError: boolean, text: string): object => ({
  role: 'toolResult',
  toolCallId: call,
  toolName: tool,
  content: [{ type: 'text', text }],
  isError,
});
const piAsk = ({ id: call, tool, args }: Asked): object => ({
  role: 'assistant',
  content: [
    { type: 'text', text: 'a' },
    { type: 'toolCall', id: call, name: tool, arguments: args },
  ],
  stopReason: 'toolUse',
});
const piRan = (exitCode: number, output: string): string =>
  exitCode === 0 ? output : `${output || '(no output)'}\n\nCommand exited with code ${exitCode}`;
const PI_SESSION = { type: 'session', version: 3, id: 's-1', timestamp: AT, cwd: '/srv' };
const PI_DONE = { role: 'assistant', content: [{ type: 'text', text: 'done' }], stopReason: 'stop' };
const piError = (status: number, message: string): object => ({
  role: 'assistant',
  content: [],
  stopReason: 'error',
  errorMessage: `${status}: ${JSON.stringify({ message, type: 'api_error' })}`,
});

const piSession: Teller = {
  shell: 'bash',
  // Without a line before them, so that every log can begin and end with them.
  begin: [
    PI_SESSION,
    { type: 'message', id: 'b', parentId: null, timestamp: AT, message: { role: 'user', content: [] } },
  ],
  ask: (call) => [piLine('message', { message: piAsk(call) })],
  ran: (call, exitCode, output) => [
    piLine('message', { message: piAnswer(call, exitCode !== 0, piRan(exitCode, output)) }),
  ],
  refused: (call, said) => [piLine('message', { message: piAnswer(call, true, said) })],
  answered: (call, text) => [piLine('message', { message: piAnswer(call, false, text) })],
  end: [{ type: 'message', id: 'e', parentId: null, timestamp: AT, message: PI_DONE }],
  failed: (status, message) => [piLine('message', { message: piError(status, message) })],
};

const piEnd = (call: Asked, isError: boolean, text: string): object[] => [
  {
    type: 'tool_execution_end',
    toolCallId: call.id,
    toolName: call.tool,
    result: { content: [{ type: 'text', text }] },
    isError,
  },
  { type: 'message_end', message: piAnswer(call, isError, text) },
];

const piStream: Teller = {
  shell: 'bash',
  begin: [PI_SESSION, { type: 'agent_start' }, { type: 'turn_start' }],
  ask: (call) => [
    { type: 'message_end', message: piAsk(call) },
    { type: 'tool_execution_start', toolCallId: call.id, toolName: call.tool, args: call.args },
  ],
  ran: (call, exitCode, output) => piEnd(call, exitCode !== 0, piRan(exitCode, output)),
  refused: (call, said) => piEnd(call, true, said),
  answered: (call, text) => piEnd(call, false, text),
  end: [
    { type: 'message_end', message: PI_DONE },
    { type: 'agent_end', messages: [] },
  ],
  failed: (status, message) => [
    { type: 'message_end', message: piError(status, message) },
    { type: 'agent_end', messages: [] },
    { type: 'auto_retry_start', attempt: 1, errorMessage: `${status}: {}` },
    { type: 'agent_start' },
    { type: 'message_end', message: piError(status, message) },
    { type: 'auto_retry_end', success: false, finalError: `${status}: ${message}` },
  ],
};

const copilot = (type: string, data: object): object => ({ type, data, id: id(), timestamp: AT, parentId: null });
const copilotEnd = (call: Asked, rest: object): object[] => [
  copilot('tool.execution_complete', { toolCallId: call.id, ...rest }),
  copilot('assistant.turn_end', { turnId: '0' }),
];

const copilotEvents: Teller = {
  shell: 'bash',
  begin: [
    copilot('session.start', { sessionId: 's-1', context: { cwd: '/srv' } }),
    copilot('user.message', { content: 'go' }),
  ],
  ask: ({ id: call, tool, args }) => [
    copilot('assistant.turn_start', { turnId: '0' }),
    copilot('assistant.message', { toolRequests: [{ toolCallId: call, name: tool, arguments: args }] }),
    copilot('tool.execution_start', { toolCallId: call, toolName: tool, arguments: args }),
  ],
  ran: (call, exitCode, output) =>
    copilotEnd(call, {
      success: true,
      shellExecution: { exitCode },
      result: { content: `${output}\n<shellId: 0 completed with exit code ${exitCode}>` },
    }),
  refused: (call, said) => copilotEnd(call, { success: false, error: { message: said, code: 'failure' } }),
  answered: (call, text) => copilotEnd(call, { success: true, result: { content: text } }),
  end: [copilot('assistant.message', { toolRequests: [] }), copilot('session.shutdown', { shutdownType: 'routine' })],
  failed: (status, message) => [
    ...[1, 2].flatMap(() => [
      copilot('model.call_failure', { statusCode: status, failureKind: 'api', errorMessage: message }),
      copilot('model.call_finished', { outcome: 'error' }),
    ]),
    copilot('session.error', { errorType: 'query', statusCode: status, message: `${status} ${message}` }),
    copilot('session.shutdown', { shutdownType: 'error' }),
  ],
};

const openCode = (type: string, rest: object): object => ({
  type,
  timestamp: Date.parse(AT),
  sessionID: 'ses_1',
  ...rest,
});
const openCodePart = (call: Asked, state: object): object => ({
  type: 'tool',
  tool: call.tool,
  callID: call.id,
  state: { input: call.args, ...state },
});
const openCodeRan = (call: Asked, exit: number, output: string): object =>
  openCodePart(call, { status: 'completed', output: output || '(no output)', metadata: { exit, output } });

const openCodeRun: Teller = {
  shell: 'bash',
  begin: [openCode('step_start', { part: { type: 'step-start' } })],
  ask: () => [],
  ran: (call, exitCode, output) => [openCode('tool_use', { part: openCodeRan(call, exitCode, output) })],
  refused: (call, said) => [openCode('tool_use', { part: openCodePart(call, { status: 'error', error: said }) })],
  answered: (call, text) => [
    openCode('tool_use', { part: openCodePart(call, { status: 'completed', output: text, metadata: {} }) }),
  ],
  end: [openCode('step_finish', { part: { type: 'step-finish', reason: 'stop' } })],
  failed: (statusCode, message) => [
    openCode('error', { error: { name: 'APIError', data: { message, statusCode, isRetryable: false } } }),
  ],
  tellsEndedCallsOnly: true,
};

const row = (table: string, data: object): object => ({
  table,
  id: id(),
  session_id: 'ses_1',
  time_created: Date.parse(AT),
  data,
});
const openCodeRows: Teller = {
  shell: 'bash',
  begin: [
    row('message', { role: 'user' }),
    row('part', { type: 'text', text: 'go' }),
    row('part', { type: 'step-start' }),
  ],
  ask: (call) => [row('part', openCodePart(call, { status: 'running', metadata: { output: '' } }))],
  ran: (call, exitCode, output) => [row('part', openCodeRan(call, exitCode, output))],
  refused: (call, said) => [row('part', openCodePart(call, { status: 'error', error: said }))],
  answered: (call, text) => [row('part', openCodePart(call, { status: 'completed', output: text, metadata: {} }))],
  end: [row('part', { type: 'step-finish', reason: 'stop' })],
  failed: (statusCode, message) => [
    row('message', {
      role: 'assistant',
      time: { completed: 1 },
      error: { name: 'APIError', data: { message, statusCode } },
    }),
  ],
};

const clineMessage = (role: string, block: object): object => ({
  id: id(),
  role,
  content: [block],
  ts: Date.parse(AT),
});
const clineRan = (exitCode: number, output: string): object => ({
  query: 'q',
  result: exitCode === 0 ? output : `[Command exited with code ${exitCode}]\n\n[stderr]\n${output}`,
  ...(exitCode !== 0 && { error: `Command exited with code ${exitCode}` }),
  success: exitCode === 0,
});
const clineAnswer = ({ id: call, tool }: Asked, content: unknown): object =>
  clineMessage('user', { type: 'tool_result', tool_use_id: call, name: tool, content });

const clineMessages: Teller = {
  shell: 'run_commands',
  document: { header: { version: 1, updated_at: AT, agent: 'lead', sessionId: 's-1' }, items: 'messages' },
  begin: [clineMessage('user', { type: 'text', text: 'go' })],
  ask: ({ id: call, tool, args }) => [
    clineMessage('assistant', { type: 'tool_use', id: call, name: tool, input: args }),
  ],
  ran: (call, exitCode, output) => [clineAnswer(call, [clineRan(exitCode, output)])],
  refused: (call, said) => [clineAnswer(call, JSON.stringify({ query: 'q', result: '', error: said, success: false }))],
  answered: (call, text) => [clineAnswer(call, [{ query: 'q', result: text, success: true }])],
  end: [clineMessage('assistant', { type: 'text', text: 'done' })],
};

const clineEvent = (event: object): object => ({ ts: AT, type: 'agent_event', event });
const clineEnd = (call: Asked, output: unknown): object =>
  clineEvent({ type: 'content_end', contentType: 'tool', toolName: call.tool, toolCallId: call.id, output });

const clineStream: Teller = {
  shell: 'run_commands',
  begin: [{ ts: AT, type: 'hook_event', hookEventName: 'agent_start' }, clineEvent({ type: 'iteration_start' })],
  ask: ({ id: call, tool, args }) => [
    clineEvent({ type: 'content_start', contentType: 'tool', toolName: tool, toolCallId: call, input: args }),
  ],
  ran: (call, exitCode, output) => [clineEnd(call, [clineRan(exitCode, output)])],
  refused: (call, said) => [
    clineEnd(call, { error: said }),
    clineEvent({ type: 'error', error: { message: `1 tool call(s) failed: ${said}` }, recoverable: true }),
  ],
  answered: (call, text) => [clineEnd(call, [{ query: 'q', result: text, success: true }])],
  end: [
    clineEvent({ type: 'done', reason: 'completed' }),
    { ts: AT, type: 'run_result', finishReason: 'completed', text: 'done' },
  ],
  failed: (status, message) => [
    clineEvent({ type: 'error', error: { message: `${status} ${message}` }, recoverable: false }),
    { ts: AT, type: 'run_result', finishReason: 'error', text: `${status} ${message}` },
    { ts: AT, type: 'error', message: `${status} ${message}` },
  ],
};

const continueItem = (call: Asked, status: string, content: string): object => ({
  message: { role: 'assistant', content: 'a' },
  contextItems: [],
  toolCallStates: [
    {
      toolCallId: call.id,
      toolCall: { id: call.id, function: { name: call.tool, arguments: JSON.stringify(call.args) } },
      status,
      output: [{ content }],
    },
  ],
});
const continueSession: Teller = {
  shell: 'Bash',
  document: { header: { sessionId: 's-1', title: 't', workspaceDirectory: '/srv' }, items: 'history' },
  begin: [{ message: { role: 'user', content: 'go' }, contextItems: [] }],
  ask: () => [],
  ran: (call, exitCode, output) => [
    exitCode === 0
      ? continueItem(call, 'done', output)
      : continueItem(call, 'errored', `Error executing tool Bash: Error (exit code ${exitCode}): ${output}`),
  ],
  refused: (call, said) => [continueItem(call, 'errored', said)],
  answered: (call, text) => [continueItem(call, 'done', text)],
  end: [{ message: { role: 'assistant', content: 'done' }, contextItems: [] }],
  tellsEndedCallsOnly: true,
};

const droidMessage = (role: string, block: object): object => ({
  type: 'message',
  id: id(),
  timestamp: AT,
  message: { role, content: [block] },
});
const droidAnswer = ({ id: call }: Asked, isError: boolean, content: string): object =>
  droidMessage('user', { type: 'tool_result', tool_use_id: call, content, is_error: isError });
const droidSession: Teller = {
  shell: 'Execute',
  begin: [
    { type: 'session_start', id: 's-1', title: 't', cwd: '/srv', version: 2 },
    droidMessage('user', { type: 'text', text: 'go' }),
  ],
  ask: ({ id: call, tool, args }) => [
    droidMessage('assistant', { type: 'tool_use', id: call, name: tool, input: args }),
  ],
  ran: (call, exitCode, output) => [
    droidAnswer(call, exitCode !== 0, exitCode === 0 ? output : `Exit code ${exitCode}\n${output}`),
  ],
  refused: (call, said) => [droidAnswer(call, true, said)],
  answered: (call, text) => [droidAnswer(call, false, text)],
  end: [droidMessage('assistant', { type: 'text', text: 'done' })],
};

const cursor = (type: string, rest: object): object => ({ type, session_id: 's-1', ...rest });
const cursorCall = (call: Asked, subtype: string, result?: object): object =>
  cursor('tool_call', {
    subtype,
    call_id: call.id,
    tool_call: { [`${call.tool}ToolCall`]: { args: call.args, result } },
  });
const cursorStream: Teller = {
  shell: 'shell',
  begin: [
    cursor('system', { subtype: 'init', cwd: '/srv', model: 'm', permissionMode: 'default' }),
    cursor('user', { message: { role: 'user', content: [] } }),
  ],
  ask: (call) => [cursorCall(call, 'started')],
  ran: (call, exitCode, output) => [
    cursorCall(call, 'completed', {
      [exitCode === 0 ? 'success' : 'failure']: { exitCode, stdout: '', stderr: output },
    }),
  ],
  refused: (call, said) => [cursorCall(call, 'completed', { error: { errorMessage: said } })],
  answered: (call, text) => [cursorCall(call, 'completed', { success: { content: text } })],
  end: [cursor('result', { subtype: 'success', is_error: false, result: 'done' })],
  failed: (status, message) => [cursor('result', { subtype: 'error', is_error: true, result: `${status} ${message}` })],
};

const acp = (update: object): object => ({
  jsonrpc: '2.0',
  method: 'session/update',
  params: { sessionId: 's-1', update },
});
const acpEnd = (call: Asked, status: string, text: string, rawOutput?: object): object =>
  acp({
    sessionUpdate: 'tool_call_update',
    toolCallId: call.id,
    status,
    content: [{ type: 'content', content: { type: 'text', text } }],
    rawOutput,
  });
const acpStream: Teller = {
  shell: 'execute',
  begin: [{ jsonrpc: '2.0', id: 3, method: 'session/prompt', params: { sessionId: 's-1', prompt: [] } }],
  ask: ({ id: call, tool, args }) => [
    acp({ sessionUpdate: 'tool_call', toolCallId: call, kind: tool, status: 'pending', title: 't', rawInput: args }),
  ],
  ran: (call, exitCode, output) => [
    acpEnd(call, exitCode === 0 ? 'completed' : 'failed', output, { exit_code: exitCode }),
  ],
  refused: (call, said) => [acpEnd(call, 'failed', said)],
  answered: (call, text) => [acpEnd(call, 'completed', text)],
  end: [
    acp({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'done' } }),
    { jsonrpc: '2.0', id: 3, result: { stopReason: 'end_turn' } },
  ],
  failed: (status, message) => [
    {
      jsonrpc: '2.0',
      id: 3,
      error: { code: -32603, message: 'Internal error', data: { details: `${status} ${message}` } },
    },
  ],
};

const atifStep = (call: Asked, content?: string): object => ({
  step_id: ++lines,
  timestamp: AT,
  source: 'agent',
  tool_calls: [{ tool_call_id: call.id, function_name: call.tool, arguments: call.args }],
  ...(content !== undefined && { observation: { results: [{ source_call_id: call.id, content }] } }),
});
const atifTrajectory: Teller = {
  shell: 'bash',
  document: {
    header: { schema_version: 'ATIF-v1.7', session_id: 's-1', agent: { name: 'a', version: '1' } },
    items: 'steps',
  },
  begin: [{ step_id: 1, timestamp: AT, source: 'user', message: 'go' }],
  ask: () => [],
  ran: (call, exitCode, output) => [
    atifStep(call, exitCode === 0 ? output : `${output}\n\nCommand exited with code ${exitCode}`),
  ],
  refused: (call, said) => [atifStep(call, `Error: ${said}`)],
  answered: (call, text) => [atifStep(call, text)],
  end: [{ step_id: 99, timestamp: AT, source: 'agent', message: 'done' }],
  tellsEndedCallsOnly: true,
};

export const TELLERS: Readonly<Record<string, Teller>> = {
  qwen_chat: qwenChat,
  qwen_stream: qwenStream,
  pi_session: piSession,
  pi_stream: piStream,
  copilot_events: copilotEvents,
  opencode_run: openCodeRun,
  opencode_database: openCodeRows,
  cline_messages: clineMessages,
  cline_stream: clineStream,
  continue_session: continueSession,
  droid_session: droidSession,
  cursor_stream: cursorStream,
  acp_stream: acpStream,
  atif_trajectory: atifTrajectory,
};

/** The lines of a log: of a document, pretty-printed as its program writes it. */
export function linesOf({ document }: Teller, records: readonly object[]): readonly unknown[] {
  if (document === undefined) return records;
  return JSON.stringify({ ...document.header, [document.items]: records }, undefined, 2).split('\n');
}
