import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { FileChange } from '../../src/host/fileChange.ts';
import { createRootWatcher, type RootWatcher } from '../../src/host/rootWatcher.ts';

let home: string;
let root: string;
let watcher: RootWatcher;
let changes: FileChange[];
const problems: string[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'session-diagnostics-watch-'));
  root = join(home, 'share/logs');
  changes = [];
  watcher = createRootWatcher(
    (batch) => changes.push(...batch),
    (message) => problems.push(message),
  );
});

afterEach(async () => {
  await watcher.dispose();
  rmSync(home, { recursive: true, force: true });
});

/** Keeps doing something until it is noticed: watches are set up in the background. */
async function noticed(path: string, act: () => void, kind?: FileChange['kind']): Promise<void> {
  const deadline = performance.now() + 30_000;
  changes = [];
  while (!changes.some((change) => change.path === path && (kind === undefined || change.kind === kind))) {
    if (performance.now() > deadline) assert.fail(`${path} was not noticed: ${JSON.stringify(changes)}`);
    act();
    await delay(30);
  }
}

function wait(): void {
  // Only time passes.
}

test('a root that is not there yet is found when it appears, and its sessions with it', async () => {
  watcher.setRoots([root]);
  mkdirSync(join(root, 'running'), { recursive: true });
  await noticed(root, wait, 'created');
  let sessions = 0;
  await noticed(join(root, 'running/s1'), () => mkdirSync(join(root, `running/s${(sessions += 1)}`)), 'created');
});

test('a root that is removed and made again is watched again', async () => {
  mkdirSync(join(root, 'running'), { recursive: true });
  watcher.setRoots([root]);
  await noticed(join(root, 'sessions.jsonl'), () => appendFileSync(join(root, 'sessions.jsonl'), '{}\n'));
  rmSync(root, { recursive: true });
  await noticed(root, wait, 'deleted');
  mkdirSync(root);
  await noticed(root, wait, 'created');
  await noticed(join(root, 'sessions.jsonl'), () => appendFileSync(join(root, 'sessions.jsonl'), '{}\n'));
});

test('a session that is looked at is followed from running/ to sessions/', async () => {
  const [running, finished] = [join(root, 'running/s'), join(root, 'sessions/s')];
  mkdirSync(running, { recursive: true });
  mkdirSync(join(root, 'sessions'));
  watcher.setRoots([root]);
  watcher.setSessions([{ root, id: 's' }]);
  const append = (dir: string) => () => appendFileSync(join(dir, 'proc_trace.jsonl'), '{}\n');
  await noticed(join(running, 'proc_trace.jsonl'), append(running));
  renameSync(running, finished);
  await noticed(finished, wait, 'created');
  await noticed(join(finished, 'proc_trace.jsonl'), append(finished), 'changed');
});

test('a session that nobody looks at costs no watch', async () => {
  const [seen, unseen] = [join(root, 'running/seen'), join(root, 'running/unseen')];
  mkdirSync(seen, { recursive: true });
  mkdirSync(unseen);
  watcher.setRoots([root]);
  watcher.setSessions([{ root, id: 'seen' }]);
  await noticed(join(seen, 'tree.jsonl'), () => {
    appendFileSync(join(unseen, 'tree.jsonl'), '{}\n');
    appendFileSync(join(seen, 'tree.jsonl'), '{}\n');
  });
  assert.deepEqual(
    changes.filter(({ path }) => path.startsWith(unseen)),
    [],
  );
});

test('the last change of a burst is told, although chokidar drops changes that follow each other closely', async () => {
  mkdirSync(root, { recursive: true });
  const path = join(root, 'sessions.jsonl');
  watcher.setRoots([root]);
  await noticed(path, () => appendFileSync(path, '{}\n'), 'changed');
  let lastNoticeMs = 0;
  const seen = setInterval(() => {
    if (changes.length > 0) lastNoticeMs = performance.now();
    changes = [];
  }, 5);
  for (let i = 0; i < 12; i += 1) {
    appendFileSync(path, '{}\n');
    await delay(10);
  }
  const lastAppendMs = performance.now() - 10;
  const deadline = performance.now() + 30_000;
  while (lastNoticeMs <= lastAppendMs && performance.now() < deadline) await delay(10);
  clearInterval(seen);
  assert.ok(lastNoticeMs > lastAppendMs, 'the end of the burst went unnoticed');
});

test('nothing went wrong on the way', () => {
  assert.deepEqual(problems, []);
});

test("a trace's beginning and end are noticed, its lines only while it is looked at, and old days cost no watch", async () => {
  const day = new Date().toISOString().slice(0, 10);
  const sessions = join(root, '.devboy/sessions');
  const old = join(sessions, '2020-01-01/review/old');
  mkdirSync(old, { recursive: true });
  watcher.setRoots([join(root, '.devboy')]);
  const review = join(sessions, day, 'review');
  // The first ones come before the watches stand.
  let trace: string | undefined;
  for (let count = 0; trace === undefined && count < 1000; count += 1) {
    mkdirSync(join(review, `t${count}`), { recursive: true });
    await delay(30);
    trace = changes.findLast(({ path }) => path.startsWith(join(review, 't')))?.path;
  }
  assert.ok(trace, 'no trace was noticed');
  const meta = join(trace, 'meta.json');
  await noticed(meta, () => appendFileSync(meta, '{}'), 'changed');
  appendFileSync(join(old, 'meta.json'), '{}');
  const lines = join(trace, 'trace.jsonl');
  appendFileSync(lines, '{}\n');
  // What would have come, would have come before this.
  await noticed(meta, () => appendFileSync(meta, ' '));
  assert.deepEqual(
    changes.filter(({ path }) => path.startsWith(old) || path.endsWith('trace.jsonl')),
    [],
  );
  watcher.setSessions([{ root: join(root, '.devboy'), id: `${day}/review/${basename(trace)}` }]);
  await noticed(lines, () => appendFileSync(lines, '{}\n'), 'changed');
});
