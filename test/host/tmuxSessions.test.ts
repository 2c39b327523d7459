import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { tmuxSessionsFrom } from '../../src/host/commands/processList.ts';
import { createRecorderCli } from '../../src/host/recorderCli.ts';
import { CLI, until } from '../cli/builtCli.ts';

const isTmuxHere = spawnSync('tmux', ['-V']).status === 0;

test('the tmux sessions that Attach offers are those that run', { skip: !isTmuxHere }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sd-tmux-'));
  process.env['TMUX_TMPDIR'] = folder;
  delete process.env['TMUX']; // it names the server of whoever runs the tests in one
  t.after(() => {
    spawnSync('tmux', ['kill-server']);
    rmSync(folder, { recursive: true, force: true });
  });
  spawnSync('tmux', ['-f', '/dev/null', 'new-session', '-d', '-s', 'work & rest', 'sleep 30']);
  const [session, ...more] = await until('the program in its pane', async () => {
    const listed = await createRecorderCli(CLI, homedir(), () => undefined).run({
      command: 'attach',
      flags: { 'list-tmux': true, json: true },
    });
    assert.ok(listed.ok);
    const found = tmuxSessionsFrom(listed.json);
    return found[0]?.command === 'sleep 30' && found;
  });
  assert.equal(more.length, 0);
  assert.equal(session?.name, 'work & rest');
  assert.equal(session.panes, 1);
  assert.ok(session.socket.startsWith(folder));
});

test('a listing that is none offers no session', () => {
  for (const listing of [undefined, 'x', [1], [{ name: 'no socket' }]]) assert.deepEqual(tmuxSessionsFrom(listing), []);
});
