import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentOfFormat, LogDigester, type LogDigest } from '../../src/agents/logDigest.ts';
import { commandIn, idIn, promptIn, workingDirectoryIn } from '../../src/agents/recordFacts.ts';
import type { JsonRecord } from '../../src/core/words/json.ts';

/* What one log says of its session, and which keys of all agents' records say it. */

test('the id of a session is found under the names that agents give it, and only where it is one', () => {
  for (const record of [
    { sessionId: 'abc-1.2_3' },
    { session_id: 'abc-1.2_3' },
    { sessionID: 'abc-1.2_3' },
    { thread_id: 'abc-1.2_3' },
    { data: { sessionId: 'abc-1.2_3' } },
    { type: 'session_meta', payload: { id: 'abc-1.2_3' } },
    { type: 'session', id: 'abc-1.2_3' },
    { type: 'session_start', id: 'abc-1.2_3' },
  ] satisfies JsonRecord[])
    assert.equal(idIn(record), 'abc-1.2_3', JSON.stringify(record));
  for (const record of [
    { id: 'abc-1.2_3' },
    { type: 'message', id: 'abc-1.2_3' },
    { type: 'event', payload: { id: 'abc-1.2_3' } },
    { sessionId: 'short' },
    { sessionId: '../../etc' },
    { sessionId: 'x'.repeat(129) },
    { sessionId: 1234567 },
  ] satisfies JsonRecord[])
    assert.equal(idIn(record), undefined, JSON.stringify(record));
  assert.equal(idIn({ sessionId: 'x'.repeat(128) }), 'x'.repeat(128));
  assert.equal(idIn({ sessionId: 'sixsix' }), 'sixsix');
});

test('a working directory is found in a record, its payload and its context', () => {
  for (const record of [
    { cwd: '/w' },
    { workspaceDirectory: '/w' },
    { path: { cwd: '/w' } },
    { payload: { cwd: '/w' } },
    { payload: { workspaceDirectory: '/w' } },
    { data: { context: { cwd: '/w' } } },
    { cwd: '', payload: { cwd: '/w' } },
    { cwd: `/${'x'.repeat(4095)}`, payload: { cwd: '/w' } },
  ] satisfies JsonRecord[])
    assert.equal(workingDirectoryIn(record), '/w', JSON.stringify(record).slice(0, 100));
  for (const record of [{}, { cwd: '' }, { cwd: 3 }, { data: { cwd: '/w' } }] satisfies JsonRecord[])
    assert.equal(workingDirectoryIn(record), undefined);
});

test('a prompt is what a person asked, and never what a harness puts before it', () => {
  for (const record of [
    { type: 'user', message: { content: ' Do\n it ' } },
    { type: 'user', message: { content: [{ type: 'text', text: 'Do it' }] } },
    { type: 'user.message', data: { content: 'Do it' } },
    { role: 'user', content: 'Do it' },
    { role: 'user', text: 'Do it' },
    { payload: { role: 'user', content: 'Do it' } },
    { payload: { type: 'user_message', message: 'Do it' } },
    { message: { role: 'user', parts: [{ text: 'Do it' }] } },
    { messages: [{ role: 'system', content: 'Be good' }, { role: 'user', content: 'Do it' }] },
    { history: [{ message: { role: 'user', content: 'Do it' } }] },
    { type: 'user', message: { content: '<env>x</env>' }, text: 'Do it' },
  ] satisfies JsonRecord[])
    assert.equal(promptIn(record), 'Do it', JSON.stringify(record));
  for (const record of [
    { type: 'user', isMeta: true, message: { content: 'Do it' } },
    { type: 'user', isSidechain: true, message: { content: 'Do it' } },
    { type: 'assistant', message: { role: 'assistant', content: 'Done' } },
    { type: 'user', message: { content: '' } },
    ...['<environment>', '# AGENTS.md says', 'Caveat: the messages', '[Request interrupted by user]'].map((content) => ({ type: 'user', message: { content } })),
    { messages: [...Array.from({ length: 20 }, () => ({ role: 'system', content: 'x' })), { role: 'user', content: 'Do it' }] },
  ] satisfies JsonRecord[])
    assert.equal(promptIn(record), undefined, JSON.stringify(record));
}); // prettier-ignore

test('the command of a call is found wherever a record keeps it, and a shell around it is left away', () => {
  const nested = (depth: number): unknown => (depth === 0 ? { command: 'make' } : { inner: nested(depth - 1) });
  for (const [value, command] of [
    [{ command: 'make' }, 'make'],
    [{ cmd: 'make' }, 'make'],
    [{ command: '', cmd: 'make' }, 'make'],
    [{ command: ['bash', '-lc', 'make all'] }, 'make all'],
    [{ command: ['/bin/zsh', '-c', 'make all'] }, 'make all'],
    [{ command: ['/bin/dash', '-c', 'make all'] }, 'make all'],
    [{ command: ['sh', '-x', 'make'] }, 'sh -x make'],
    [{ command: ['fish', '-c', 'make'] }, 'fish -c make'],
    [{ command: ['make', 'all'] }, 'make all'],
    [{ arguments: '{"command":"make"}' }, 'make'],
    [{ arguments: '{"command":' }, undefined],
    [{ text: '{"command":"make"}' }, undefined],
    [[{ command: 'first' }, { command: 'last' }, { text: 'x' }], 'last'],
    [{ message: { content: [{ input: { command: 'make' } }] } }, 'make'],
    [nested(8), 'make'],
    [nested(9), undefined],
    ['make', undefined],
  ] as const)
    assert.equal(commandIn(value), command, JSON.stringify(value));
});

