const CALLS = [
  ['a', 'ls', 'ok'],
  ['b', 'curl example.invalid', 'curl: (6) Could not resolve host: example.invalid'],
] as const;

function line(type: 'user' | 'assistant', content: unknown, second: number): string {
  const timestamp = `2026-03-01T10:00:${String(second).padStart(2, '0')}.000Z`;
  return JSON.stringify({ sessionId: 's', uuid: `u${second}`, timestamp, type, message: { role: type, content } });
}

/** Claude Code's own log: two turns with a call each, the second one's fails for want of a name server. */
export const CLAUDE_LINES: readonly string[] = CALLS.flatMap(([id, command, output], turn) => [
  line('user', `turn ${turn}`, turn * 10),
  line('assistant', [{ type: 'tool_use', id, name: 'Bash', input: { command } }], turn * 10 + 1),
  line(
    'user',
    [{ type: 'tool_result', tool_use_id: id, is_error: output !== 'ok', content: `Exit code 6\n${output}` }],
    turn * 10 + 2,
  ),
  line('assistant', [{ type: 'text', text: 'Done.' }], turn * 10 + 3),
]);
