import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { unpackTar } from '../../../src/logs/tarFile.ts';
import { openSession } from '../../../src/sessions/openSession.ts';
import { preparePrivate } from '../../../src/sessions/sessionBundle.ts';
import { logRootAt } from '../../../src/logs/logRoot.ts';
import { randomFrom } from '../../core/randomFrom.ts';
import { ScriptedRoot } from '../../webview/scriptedRoot.ts';
import { writeLeakySession } from '../../webview/scriptedSessions.ts';
import { runCli, type ShownSession } from '../builtCli.ts';
import { canaries, canaryIn, writeCanarySession } from '../report/canaryRoot.ts';

/** One session as one file: what is in it, who can open it, and what is not opened. */
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-bundle-test-'));
const root = new ScriptedRoot();
after(() => {
  root.remove();
  rmSync(home, { recursive: true });
});
/** Nothing was ever recorded here. */
const empty = { XDG_DATA_HOME: join(home, 'nothing'), HOME: home };
const session = writeLeakySession(root);

async function bundled(...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCli(['bundle', session.id, '--log-dir', root.path, ...flags], {
    cwd: home,
  });
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

async function shown(...args: string[]): Promise<ShownSession> {
  const { code, stdout, stderr } = await runCli(['show', ...args, '--json'], { env: empty, cwd: home });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as ShownSession;
}

const numbersOf = (text: string, field: string): number[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => Number((JSON.parse(line) as Record<string, unknown>)[field]));

test('on an empty profile a bundle tells the same verdict, counts and timelines, and nothing that it is private to tell', async () => {
  const file = await bundled();
  assert.match(file, /\/shared-[0-9a-f]{12}\.tar\.gz$/);
  const [here, there] = [await shown(session.id, '--log-dir', root.path), await shown(file)];
  for (const key of ['outcome', 'cause', 'layer', 'confidence'] as const)
    assert.equal(there.verdict[key], here.verdict[key]);
  assert.deepEqual(
    there.anomalies.map(({ kind, severity }) => [kind, severity]),
    here.anomalies.map(({ kind, severity }) => [kind, severity]),
  );
  assert.deepEqual(
    there.lifecycle.map(({ event }) => event),
    here.lifecycle.map(({ event }) => event),
  );
  const failures = (told: ShownSession): unknown => {
    const { counts, suspect } = told.summary['failures'] as { counts: unknown; suspect: { layer: string } };
    return [counts, suspect.layer];
  };
  assert.deepEqual(failures(there), failures(here));

  const unpacked = join(home, 'unpacked');
  mkdirSync(unpacked);
  execFileSync('tar', ['xzf', file, '-C', unpacked]);
  const series = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');
  for (const field of ['vm_rss_kb', 'tree_rss_kb', 'cpu_percent', 'fd_count']) {
    const [ours, theirs] = [session.dir, unpacked].map((folder) =>
      numbersOf(series(folder, 'proc_trace.jsonl'), field),
    );
    assert.equal(theirs?.length, ours?.length);
    for (const [at, value] of (ours ?? []).entries())
      assert.ok(Math.abs(value - (theirs?.[at] ?? Number.NaN)) <= value * 0.0006, `${field} of sample ${at}`);
  }
  const all = readdirSync(unpacked)
    .map((name) => series(unpacked, name))
    .join('');
  for (const text of ['claude -p', '/home/dev', session.id]) assert.ok(!all.includes(text), text);
  const report = await runCli(['report', file], { env: empty, cwd: home });
  assert.match(report.stdout, /OOM/);
  assert.equal(
    (JSON.parse((await runCli(['verdict', file, '--json'], { env: empty })).stdout) as { blame: string }).blame,
    'environment',
  );
  const again = await runCli(['bundle', session.id, '--log-dir', root.path], { cwd: home });
  assert.match(again.stderr, /is there already: choose another name/);
});

test('no text of any file comes into a private bundle, in 100 variations', () => {
  Object.assign(globalThis, { PRODUCT_VERSION: '0.2.0' });
  const random = randomFrom(20_261_127);
  const log = new ScriptedRoot();
  try {
    const given = canaries(random);
    for (let number = 0; number < 100; number += 1) {
      const id = `c${number}`;
      writeCanarySession(log.path, id, { given, random });
      const folder = mkdtempSync(join(home, 'canaries-'));
      const place = { name: id, dir: join(log.path, 'sessions', id), state: 'finished' } as const;
      const made = preparePrivate({ root: logRootAt(log.path), place }, folder);
      assert.ok(made.ok, id);
      for (const name of readdirSync(folder)) {
        const text = readFileSync(join(folder, name), 'utf8');
        assert.equal(canaryIn(text), undefined, `${name} of ${id}`);
        assert.ok(!text.includes(log.path), name);
      }
    }
    assert.ok(given.words.length > 4000, String(given.words.length));
  } finally {
    log.remove();
  }
});

test('a full bundle holds the files byte for byte, and one that was changed is not opened', async () => {
  const file = await bundled('--full', '--out', 'full.tar.gz');
  const folder = join(home, 'full');
  mkdirSync(folder);
  execFileSync('tar', ['xzf', file, '-C', folder]);
  for (const name of readdirSync(session.dir))
    assert.ok(readFileSync(join(folder, name)).equals(readFileSync(join(session.dir, name))), name);
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as {
    form: string;
    files: unknown[];
  };
  assert.deepEqual([manifest.form, manifest.files.length], ['full', readdirSync(session.dir).length]);
  assert.equal((await shown(file)).verdict.cause, 'oom_kill');
  writeFileSync(
    join(folder, 'anomalies.jsonl'),
    readFileSync(join(folder, 'anomalies.jsonl'), 'utf8').replace('4', '5'),
  );
  const changed = join(home, 'changed.tar.gz');
  execFileSync('sh', ['-c', `tar czf '${changed}' *`], { cwd: folder });
  assert.match(
    (await runCli(['show', changed], { env: empty })).stderr,
    /was not opened: a file in it has been changed/,
  );
});

/** How each is packed, in a folder with a summary.json, and why it is refused. */
const HOSTILE: readonly (readonly [what: string, pack: string, why: RegExp])[] = [
  ['a path that leads out', `tar czPf A --transform 's,summary.json,../summary.json,' summary.json`, /leads out/],
  ['an absolute path', `tar czPf A "$PWD/summary.json"`, /leads out|several folders/],
  ['a link', `ln -s /etc/passwd proc_trace.jsonl; tar czf A summary.json proc_trace.jsonl`, /a link or a device/],
  ['a hard link', `ln summary.json tree.jsonl; tar czf A summary.json tree.jsonl`, /a link or a device/],
  ['a pipe', `mkfifo tree.jsonl; tar czf A summary.json tree.jsonl`, /a link or a device/],
  ['two files of one name', `tar cf T summary.json; tar rf T summary.json; gzip -c T > A`, /one name/],
  ['files of two folders', `mkdir a b; cp summary.json a; cp summary.json b; tar czf A a b`, /several folders/],
  [
    'an end in the middle',
    `head -c 50000 /dev/urandom > x; tar cf T summary.json x; head -c 9000 T | gzip > A`,
    /ends in the middle/,
  ],
  ['no session', `echo > x; tar czf A x`, /no session in it/],
  ['no archive', `head -c 4000 /dev/urandom | gzip > A`, /damaged, or no tar/],
  ['no gzip', `echo nothing > A`, /incorrect header/],
  [
    'a megabyte that becomes two thousand',
    `truncate -s 2000000000 x; tar cf - x | head -c 100000 | gzip > A; rm x`,
    /more than 1000000000 bytes/,
  ],
];

test('an archive that would harm is refused in one sentence, and leaves nothing behind', async () => {
  for (const [number, [what, pack, why]] of HOSTILE.entries()) {
    const folder = join(home, `hostile-${number}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'summary.json'), '{"session_id":"x","success":false,"exit_code":1}');
    execFileSync('sh', ['-c', pack], { cwd: folder, stdio: 'ignore' });
    symlinkSync('A', join(folder, 'A.tar.gz'));
    const archive = join(folder, 'A.tar.gz');
    const opened = await openSession(archive, mkdtempSync(join(folder, 'opened-')));
    assert.ok(!opened.ok, what);
    assert.match(opened.why, why, what);
    if (number > 0) continue;
    const { code, stdout, stderr } = await runCli(['show', archive], { env: { ...empty, TMPDIR: folder } });
    assert.deepEqual([code, stdout], [1, ''], stderr);
    assert.match(stderr, /^session-diagnostics: \S+ was not opened: a name in it leads out of its folder\.\n$/);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('session-diagnostics-')),
      [],
    );
  }
});

test('no more files are unpacked than there may be', async () => {
  const folder = mkdtempSync(join(home, 'many-'));
  execFileSync('sh', ['-c', 'touch a b c; tar czf many.tar.gz a b c'], { cwd: folder });
  const made: string[] = [];
  const create = (name: string): number => openSync(join(folder, `unpacked-${made.push(name)}`), 'wx');
  const unpacked = await unpackTar(join(folder, 'many.tar.gz'), { limits: { files: 2, bytes: 1_000_000 }, create });
  assert.deepEqual([unpacked, made], [{ ok: false, why: 'it holds more than 2 files' }, ['a', 'b']]);
});

test('what a bundle names as the agent’s log is looked at only where it came along', async () => {
  const folder = join(home, 'names');
  mkdirSync(folder);
  const secret = join(home, 'secret.jsonl');
  writeFileSync(secret, '{"type":"user","message":{"role":"user","content":"canary"}}\n');
  writeFileSync(
    join(folder, 'summary.json'),
    JSON.stringify({ session_id: 'x', success: false, exit_code: 1, transcript: secret }),
  );
  execFileSync('tar', ['czf', 'n.tar.gz', 'summary.json'], { cwd: folder });
  const { stdout } = await runCli(['show', join(folder, 'n.tar.gz'), '--json'], { env: empty });
  const told = JSON.parse(stdout) as { summary: Record<string, unknown>; failures: unknown };
  assert.deepEqual([told.summary['transcript'], told.failures], [null, null]);
  assert.ok(existsSync(secret));
});

test('a running session is not bundled, and what only looks takes bundles', async () => {
  root.session('sess-runs', 'running').enroll();
  const running = await runCli(['bundle', 'sess-runs', '--log-dir', root.path], { cwd: home });
  assert.match(running.stderr, /still runs/);
  const cleanup = await runCli(['cleanup', join(home, 'full.tar.gz'), '--log-dir', root.path], { env: empty });
  assert.equal(cleanup.code, 2, cleanup.stderr);
});
