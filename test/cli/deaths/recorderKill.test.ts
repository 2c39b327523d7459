import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { runCli, showSession, startCli, testRoot, until } from '../builtCli.ts';

/** `npm run test:soak` asks for 200. */
const ROUNDS = Number(process.env['SOAK'] ?? 12);

const root = testRoot();
after(() => root.remove());

const AGENT = ['sh', '-c', 'i=0; while [ $i -lt 400 ]; do echo line $i; i=$((i+1)); sleep 0.01; done'] as const;

/** `undefined` before it has enrolled. */
function recorderOf(id: string): number | undefined {
  try {
    return (root.json('running', id, 'enrollment.json')['recorder'] as { pid: number }).pid;
  } catch {
    return undefined;
  }
}

function brokenLines(path: string): { broken: number; lastIsTorn: boolean } {
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  let broken = 0;
  for (const line of lines) {
    try {
      JSON.parse(line);
    } catch {
      broken += 1;
    }
  }
  return { broken, lastIsTorn: last !== '' };
}

test(`a recorder SIGKILLed at ${ROUNDS} random moments loses at most the last line, and recover finishes every session`, async () => {
  const ids: string[] = [];
  // Four at a time: the machine's cores are few, and the kills shall land in every phase.
  for (let next = 0; next < ROUNDS; next += 4) {
    await Promise.all(
      Array.from({ length: Math.min(4, ROUNDS - next) }, async (_unused, offset) => {
        const id = `kill-${next + offset}`;
        ids.push(id);
        const args = ['run', '--log-dir', root.path, '--id', id, '--interval', '0.1', '--', ...AGENT];
        const started = startCli(args);
        await delay(Math.random() * 1500); // the random moment that the test is about
        const recorder = recorderOf(id);
        if (recorder !== undefined) process.kill(recorder, 'SIGKILL');
        await started.finished;
      }),
    );
  }
  for (const id of root.runningIds()) {
    for (const name of readdirSync(join(root.path, 'running', id)).filter((file) => file.endsWith('.jsonl'))) {
      const { broken } = brokenLines(join(root.path, 'running', id, name));
      assert.equal(broken, 0, `${id}/${name} has a broken line before its end`);
    }
  }
  for (let round = 0; root.runningIds().length > 0; round += 1) {
    assert.ok(round < 100, `still running: ${root.runningIds().join(' ')}`);
    const recovered = await runCli(['recover', '--log-dir', root.path, '--json']);
    assert.equal(recovered.code, 0, recovered.stderr);
    if (root.runningIds().length > 0) await delay(100);
  }
  const index = root.lines('sessions.jsonl');
  for (const id of ids.filter((name) => existsSync(join(root.path, 'sessions', name)))) {
    assert.equal(index.filter((line) => line['dir_name'] === id).length, 1, `index lines of ${id}`);
    const shown = await showSession(root, id);
    assert.equal(shown.state, 'finished');
    assert.equal(shown.verdict.cause, 'completed', id); // its launcher noted the status
  }
});

test('a recorder that died while its agent lives on is replaced: the session goes on and ends with the truth', async () => {
  const id = 'reattach';
  const started = startCli([
    'run',
    '--detach',
    '--log-dir',
    root.path,
    '--id',
    id,
    '--interval',
    '0.1',
    '--',
    'sh',
    '-c',
    'while [ ! -e "$0" ]; do sleep 0.05; done; exit 0',
    join(root.path, 'go'),
  ]);
  assert.equal((await started.finished).code, 0);
  const enrollment = () => root.json('running', id, 'enrollment.json') as { recorder: { pid: number } };
  const first = enrollment().recorder.pid;
  await until('two snapshots', () => root.lines('running', id, 'proc_trace.jsonl').length >= 2);
  process.kill(first, 'SIGKILL');
  const before = root.lines('running', id, 'proc_trace.jsonl').length;
  const recovered = await runCli(['recover', '--log-dir', root.path]);
  assert.equal(recovered.code, 0, recovered.stderr);
  await until('the new recorder to sample', () => root.lines('running', id, 'proc_trace.jsonl').length > before + 1);
  assert.notEqual(enrollment().recorder.pid, first);
  writeFileSync(join(root.path, 'go'), '');
  await until('the session to be published', () => root.sessionIds().includes(id));
  const shown = await showSession(root, id);
  assert.ok(shown.lifecycle.some((event) => event.event === 'session_recovered'));
  const seqs = root.lines('sessions', id, 'proc_trace.jsonl').map((line) => line['seq']);
  assert.deepEqual(
    seqs,
    seqs.map((_seq, position) => position),
    'seq goes on without a break',
  );
});
