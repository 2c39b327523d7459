import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { runCli, testRoot } from './builtCli.ts';

const root = testRoot();
after(() => root.remove());

const REFUSED: readonly (readonly [string, string])[] = [
  ['a path that climbs', '../../x'],
  ['an absolute path', '/etc'],
  ['nothing', ''],
  ['10 kB', 'x'.repeat(10_240)],
  ['a newline', 'a\nb'],
  ['two dots inside', 'a..b'],
  ['a leading dot', '.hidden'],
  ['a space', 'a b'],
];

for (const [what, id] of REFUSED) {
  test(`an id that is ${what} is refused by run, show, stop and cleanup, and nothing is written`, async () => {
    for (const args of [
      ['run', '--id', id, '--', 'true'],
      ['show', id],
      ['stop', id],
      ['cleanup', id],
    ]) {
      const [command, ...rest] = args;
      const split = rest.indexOf('--');
      const flags = ['--log-dir', root.path];
      const finished = await runCli(
        split < 0
          ? [command ?? '', ...flags, ...rest]
          : [command ?? '', ...flags, ...rest.slice(0, split), ...rest.slice(split)],
      );
      assert.equal(finished.code, 2, `${args[0]} gave ${finished.code}: ${finished.stderr}`);
      assert.equal(finished.stderr.trim().split('\n').length, 1, finished.stderr);
    }
    assert.equal(existsSync(join(root.path, 'running')) && readdirSync(join(root.path, 'running')).length > 0, false);
    assert.deepEqual(
      readdirSync(dirname(root.path)).filter((name) => name !== 'logs'),
      [],
    );
  });
}

test('a session directory that is a symlink to elsewhere is neither listed, shown nor pruned through', async () => {
  const elsewhere = join(dirname(root.path), 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'summary.json'), '{"session_id":"x","dir_name":"link","success":true}');
  mkdirSync(join(root.path, 'sessions'), { recursive: true });
  symlinkSync(elsewhere, join(root.path, 'sessions', 'link'));
  const listed = await runCli(['list', '--json', '--log-dir', root.path]);
  assert.deepEqual(JSON.parse(listed.stdout), []);
  const shown = await runCli(['show', 'link', '--log-dir', root.path]);
  assert.equal(shown.code, 1);
  const pruned = await runCli(['prune', '--keep', '0', '--log-dir', root.path]);
  assert.equal(pruned.code, 0, pruned.stderr);
  assert.ok(existsSync(join(elsewhere, 'summary.json')));
  assert.ok(existsSync(join(root.path, 'sessions', 'link')));
  rmSync(elsewhere, { recursive: true });
});
