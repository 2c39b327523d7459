import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { published, runCli, startCli, testRoot, until, type Started } from '../builtCli.ts';

const RECORDERS = 50;
const KEPT = 20;

const root = testRoot();
const waiting: Started[] = [];
after(() => {
  for (const { child } of waiting) child.kill('SIGTERM'); // handed on to the agent; those that ended are not there
  root.remove();
});

test(`${RECORDERS} recorders that finish at the same instant lose and repeat no index line and keep ${KEPT} sessions`, async () => {
  // Whoever opens a pipe to read sleeps in the kernel until somebody opens it to write: a gate for all at once.
  const gate = join(dirname(root.path), 'gate');
  execFileSync('mkfifo', [gate]);
  const ids = Array.from({ length: RECORDERS }, (_unused, number) => `many-${number}`);
  for (const id of ids) {
    const flags = ['--log-dir', root.path, '--id', id, '--interval', '60', `--max-sessions=${KEPT}`, '--no-capture'];
    waiting.push(startCli(['run', ...flags, '--', 'sh', '-c', 'read _ < "$0"; exit 3', gate]));
    // Starting is no part of the question; a few at a time keep the machine usable.
    if (waiting.length % 5 === 0)
      await until(`recorder ${id}`, () => existsSync(join(root.path, 'running', id)), 60_000);
  }
  await until('all agents to run', () => ids.every((id) => root.lines('running', id, 'proc_trace.jsonl').length > 0));
  closeSync(openSync(gate, 'w'));
  const finished = await Promise.all(waiting.map((started) => started.finished));
  await published(root.path);

  assert.deepEqual([...new Set(finished.map(({ stderr }) => stderr))], [''], 'nothing is said on stderr');
  assert.deepEqual([...new Set(finished.map(({ code }) => code))], [3]);
  const names = root.lines('sessions.jsonl').map((line) => String(line['dir_name']));
  assert.deepEqual(names.toSorted(), ids.toSorted(), 'every session has one line');
  assert.deepEqual(root.runningIds(), []);
  assert.equal(root.sessionIds().length, KEPT);
  assert.deepEqual(readdirSync(join(root.path, '.trash')), []);
  const listed = await runCli(['list', '--json', '--log-dir', root.path]);
  const shown = (JSON.parse(listed.stdout) as { dir_name: string }[]).map((line) => line.dir_name);
  assert.deepEqual(shown.toSorted(), root.sessionIds());
});
