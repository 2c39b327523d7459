import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { tmuxSessionsFrom } from '../../src/host/processList.ts';
import { createRecorderCli } from '../../src/host/recorderCli.ts';

const CLI = resolve(import.meta.dirname, '../../dist/cli.js');
const isTmuxHere = spawnSync('tmux', ['-V']).status === 0;

test('the tmux sessions that Attach offers are those that run', { skip: !isTmuxHere }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sd-tmux-'));
  const before = process.env['TMUX_TMPDIR'];
  process.env['TMUX_TMPDIR'] = folder;
  t.after(() => {
    spawnSync('tmux', ['kill-server']);
    if (before === undefined) delete process.env['TMUX_TMPDIR'];
    else process.env['TMUX_TMPDIR'] = before;
    rmSync(folder, { recursive: true, force: true });
  });
  spawnSync('tmux', ['-f', '/dev/null', 'new-session', '-d', '-s', 'work & rest', 'sleep 30']);
  const listed = await createRecorderCli(CLI, homedir(), () => undefined).run(['attach', '--list-tmux', '--json']);
  assert.ok(listed.ok);
  const [session, ...more] = tmuxSessionsFrom(listed.json);
  assert.equal(more.length, 0);
  assert.equal(session?.name, 'work & rest');
  assert.equal(session.command, 'sleep 30');
  assert.equal(session.panes, 1);
  assert.ok(session.socket.startsWith(folder));
});

test('a listing that is none offers no session', () => {
  for (const listing of [undefined, 'x', [1], [{ name: 'no socket' }]]) assert.deepEqual(tmuxSessionsFrom(listing), []);
});
