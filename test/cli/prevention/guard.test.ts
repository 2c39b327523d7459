import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { limitPlaces } from '../../../src/recorder/run/limitGroups.ts';
import { MemoryGauge } from '../../../src/recorder/run/memoryGauge.ts';
import { statOf } from '../../../src/recorder/proc/ownProcess.ts';
import { runCli, showSession, startCli, testRoot, until } from '../builtCli.ts';
import { OVERLOADS } from './overloads.ts';

const root = testRoot();
after(() => root.remove());

const skip = limitPlaces() === undefined ? 'control groups cannot be made here' : false;
const isSoak = process.env['SOAK'] !== undefined;

/** An agent of 30 MB beside whom a tool grows once it is recorded; it goes on when the tool is gone. */
const AGENT = `
import json, os, subprocess, sys, time
own = bytearray(b"1" * (30 << 20))
while not os.path.exists(sys.argv[2]): time.sleep(0.02)
tool = subprocess.Popen(json.loads(sys.argv[1]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print("pid=%d tool=%d" % (os.getpid(), tool.pid), flush=True)
print("agent goes on, its tool ended with", tool.wait(), flush=True)
`;
const HOG = JSON.stringify(OVERLOADS['one tool']?.[0]?.command);

function flagsOf(id: string, mode: string): readonly string[] {
  return ['run', '--log-dir', root.path, '--id', id, '--grace', '0.5', '--memory-limit=200M', '--guard', mode, '--'];
}

/** A machine that is busy starts the recorder after a second or two, when the tool would have filled the memory. */
function agentOf(id: string): readonly string[] {
  return ['python3', '-c', AGENT, HOG, join(root.path, 'running', id, 'proc_trace.jsonl')];
}

function eventsOf(id: string, event: string) {
  return root.lines('running', id, 'lifecycle.jsonl').filter((line) => line['event'] === event);
}

/** Starts it, and looks every few milliseconds when it passes 90 % and when its tool stands still. */
async function frozenSession(t: TestContext, id: string) {
  const { child, finished } = startCli([...flagsOf(id, 'freeze'), ...agentOf(id)]);
  // The agent dies with its launcher, and its tool of the memory that it takes.
  t.after(() => child.kill('SIGKILL'));
  let stdout = '';
  child.stdout?.on('data', (text: string) => (stdout += text));
  const said = await until('the agent', () => /pid=(\d+) tool=(\d+)/.exec(stdout) ?? undefined);
  const [agent, tool] = [Number(said[1]), Number(said[2])];
  const gauge = new MemoryGauge();
  let nearMs: number | undefined;
  while (statOf(tool)?.state !== 'stopped') {
    const level = gauge.levelOf(tool);
    if (level !== undefined && level.usedKb >= 0.9 * level.limitKb) nearMs ??= performance.now();
    assert.notEqual(statOf(tool), undefined, 'it is stopped before the kernel kills it');
    await delay(2);
  }
  const latencyMs = nearMs === undefined ? 0 : performance.now() - nearMs;
  gauge.close();
  return { agent, tool, latencyMs, finished };
}

test(
  '--guard freeze stops the tool before the memory is full, and lets it go when the recorder dies',
  { skip, timeout: 120_000 },
  async (t) => {
    const { agent, tool, latencyMs, finished } = await frozenSession(t, 'frozen');
    t.diagnostic(`stopped ${Math.round(latencyMs)} ms after 90 % (0: before)`);
    assert.ok(latencyMs <= 500, `${latencyMs} ms`);
    const [frozen] = await until('it to be told', () => {
      const found = eventsOf('frozen', 'process_frozen');
      return found.length > 0 && found;
    });
    assert.deepEqual((frozen?.['context'] as { pid?: number } | undefined)?.pid, tool);
    assert.equal(statOf(agent)?.state, 'sleeping', 'the agent is not touched');
    const enrollment = root.json('running', 'frozen', 'enrollment.json') as { recorder: { pid: number } };
    const before = performance.now();
    process.kill(enrollment.recorder.pid, 'SIGKILL');
    await until('the tool to go on', () => statOf(tool)?.state !== 'stopped', 5000);
    const thawMs = performance.now() - before;
    t.diagnostic(`went on ${Math.round(thawMs)} ms after the recorder was killed`);
    assert.ok(thawMs <= 2000, `${thawMs} ms`);
    for (const pid of [tool, agent]) if (statOf(pid) !== undefined) process.kill(pid, 'SIGKILL');
    await finished;
  },
);

test('--guard end ends the tool that it has stopped, and the agent goes on', { skip, timeout: 120_000 }, async () => {
  const finished = await runCli([...flagsOf('ended', 'end'), ...agentOf('ended')]);
  assert.equal(finished.code, 0, finished.stderr);
  assert.match(finished.stdout, /agent goes on, its tool ended with -(?:15|9)/);
  const { verdict, lifecycle } = await showSession(root, 'ended');
  assert.equal(verdict.cause, 'completed');
  const done = lifecycle.map(({ event }) => event).filter((event) => event.startsWith('process_'));
  assert.deepEqual(done, ['process_frozen', 'process_ended']);
  const { stdout } = await runCli(['show', 'ended', '--log-dir', root.path]);
  assert.match(
    stdout,
    /Its own limit: 200 MiB of memory\n {2}Process frozen: \d+ python3, \d+ MiB, at \d+ MiB of 200 MiB\n/,
  );
});

test('--guard tell touches nobody', { skip, timeout: 120_000 }, async () => {
  const finished = await runCli([...flagsOf('told', 'tell'), ...agentOf('told')]);
  assert.match(finished.stdout, /its tool ended with -9/, 'the kernel decides, as without it');
  const { lifecycle } = await showSession(root, 'told');
  const told = lifecycle.filter(
    ({ event, context }) => event === 'anomaly_detected' && context?.['used_kb'] !== undefined,
  );
  assert.equal(told.length, 1);
  assert.ok(!lifecycle.some(({ event }) => event.startsWith('process_')));
});

/** Six compilers at once that take 15 MB each in a moment, again and again; the linker then takes 80. */
const BUILD = `
import subprocess, sys
def take(mb, seconds): return subprocess.Popen([sys.executable, "-c", "kept = bytearray(b'1' * (%d << 20)); import time; time.sleep(%f)" % (mb, seconds)])
for _ in range(3):
  for child in [take(5, 0.1) for _ in range(6)]: child.wait()
take(70, 0.3).wait()
print("built")
`;

test(
  'a bursty build within its limits is never stopped, and is what it is without us',
  { skip, timeout: 300_000 },
  async () => {
    for (let round = 0; round < (isSoak ? 20 : 1); round += 1) {
      const id = `build-${round}`;
      const finished = await runCli([...flagsOf(id, 'end').slice(0, -1), '--protect', '--', 'python3', '-c', BUILD]);
      assert.deepEqual([finished.code, finished.stdout, finished.stderr], [0, 'built\n', '']);
      const { lifecycle } = await showSession(root, id);
      assert.ok(!lifecycle.some(({ event }) => /frozen|ended|thawed/.test(event)), id);
    }
  },
);

test('a guard that is none is refused', async () => {
  assert.equal((await runCli([...flagsOf('wrong', 'maybe'), 'true'])).code, 2);
});
