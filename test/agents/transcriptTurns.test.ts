import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTranscriptAnalyzer } from '../../src/agents/transcriptReader.ts';
import { TranscriptTurns } from '../../src/core/failures/transcriptTurns.ts';

function turnsOf(records: readonly object[]): string[] {
  const turns = new TranscriptTurns();
  const analyzer = createTranscriptAnalyzer({
    handleOf: (line) => `L${line}`,
    onEvent: (event, at) => turns.add(event, at),
  });
  for (const record of records) analyzer.push(JSON.stringify(record));
  analyzer.finish();
  return turns.turns(records.length).map(({ firstLine, lastLine, calls }) => {
    const told = calls.map(
      ({ tool_kind, line, resultLine, status }) => ` ${tool_kind} ${line}>${resultLine} ${status}`,
    );
    return `${firstLine}-${lastLine}${told.join('')}`;
  });
}

function claude(type: 'user' | 'assistant', content: unknown, more: object = {}): object {
  return { sessionId: 's', uuid: 'u', type, message: { role: type, content }, ...more };
}

const call = (id: string): object => ({ type: 'tool_use', id, name: 'Bash', input: { command: 'ls' } });
const result = (id: string, isError = false): object => ({
  type: 'tool_result',
  tool_use_id: id,
  is_error: isError,
  content: isError ? 'Exit code 2' : 'ok',
});

test('a turn begins with what a person says, not with every answer in between', () => {
  assert.deepEqual(
    turnsOf([
      claude('user', 'look around'),
      claude('assistant', [{ type: 'text', text: 'I will.' }]),
      claude('assistant', [call('a')]),
      claude('user', [result('a')]),
      claude('assistant', [{ type: 'text', text: 'Done.' }]),
      claude('user', 'and now fix it'),
      claude('assistant', [call('b')]),
      claude('user', [result('b', true)]),
      claude('assistant', [call('c')]),
    ]),
    ['1-5 shell 3>4 ok', '6-9 shell 7>8 failed shell 9>undefined open'],
  );
});

test("a sub-agent's lines in the same log are inside the main agent's turn", () => {
  const side = { isSidechain: true, agentId: 'x' };
  assert.deepEqual(
    turnsOf([
      claude('user', 'delegate'),
      claude('assistant', [{ type: 'tool_use', id: 't', name: 'Task', input: {} }]),
      claude('user', 'explore', side),
      claude('assistant', [call('s')], side),
      claude('user', [result('s')], side),
      claude('user', [result('t')]),
    ]),
    ['1-6 subagent 2>6 ok shell 4>5 ok'],
  );
});

test('formats that write where turns begin and end are taken at their word', () => {
  const event = (type: string, more: object = {}): object => ({
    timestamp: '2026-03-01T00:00:00Z',
    type: 'event_msg',
    payload: { type, ...more },
  });
  const item = (payload: object): object => ({ timestamp: '2026-03-01T00:00:00Z', type: 'response_item', payload });
  assert.deepEqual(
    turnsOf([
      event('task_started'),
      item({ type: 'function_call', name: 'shell', arguments: '{}', call_id: 'a' }),
      item({ type: 'function_call_output', call_id: 'a', output: 'ok' }),
      event('task_complete'),
      event('task_started'),
    ]),
    ['1-4 shell 2>3 ok', '5-5'],
  );
});
