/** Small logs in each format, in the shapes the programs write. Each line is made by a function that takes its texts. */
export const AT = '2026-02-03T04:05:06.000Z';

export function claudeCall(id: string, name: string, input: object, rest: object = {}): object {
  const content = [{ type: 'tool_use', id, name, input }];
  return claude('assistant', {
    message: { role: 'assistant', id: `m${id}`, content, stop_reason: 'tool_use' },
    ...rest,
  });
}

export function claudeResult(id: string, content: unknown, isError?: boolean, rest: object = {}): object {
  const block = { type: 'tool_result', tool_use_id: id, content, ...(isError !== undefined && { is_error: isError }) };
  return claude('user', { message: { role: 'user', content: [block] }, ...rest });
}

export function claudeSays(text: string, rest: object = {}): object {
  return claude('assistant', {
    message: { role: 'assistant', content: [{ type: 'text', text }], stop_reason: 'end_turn' },
    ...rest,
  });
}

export function claudePrompt(text: string, rest: object = {}): object {
  return claude('user', { message: { role: 'user', content: text }, ...rest });
}

export function claude(type: string, rest: object): object {
  return {
    parentUuid: null,
    isSidechain: false,
    cwd: '/srv',
    sessionId: 's',
    version: '2.1.0',
    type,
    uuid: 'u',
    timestamp: AT,
    ...rest,
  };
}

export function stream(type: string, rest: object = {}): object {
  return { type, session_id: 's', uuid: 'u', ...rest };
}

export function codex(type: string, payload: object): object {
  return { timestamp: AT, type, payload };
}

export function codexCall(id: string, cmd: string, name = 'exec_command'): object {
  return codex('response_item', { type: 'function_call', name, arguments: JSON.stringify({ cmd }), call_id: id });
}

export function codexOutput(id: string, output: unknown): object {
  return codex('response_item', { type: 'function_call_output', call_id: id, output });
}

export function geminiCall(id: string, status: string, response: object, rest: object = {}): object {
  const result = [{ functionResponse: { id, name: 'run_shell_command', response } }];
  return { id, name: 'run_shell_command', args: { command: 'make' }, result, status, timestamp: AT, ...rest };
}

export function geminiMessage(id: string, toolCalls: readonly object[]): object {
  return { id, timestamp: AT, type: 'gemini', content: 'text', toolCalls };
}
