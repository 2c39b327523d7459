import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { cannotMount, smallDisk, type SmallDisk } from '../../logs/smallDisk.ts';
import { published, runCli, startCli, until, type Finished, type Started } from '../builtCli.ts';

const skip = cannotMount();
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-test-'));
const open: { disk?: SmallDisk; started?: Started } = {};
afterEach(() => {
  open.started?.child.kill('SIGTERM');
  open.disk?.remove();
  delete open.disk;
  delete open.started;
});
after(() => rmSync(home, { recursive: true, force: true }));

/** Opening a pipe to read sleeps until somebody opens it to write: the agent goes on when the test says so. */
const gate = join(home, 'gate');
execFileSync('mkfifo', [gate]);
const OUTPUT_BYTES = 300_000;
const AGENT = ['sh', '-c', `read _ < "$0"; head -c ${OUTPUT_BYTES} /dev/zero | tr '\\0' x; exit 7`, gate] as const;

function disk(bytes = 512 * 1024): SmallDisk {
  return (open.disk = smallDisk(bytes));
}

function start(root: string, ...flags: string[]): Started {
  const args = ['run', '--log-dir', root, '--id', 'one', '--interval', '0.1', ...flags, '--', ...AGENT];
  return (open.started = startCli(args, { isStderrTerminal: true }));
}

/** Lets the agent do its work and end, and its recorder publish; first waits for a sentence that is due before. */
async function goOn(started: Started, root: string, sentence?: RegExp): Promise<Finished> {
  if (sentence !== undefined) {
    let told = '';
    started.child.stderr?.on('data', (text: string) => (told += text));
    await until(`${sentence}`, () => sentence.test(told));
  }
  closeSync(openSync(gate, 'w'));
  const finished = await started.finished;
  await published(root);
  return finished;
}

function linesOf(path: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
}

async function untilSampled(root: string, count: number): Promise<void> {
  const trace = join(root, 'running', 'one', 'proc_trace.jsonl');
  await until(`${count} samples`, () => linesOf(trace) >= count);
}

function assertUnharmed(finished: Finished, message?: RegExp): void {
  assert.equal(finished.code, 7, finished.stderr);
  assert.equal(finished.stdout.length, OUTPUT_BYTES, 'all of the output came through');
  // Its end is told too, where it was published.
  const stderr = finished.stderr.replace(/^session-diagnostics: Failed with exit code 7\. More: [^\n]+\n/m, '');
  if (message === undefined) return assert.equal(stderr, '');
  assert.equal(stderr.split('\n').length, 2, `one line on stderr, not: ${stderr}`);
  assert.match(stderr, message);
}

/** Whatever lies in the root: no empty summary, no line that is no JSON. */
function assertWhole(root: string): void {
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    const path = join(root, name);
    if (name.endsWith('summary.json')) JSON.parse(readFileSync(path, 'utf8'));
    if (!name.endsWith('.jsonl') && !name.endsWith('session_lifecycle.log')) continue;
    const text = readFileSync(path, 'utf8');
    assert.ok(text === '' || text.endsWith('\n'), `${name} ends with a whole line`);
    for (const line of text.split('\n').filter((each) => each !== '')) {
      assert.doesNotThrow(() => JSON.parse(line), `${name}: ${line}`);
    }
  }
}

test(
  'on a disk that is full from the start the agent runs unrecorded, and nothing half-written is left',
  { skip },
  async () => {
    const { path, fill } = disk();
    const root = join(path, 'logs');
    fill();
    const sentence = /cannot be written \(ENOSPC\)\. The agent runs unrecorded\.\n$/;
    assertUnharmed(await goOn(start(root), root, sentence), sentence);
    assert.deepEqual(existsSync(join(root, 'running')) ? readdirSync(join(root, 'running')) : [], []);
    assert.equal(existsSync(join(root, 'sessions.jsonl')), false);
  },
);

test(
  'a disk that fills up while the agent runs costs the record only, and recover finishes it when there is room',
  { skip },
  async () => {
    const { path, fill, free } = disk();
    const root = join(path, 'logs');
    const started = start(root);
    await untilSampled(root, 2);
    fill();
    const sentence = /cannot be written \(ENOSPC\).*session-diagnostics recover\n$/;
    assertUnharmed(await goOn(started, root, sentence), sentence);
    assertWhole(root);
    assert.deepEqual(readdirSync(join(root, 'sessions')), [], 'nothing was published');
    free();
    const recovered = await runCli(['recover', '--log-dir', root]);
    assert.equal(recovered.code, 0, recovered.stderr);
    assert.deepEqual(readdirSync(join(root, 'sessions')), ['one']);
    assertWhole(root);
    const index = readFileSync(join(root, 'sessions.jsonl'), 'utf8').trim().split('\n');
    assert.equal(index.length, 1);
  },
);

