import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCli, showSession, testRoot } from '../builtCli.ts';

/**
 * A log root that 0.1.0 wrote, with one session of each kind: eight that ended, one whose recorder was killed. All in one
 * file, `=== PATH BYTES` before each, so that no formatter and no ignore file touches it.
 */
const CORPUS = join(import.meta.dirname, 'logs-0.1.0.txt');

/** What 0.1.0 itself said of them. */
const TOLD: Readonly<Record<string, readonly [outcome: string, cause: string, confidence: string, anomalies: number]>> =
  {
    completed: ['succeeded', 'completed', 'certain', 0],
    'exit-3': ['failed', 'exit_nonzero', 'certain', 0],
    killed: ['died', 'killed', 'likely', 0],
    crashed: ['died', 'crashed', 'certain', 0],
    'timed-out': ['died', 'timed_out', 'certain', 0],
    'claude-failed': ['failed', 'exit_nonzero', 'certain', 0],
    leftovers: ['succeeded', 'completed', 'certain', 1],
    stopped: ['stopped', 'stopped', 'certain', 0],
  };

const root = testRoot();
after(() => root.remove());
before(() => {
  const bytes = readFileSync(CORPUS);
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\n', at);
    const [, path = '', size = ''] = /^=== (\S+) (\d+)$/.exec(bytes.toString('utf8', at, end)) ?? [];
    assert.notEqual(path, '', `no header at ${at}`);
    const text = bytes.subarray(end + 1, end + 1 + Number(size));
    mkdirSync(dirname(join(root.path, path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(root.path, path), text, { mode: 0o600 });
    at = end + 1 + Number(size) + (text.length === 0 || text.at(-1) === 10 ? 0 : 1);
  }
});

function fingerprint(): Record<string, string> {
  const files = readdirSync(root.path, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(root.path, name)).isFile(),
  );
  const hash = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(root.path, name)))
      .digest('hex');
  return Object.fromEntries(files.toSorted().map((name) => [name, hash(name)]));
}

test('sessions of 0.1.0 are told as 0.1.0 told them, and reading changes no byte of them', async () => {
  const before = fingerprint();
  for (const [id, [outcome, cause, confidence, anomalies]] of Object.entries(TOLD)) {
    const { verdict, anomalies: found, summary } = await showSession(root, id);
    assert.deepEqual(
      [verdict.outcome, verdict.cause, verdict.confidence, found.length],
      [outcome, cause, confidence, anomalies],
      id,
    );
    const written = root.json('sessions', id, 'summary.json');
    for (const [key, value] of Object.entries(written)) assert.deepEqual(summary[key], value, `${id} ${key}`);
    const report = await runCli(['report', id, '--format', 'json', '--log-dir', root.path]);
    assert.equal(report.code, 0, report.stderr);
  }
  const listed = await runCli(['list', '--json', '--log-dir', root.path]);
  const rows = JSON.parse(listed.stdout) as { dir_name: string; cause?: string }[];
  assert.deepEqual(rows.map(({ dir_name: name }) => name).toSorted(), [...Object.keys(TOLD), 'never-ended'].toSorted());
  for (const { dir_name: name, cause } of rows) if (name in TOLD) assert.equal(cause, TOLD[name]?.[1], name);
  const failures = (await showSession(root, 'claude-failed')).summary['failures'] as { suspect: { layer: string } };
  assert.equal(failures.suspect.layer, 'environment');
  assert.match((await runCli(['incidents', '--log-dir', root.path])).stdout, /incident-2026-11-27-52b3bcc3/);
  assert.equal((await runCli(['metrics', '--once', '--log-dir', root.path])).code, 0);
  const after = fingerprint();
  assert.deepEqual(Object.fromEntries(Object.entries(after).filter(([name]) => name in before)), before);
});

test('a session that 0.1.0 left unfinished is finished, and a new one is recorded beside the old', async () => {
  const recovered = await runCli(['recover', '--log-dir', root.path]);
  assert.equal(recovered.code, 0, recovered.stderr);
  assert.equal((await showSession(root, 'never-ended')).state, 'finished');
  assert.equal((await runCli(['run', '--id', 'new', '--log-dir', root.path, '--', 'sh', '-c', 'exit 4'])).code, 4);
  const listed = await runCli(['list', '--json', '--log-dir', root.path]);
  assert.equal((JSON.parse(listed.stdout) as unknown[]).length, Object.keys(TOLD).length + 2);
});