type Record = Readonly<{ [key: string]: unknown }>;

const AT = '2026-01-02T03:04:05.000Z';
const USER: Record = { type: 'user', message: { role: 'user', content: 'Do it' } };
const call = (id: string, command: string): Record => ({
  type: 'assistant',
  message: { role: 'assistant', content: [{ type: 'tool_use', id, name: 'Bash', input: { command } }] },
});
const result = (id: string): Record => ({
  type: 'user',
  message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: 'ok' }] },
});

const INTERRUPTION: Record = {
  type: 'user',
  message: { role: 'user', content: [{ type: 'text', text: '[Request interrupted by user]' }] },
};

function digestOf(...records: readonly (Record | string)[]): LogDigest {
  const digester = new LogDigester();
  for (const record of records)
    digester.push(
      typeof record === 'string'
        ? record
        : JSON.stringify({ uuid: 'u', parentUuid: null, sessionId: 'session-1', timestamp: AT, ...record }),
    );
  return digester.digest();
}

test('a log tells id, directory and first prompt, on whichever of its first lines they stand', () => {
  const told = digestOf({ type: 'system', cwd: '/w' }, USER, { ...USER, cwd: '/other', message: { content: 'More' } });
  assert.deepEqual(
    { format: told.format, sessionId: told.sessionId, cwd: told.cwd, title: told.title, firstMs: told.firstMs },
    { format: 'claude_transcript', sessionId: 'session-1', cwd: '/w', title: 'Do it', firstMs: Date.parse(AT) },
  );
  assert.equal(digestOf(USER, { type: 'system', cwd: '/w' }).cwd, '/w');
  const lines = Array.from({ length: 80 }, () => ({ type: 'system' }));
  assert.equal(digestOf(...lines.slice(1), USER).title, 'Do it');
  assert.equal(digestOf(...lines, USER).title, undefined);
  assert.equal(digestOf({ data: { type: 'user', message: { content: 'Row' }, cwd: '/row' } }).title, 'Row');
  const digester = new LogDigester();
  digester.pushFacts({ cwd: '/facts', sessionId: 'session-2' });
  assert.deepEqual([digester.digest().cwd, digester.digest().sessionId], ['/facts', 'session-2']);
});

test('the call that is open at the end is told with its command, and none that was answered', () => {
  const open = digestOf(USER, call('a', 'make'), call('b', 'ls'), result('b')).openCall;
  assert.deepEqual(open, { kind: 'shell', ms: Date.parse(AT), command: 'make' });
  assert.equal(digestOf(USER, call('a', 'make'), result('a')).openCall, undefined);
  const long = digestOf(USER, call('a', 'x'.repeat(3000))).openCall?.command ?? '';
  assert.ok(long.length <= 2000 && long.startsWith('xxx'));
  assert.deepEqual(digestOf(USER, call('a', 'x'.repeat(100_000))).openCall, { kind: 'shell', ms: Date.parse(AT), command: undefined });
}); // prettier-ignore

test('a person who interrupts ends a session, unless the agent answered after it', () => {
  const answer = { type: 'assistant', message: { role: 'assistant', content: [{ type: 'text', text: 'Yes' }] } };
  assert.equal(digestOf(USER, INTERRUPTION).end, 'aborted');
  assert.notEqual(digestOf(USER, INTERRUPTION, USER, answer).end, 'aborted');
  assert.notEqual(digestOf({ ...USER, message: { content: 'Say "[Request interrupted by user" twice' } }).end, 'aborted');
}); // prettier-ignore

test('a last line without its end is a cut one, and zeros are those of a machine that lost its power', () => {
  for (const [last, isCut, isPadded] of [
    ['{"type":"user"}', false, false],
    ['{"type":"us', true, false],
    ['plain text', false, false],
    [`{"type":"us${'\0'.repeat(8)}`, false, true],
    [`${'\0'.repeat(8)}{"type":"user"}`, false, true],
    ['{"type":"us\0', true, false],
  ] as const) {
    const told = digestOf(USER, last);
    assert.deepEqual([told.isCut, told.isPadded], [isCut, isPadded], JSON.stringify(last));
    assert.equal(digestOf(USER, last, '   ').isCut, isCut);
    assert.equal(digestOf(last, JSON.stringify(USER)).isCut, false);
  }
});

test('a format is of the agent that writes it', () => {
  for (const [format, agent] of [
    ['claude_transcript', 'claude'],
    ['codex_rollout', 'codex'],
    ['nobody’s', 'other'],
  ] as const)
    assert.equal(agentOfFormat(format), agent);
});