test(
  'when a full disk has room again later lines are kept, and the session is published as usual',
  { skip },
  async () => {
    const { path, fill, free } = disk();
    const root = join(path, 'logs');
    const started = start(root);
    const trace = join(root, 'running', 'one', 'proc_trace.jsonl');
    await untilSampled(root, 2);
    fill();
    // A full disk shows as a series that stands still while thirty samples are due.
    let still = 0;
    let last = -1;
    await until('samples to be lost', () => {
      const now = linesOf(trace);
      still = now === last ? still + 1 : 0;
      last = now;
      return still > 150;
    });
    free();
    await untilSampled(root, last + 2);
    const finished = await goOn(started, root);
    assertUnharmed(finished, /cannot be written \(ENOSPC\)/);
    assertWhole(root);
    assert.deepEqual(readdirSync(join(root, 'sessions')), ['one']);
    const files = readdirSync(join(root, 'sessions', 'one'));
    assert.deepEqual(
      files.filter((name) => name.startsWith('.') || name.startsWith('enrollment')),
      [],
    );
  },
);

test('a log root on a read-only disk leaves the agent unrecorded', { skip }, async () => {
  const made = disk();
  made.turnReadOnly();
  const root = join(made.path, 'logs');
  const sentence = /cannot be written \(EROFS\)\. The agent runs unrecorded\.\n$/;
  assertUnharmed(await goOn(start(root), root, sentence), sentence);
});

test('a log root that turns read-only while the agent runs keeps the session in running/', { skip }, async () => {
  const made = disk();
  const root = join(made.path, 'logs');
  const started = start(root);
  await untilSampled(root, 2);
  made.turnReadOnly();
  assertUnharmed(await goOn(started, root), /cannot be written \(EROFS\)/); // files that are open already can still be written
  assert.deepEqual(readdirSync(join(root, 'running')), ['one']);
  assert.deepEqual(readdirSync(join(root, 'sessions')), []);
  assertWhole(root);
  const recovered = await runCli(['recover', '--log-dir', root]);
  assert.equal(recovered.code, 1);
  assert.match(recovered.stdout, /one {2}failed: EROFS/);
  const stopped = await runCli(['stop', 'one', '--log-dir', root]);
  assert.equal(stopped.stderr.split('\n').length, 2, stopped.stderr);
  const pruned = await runCli(['prune', '--keep', '0', '--log-dir', root]);
  assert.equal(pruned.code, 0, pruned.stderr);
});

test('a log root that cannot be made, because a file is in its way, leaves the agent unrecorded', async () => {
  const file = join(home, 'a-file');
  writeFileSync(file, '');
  const root = join(file, 'logs');
  const sentence = /cannot be written \(ENOTDIR\)\. The agent runs unrecorded\.\n$/;
  assertUnharmed(await goOn(start(root), root, sentence), sentence);
});

for (const flags of [[], ['--detach']]) {
  const how = flags.length === 0 ? '' : ', detached';
  test(`a log root that is deleted while the agent runs stays deleted${how}`, async () => {
    const root = join(home, 'deleted');
    const started = start(root, ...flags);
    await untilSampled(root, 2);
    const { recorder } = JSON.parse(readFileSync(join(root, 'running', 'one', 'enrollment.json'), 'utf8')) as {
      recorder: { pid: number };
    };
    rmSync(root, { recursive: true });
    const finished = await goOn(started, root);
    if (flags.length === 0)
      assertUnharmed(finished, /was removed or replaced while the session ran; its record is lost\.\n$/);
    await until('the recorder to end', () => !existsSync(`/proc/${recorder.pid}`));
    assert.equal(existsSync(root), false);
  });
}

test('a log root that is replaced while the agent runs gets nothing of the session', async () => {
  const root = join(home, 'replaced');
  const started = start(root);
  await untilSampled(root, 2);
  renameSync(root, join(home, 'moved'));
  mkdirSync(join(root, 'sessions'), { recursive: true });
  mkdirSync(join(root, 'running', 'one'), { recursive: true }); // even under the very same name
  assertUnharmed(await goOn(started, root), /was removed or replaced while the session ran; its record is lost\.\n$/);
  assert.deepEqual(readdirSync(join(root, 'sessions')), []);
  assert.deepEqual(readdirSync(join(root, 'running', 'one')), []);
  assert.equal(existsSync(join(root, 'sessions.jsonl')), false);
  // What was recorded is where it was moved to, and can be finished there.
  const recovered = await runCli(['recover', '--log-dir', join(home, 'moved')]);
  assert.equal(recovered.code, 0, recovered.stdout + recovered.stderr);
  assert.deepEqual(readdirSync(join(home, 'moved', 'sessions')), ['one']);
});
