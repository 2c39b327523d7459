/** A line of Claude Code's transcript. */
export function claudeLine(type: 'user' | 'assistant', ms: number, content: unknown, more: object = {}): string {
  const message = { role: type, content, ...(type === 'assistant' && { model: 'm' }), ...more };
  const rest = { uuid: 'u', sessionId: SESSION, cwd: '/srv/app', timestamp: new Date(ms).toISOString() };
  return `${JSON.stringify({ type, ...rest, message })}\n`;
}

export const SESSION = '6f0d3f0e-0c34-4a7e-9d53-5a8f5f6a7b10';

export function claudeCall(ms: number, command: string): string {
  const call = { type: 'tool_use', id: 't1', name: 'Bash', input: { command } };
  return claudeLine('assistant', ms, [call], { stop_reason: 'tool_use' });
}

export function claudeAnswer(ms: number): string {
  return claudeLine('assistant', ms, [{ type: 'text', text: 'done' }], { stop_reason: 'end_turn' });
}

/** Asked, a call made, and nothing after. */
export function claudeOpen(ms: number, command = 'pytest -x tests'): string {
  return claudeLine('user', ms - 5000, 'fix the failing test') + claudeCall(ms, command);
}
