import { TELLERS, type Teller } from '../../agents/tellers.ts';

/** A small log with a failing call in every transcript format. */
const AT = '2026-01-01T10:00:01.000Z';
const STDERR = 'Error: connect ECONNREFUSED';

const claude = (type: string, message: object, rest: object = {}): object => ({
  type, parentUuid: 'p', sessionId: 's', cwd: '/home/x/p', version: '2.1.0', gitBranch: 'main', uuid: 'u', timestamp: AT, message, ...rest,
}); // prettier-ignore
const codex = (type: string, payload: object): object => ({ timestamp: AT, type, payload });
const whale = (event: string, payload: object): object => ({
  schema_version: 1, seq: 1, timestamp: AT, thread_id: 't', turn_id: 'u', item_id: 'i', event, payload,
}); // prettier-ignore
const devboy = (phase: string, payload: object): object => ({
  ts: AT,
  skill: 'review',
  session_id: 's',
  phase,
  payload,
});

/** A call that failed, one that never ran, and the service's last word. */
function toldTemplate(teller: Teller): readonly object[] {
  const call = (id: string): { id: string; tool: string; args: object } => ({
    id,
    tool: teller.shell,
    args: { command: 'make', commands: ['make'] },
  });
  return [
    ...(teller.document === undefined ? [] : [teller.document.header]),
    ...teller.begin,
    ...teller.ask(call('a')),
    ...teller.ran(call('a'), 1, STDERR),
    ...teller.ask(call('b')),
    ...teller.refused(call('b'), STDERR),
    ...(teller.failed?.(500, STDERR) ?? []),
  ];
}

export const transcriptTemplates: readonly (readonly object[])[] = [
  ...Object.values(TELLERS).map(toldTemplate),
  [
    claude('assistant', { id: 'm', role: 'assistant', model: 'x', content: [{ type: 'tool_use', id: 't', name: 'Bash', input: { command: 'make' } }] }),
    claude('user', { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', is_error: true, content: `Exit code 1\n${STDERR}` }] }, { toolUseResult: STDERR }),
    claude('assistant', { id: 'n', role: 'assistant', content: [{ type: 'text', text: 'x' }] }, { isApiErrorMessage: true, error: 'rate_limit' }),
  ],
  [
    { type: 'system', subtype: 'init', cwd: '/home/x', session_id: 's', tools: ['Bash'], mcp_servers: [{ name: 'm', status: 'failed' }], model: 'x' },
    { type: 'assistant', session_id: 's', message: { id: 'm', role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'Bash', input: { command: 'make' } }] } },
    { type: 'user', session_id: 's', message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', is_error: true, content: STDERR }] } },
    { type: 'result', subtype: 'error_during_execution', is_error: true, session_id: 's', errors: [STDERR], permission_denials: [{ tool_name: 'Bash' }] },
  ],
  [
    codex('session_meta', { id: 's', cwd: '/home/x', cli_version: '0.100.0', git: { repository_url: 'https://x/y.git' } }),
    codex('response_item', { type: 'function_call', name: 'shell', arguments: JSON.stringify({ cmd: 'make' }), call_id: 'c' }),
    codex('response_item', { type: 'function_call_output', call_id: 'c', output: `Exit code: 1\nWall time: 1 seconds\nOutput:\n${STDERR}` }),
    codex('event_msg', { type: 'turn_aborted', reason: 'interrupted' }),
  ],
  [
    { type: 'thread.started', thread_id: 's' },
    { type: 'turn.started' },
    { type: 'item.completed', item: { id: 'i', type: 'command_execution', command: 'make', aggregated_output: STDERR, exit_code: 1, status: 'failed' } },
    { type: 'turn.failed', error: { message: STDERR } },
  ],
  [
    { sessionId: 's', projectHash: 'h', startTime: AT, messages: [] },
    { id: 'g', timestamp: AT, type: 'gemini', content: 'x', toolCalls: [{ id: 't', name: 'run_shell_command', args: { command: 'make' }, status: 'error', result: [{ functionResponse: { response: { error: STDERR } } }] }] },
    { id: 'e', timestamp: AT, type: 'error', content: STDERR },
  ],
  [
    { type: 'init', session_id: 's', model: 'x', timestamp: AT },
    { type: 'tool_use', tool_name: 'run_shell_command', tool_id: 't', parameters: { command: 'make' }, timestamp: AT },
    { type: 'tool_result', tool_id: 't', status: 'error', error: { type: 'shell_execute_error', message: STDERR }, timestamp: AT },
    { type: 'result', status: 'error', error: { type: 'x', message: STDERR }, timestamp: AT },
  ],
  [
    whale('turn.started', { input: 'x' }),
    whale('item.failed', { item: { id: 'i', kind: 'command_execution', status: 'failed', summary: 'make', detail: STDERR } }),
    whale('sandbox.denied', { tool: 'shell', reason: 'x' }),
  ],
  [
    devboy('start', {}),
    devboy('tool_call', { tool: 'bash', command: 'make' }),
    devboy('tool_result', { tool: 'bash', ok: false, exit_code: 1, stderr: STDERR }),
    devboy('of_tomorrow', { note: 'x' }),
    devboy('end', { outcome: 'failure', summary: STDERR }),
  ],
  [{ level: 'error', message: STDERR, timestamp: AT }, { tool: 'bash', ok: false, exit_code: 127, error: STDERR }],
]; // prettier-ignore
