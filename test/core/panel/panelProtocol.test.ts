import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handle, panelMessageFrom, queryParamsFrom } from '../../../src/core/panel/panelProtocol.ts';
import { hostMessageFrom } from '../../../src/core/panel/hostMessages.ts';

const session = { root: '/logs', id: 'sess-1' };

/** What cannot be a session, whatever roots there are. */
const NO_SESSIONS: readonly unknown[] = [
  { root: '/logs', id: '../../x' },
  { root: '/logs', id: '--out=.bashrc' },
  { root: '/logs', id: '.hidden' },
  { root: '/logs', id: '' },
  { root: '/logs', id: 'a\0b' },
  { root: '/logs', id: 'x'.repeat(10_000_000) },
  { root: '/logs', id: '2026-03-01/../../01JN8Z0000000000000000000A' },
  { root: `/${'x'.repeat(10_000_000)}`, id: 'sess-1' },
  { root: '', id: 'sess-1' },
  { root: '/a\0b', id: 'sess-1' },
  'sess-1',
  null,
];

test('what the webview may not say is not heard', () => {
  const strangers: readonly unknown[] = [
    undefined,
    'ready',
    [],
    { type: 'eval', code: '1' },
    { type: 'toString' },
    { type: '__proto__' },
    { type: 'action', action: 'format', session },
    { type: 'query', id: 1, name: 'constructor', params: {} },
    { type: 'query', id: 1.5, name: 'overview', params: { session } },
    { type: 'query', id: 1, name: 'overview', params: { session: { root: 1, id: 'x' } } },
    { type: 'openHandle', session, handle: 'src:../../etc/passwd:L1' },
    { type: 'openHandle', handle: 'src:0123456789ab:L1' },
    { type: 'query', id: 1, name: 'overview', params: { session: { root: '/logs', id: 'x'.repeat(10_000_000) } } },
    { type: 'query', id: 1, name: 'overview', params: { session: { root: 'x'.repeat(10_000_000), id: 'x' } } },
    ...NO_SESSIONS.flatMap((no) => [
      { type: 'selected', session: no },
      { type: 'action', action: 'stop', session: no },
      { type: 'openHandle', session: no, handle: 'src:0123456789ab:L1' },
    ]),
  ];
  for (const stranger of strangers)
    assert.equal(panelMessageFrom(stranger), undefined, JSON.stringify(stranger)?.slice(0, 200));
});

test('numbers out of reason are brought back into it', () => {
  assert.deepEqual(queryParamsFrom('listSessions', { filter: 'all', text: 'x'.repeat(5000), offset: -1, limit: 1e9 }), {
    filter: 'all',
    text: 'x'.repeat(200),
    offset: 0,
    limit: 1000,
  });
  assert.equal(queryParamsFrom('series', { session, pixels: 1e12, fromMs: Number.NaN })?.pixels, 8000);
});

test('every message reaches the handler of its type, with nothing that was not part of it', () => {
  const message = panelMessageFrom({ type: 'action', action: 'stop', session: { ...session, extra: 1 }, extra: 1 });
  assert.ok(message !== undefined);
  const heard: unknown[] = [];
  const hear = (received: unknown) => void heard.push(received);
  const others = {
    ready: hear,
    selected: hear,
    query: hear,
    openHandle: hear,
    dropped: hear,
    droppedFile: hear,
    page: hear,
  };
  handle({ ...others, action: hear }, message);
  assert.deepEqual(heard, [{ type: 'action', action: 'stop', session }]);
});

test('the webview hears its own host only', () => {
  assert.equal(hostMessageFrom({ type: 'webpackHotUpdate' }), undefined);
  assert.equal(hostMessageFrom({ type: 'reply', id: 'x', reply: {} }), undefined);
  assert.equal(hostMessageFrom({ type: 'valueOf' }), undefined);
  assert.deepEqual(hostMessageFrom({ type: 'sessionsChanged' }), { type: 'sessionsChanged' });
});
