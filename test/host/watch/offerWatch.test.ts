import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Memento } from 'vscode';
import type { SessionRow } from '../../../src/core/panel/sessionView.ts';
import type { KeptWatch } from '../../../src/host/watch/keepWatch.ts';
import type { Backend } from '../../../src/host/backend.ts';
import { editor } from '../fakeEditor.ts';

const { offerWatch } = await import('../../../src/host/watch/offerWatch.ts');
const { createStatusBar } = await import('../../../src/host/views/statusBar.ts');

const skip = process.platform === 'linux' ? false : 'agents are found through /proc';

function row(outcome: SessionRow['outcome'], isRecorded = false): SessionRow {
  const logOnly = isRecorded ? {} : { logOnly: { lastMs: 0, folder: undefined } };
  return { outcome, ...logOnly } as SessionRow; // what the offer looks at
}

function memory(): Memento {
  const kept = new Map<string, unknown>();
  return {
    keys: () => [...kept.keys()],
    get: (key: string) => kept.get(key),
    update: (key: string, value: unknown) => Promise.resolve(void kept.set(key, value)),
  } as Memento;
}

function offers(): number {
  return editor.shown.filter(({ text }) => /nobody recorded them/.test(text)).length;
}

beforeEach(() => {
  editor.shown.length = 0;
  editor.configuration = {};
});

test(
  'watching is offered after the second agent that died unrecorded, once, and only while it is off',
  { skip },
  () => {
    const kept = memory();
    offerWatch(kept, [row('died'), row('succeeded'), row('incomplete'), row('died', true)]);
    assert.equal(offers(), 0);
    offerWatch(kept, [row('died'), row('lost')]);
    offerWatch(kept, [row('died'), row('lost'), row('died')]);
    assert.equal(offers(), 1);
    editor.configuration = { watchAgents: true };
    offerWatch(memory(), [row('died'), row('lost')]);
    assert.equal(offers(), 1);
  },
);

test('the status bar tells what watching costs, whether or not a session runs', () => {
  let changed = (_change: object): void => undefined;
  let stirred = (): void => undefined;
  const nothing = { dispose: () => undefined };
  const backend = {
    state: () => 'up',
    onState: () => nothing,
    onSessionsChanged: (listener: typeof changed) => ((changed = listener), nothing),
  };
  const status = {
    pid: 1,
    log_root: '/logs',
    since: '',
    sessions: 0,
    hears_births: true,
    cpu_seconds: 1,
    elapsed_seconds: 400,
    private_kb: 41_984,
  };
  const watch = { status: () => status, onChange: (listener: typeof stirred) => ((stirred = listener), nothing) };
  createStatusBar(backend as unknown as Backend, watch as unknown as KeptWatch);
  stirred();
  changed({ running: 1, worst: undefined });
  const tooltips = editor.shown.filter(({ surface }) => surface === 'status bar tooltip').map(({ text }) => text);
  assert.deepEqual(tooltips, [
    'Every agent is recorded from its start: 0.25% of a core, 41 MB.',
    '1 agent session running. Every agent is recorded from its start: 0.25% of a core, 41 MB.',
  ]);
});
