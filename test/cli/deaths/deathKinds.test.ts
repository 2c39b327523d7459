import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { verdictFrom } from '../../../src/core/session/verdict.ts';
import { judgeAll, KINDS, python, type Kind, type Told } from './deathKinds.ts';
import { published, startCli, testRoot } from '../builtCli.ts';

const root = testRoot();
const full = mkdtempSync(join(tmpdir(), 'death-kinds-'));
const hasTmpfs = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m,nr_inodes=20', 'tmpfs', full]).status === 0;
after(() => {
  root.remove();
  if (hasTmpfs) spawnSync('umount', [full]);
  rmSync(full, { recursive: true, force: true });
});

const INODES: Kind = {
  what: 'inodes',
  cwd: full,
  command: python('for i in range(99): open(f"f{i}", "w").close()'),
  cause: 'disk_full',
  layer: 'environment',
  says: /possible|likely|certain/,
};
const ALL = hasTmpfs ? [...KINDS, INODES] : KINDS;

/** Four at a time; the machine is shared with what they are measured by. */
async function runAll(kinds: readonly Kind[]): Promise<readonly Told[]> {
  const waiting = [...kinds.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, { command, cwd = tmpdir() }] = next;
      const flags = ['--log-dir', root.path, '--id', `kind-${index}`, '--interval', '0.5'];
      await startCli(['run', ...flags, '--', ...command], { cwd }).finished;
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  await published(root.path);
  return kinds.map((kind, index) => {
    const verdict = verdictFrom(root.json('sessions', `kind-${index}`, 'summary.json')['verdict']);
    assert.ok(verdict, kind.what);
    return { kind, verdict };
  });
}

test('real deaths of many kinds are told right, and certain is never wrong', async (t) => {
  judgeAll(await runAll(ALL), (line) => t.diagnostic(line));
});
