import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { CliCall } from '../../src/core/words/cliCall.ts';
import { PANEL_ACTIONS } from '../../src/core/panel/panelProtocol.ts';
import type { SessionRef } from '../../src/core/panel/sessionView.ts';
import type { Backend } from '../../src/host/backend.ts';
import type { CommandParts } from '../../src/host/commands/commands.ts';
import { editor } from './fakeEditor.ts';

/** Messages as a page could send them that somebody has got script into, and commands as others could call them. */
const { registerCommands } = await import('../../src/host/commands/commands.ts');
const { createSessionPanel } = await import('../../src/host/views/panelTab.ts');
const { Uri } = await import('vscode');

const OWN: SessionRef = { root: '/logs', id: 'known' };
const FOREIGN: readonly SessionRef[] = [
  { root: '/etc', id: 'known' },
  { root: '/logs/', id: 'known' },
  { root: '/logs/sessions/..', id: 'known' },
  { root: '/logs', id: 'unknown' },
];
const HANDLE = 'src:0123456789ab:L1';

const calls: CliCall[] = [];
const kept: unknown[] = [];
const watched: unknown[] = [];

const event = () => ({ dispose: () => undefined });
const backend = {
  roots: () => Promise.resolve(['/logs']),
  isOwn: ({ root }: SessionRef) => root === '/logs',
  query: (name: string, { session }: { session: SessionRef }) =>
    Promise.resolve(
      name === 'place' && session.id === OWN.id
        ? { ok: true, value: { isRunning: true } }
        : { ok: false, failure: { kind: 'no_such_session', detail: undefined } },
    ),
  watch: (sessions: unknown) => watched.push(sessions),
  state: () => 'up',
  onState: event,
  onSessionsChanged: event,
  onSessionChanged: event,
} as unknown as Backend; // what the panel and the commands ask of it

const cli = {
  run: (call: CliCall) => {
    calls.push(call);
    return Promise.resolve({ ok: false, why: 'not in this test' });
  },
};
const context = {
  extensionUri: Uri.file('/extension'),
  workspaceState: { get: () => undefined, update: (_: string, value: unknown) => kept.push(value) },
};
const panel = createSessionPanel(context as never, backend, {
  onAction: (action, session) => commands.act(action, session),
  onOpenHandle: (session, handle) => void commands.openHandle(session, handle),
  teller: {
    content: () => Promise.resolve({ ok: false, why: '' }),
    act: () => Promise.resolve(undefined),
    allow: () => undefined,
  },
  onDropped: () => undefined,
  onDroppedFile: () => undefined,
});
const view = { selected: () => undefined };
const commands = registerCommands({
  backend,
  cli,
  panel,
  view,
  log: { show: () => undefined },
  opener: { choose: () => Promise.resolve() },
} as unknown as CommandParts);
panel.show(undefined);

beforeEach(() => {
  for (const list of [calls, kept, watched, editor.shown, editor.clipboard]) list.length = 0;
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a session that this window does not have is not acted upon, remembered or watched, whatever button is forged', async () => {
  for (const session of FOREIGN) {
    for (const action of PANEL_ACTIONS.filter(
      (name) => !['run', 'attach', 'openSettings', 'restartServer'].includes(name),
    ))
      editor.receive?.({ type: 'action', action, session });
    editor.receive?.({ type: 'openHandle', session, handle: HANDLE });
    if (session.root !== '/logs') editor.receive?.({ type: 'selected', session });
  }
  await settled();
  assert.deepEqual(
    { calls, kept, watched, clipboard: editor.clipboard },
    { calls: [], kept: [], watched: [], clipboard: [] },
  );
  assert.ok(editor.shown.every(({ text }) => !text.includes('/etc')));
});

test('no command of another extension or key binding reaches a session outside of the log folders', async () => {
  for (const [name, run] of editor.commands) {
    if (
      /runSession|attach$|analyzeLog|Settings|showLog|filter|Filter|show(Trend|Patterns|More)|refresh|restart|installCommand|watchAgents|openSchema/.test(
        name,
      )
    )
      continue;
    for (const session of FOREIGN) {
      await run(session);
      await run(session, [session, OWN]);
    }
  }
  await settled();
  assert.deepEqual({ calls, kept, clipboard: editor.clipboard }, { calls: [], kept: [], clipboard: [] });
});

test('a session of this window is stopped, linked to its line and remembered without a question', async () => {
  editor.receive?.({ type: 'action', action: 'stop', session: OWN });
  editor.receive?.({ type: 'openHandle', session: OWN, handle: HANDLE });
  editor.receive?.({ type: 'selected', session: OWN });
  await settled();
  // Before it stops one it asks how long it has run: the other may be first.
  const byName = calls.toSorted((a, b) => a.command.localeCompare(b.command));
  assert.deepEqual(byName, [
    { command: 'locate', flags: { json: true, 'log-dir': '/logs' }, names: [HANDLE] },
    { command: 'stop', flags: { 'log-dir': '/logs' }, names: ['known'] },
  ]);
  assert.deepEqual([kept, watched], [[OWN], [[OWN]]]);
});
