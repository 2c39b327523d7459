import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { showSession, startCli, testRoot, until } from '../builtCli.ts';

const root = testRoot();
after(() => root.remove());

test('a recorder that was stopped for seconds has a gap, and its session goes on and succeeds', async () => {
  const id = 'stopped-recorder';
  const agent = 'while [ ! -e "$0" ]; do sleep 0.05; done';
  const go = `${root.path}/go`;
  const started = startCli([
    'run',
    '--log-dir',
    root.path,
    '--id',
    id,
    '--interval',
    '0.2',
    '--',
    'sh',
    '-c',
    agent,
    go,
  ]);
  await until('two snapshots', () => root.lines('running', id, 'proc_trace.jsonl').length >= 2);
  const { recorder } = root.json('running', id, 'enrollment.json') as { recorder: { pid: number } };
  process.kill(recorder.pid, 'SIGSTOP');
  await delay(6000); // the length of the stop is what the test is about: more than the 5 s that are a gap
  process.kill(recorder.pid, 'SIGCONT');
  const missed = await until('the gap to be told', () =>
    root.lines('running', id, 'lifecycle.jsonl').find(({ event }) => event === 'heartbeat_missed'),
  );
  assert.equal(missed['reason'], 'stopped');
  const { gap_seconds: seconds } = missed['context'] as { gap_seconds: number };
  assert.ok(seconds >= 5.5, `${seconds} s`);
  writeFileSync(go, '');
  assert.equal((await started.finished).code, 0);
  const shown = await showSession(root, id);
  assert.equal(shown.verdict.cause, 'completed');
  assert.ok(!shown.anomalies.some(({ kind }) => kind === 'stalled'), 'the silence was not the agent’s');
});
