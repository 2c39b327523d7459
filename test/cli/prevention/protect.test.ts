import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { statOf } from '../../../src/recorder/proc/ownProcess.ts';
import { makeMemoryGroup, type MemoryGroup } from '../deaths/memoryGroup.ts';
import { runCli, showSession, startCli, testRoot, until } from '../builtCli.ts';
import { everybodysScores, OVERLOADS, overloadedAgent } from './overloads.ts';

const root = testRoot();
after(() => root.remove());

const GROUP_BYTES = 200 << 20;
const skip = probe() ? false : 'memory groups cannot be made here';
/** 40 of them with SOAK; a tenth is for every day. */
const isSoak = process.env['SOAK'] !== undefined;
const ROUNDS = isSoak ? 40 : 4;

function probe(): boolean {
  const group = makeMemoryGroup(GROUP_BYTES);
  group?.remove();
  return group !== undefined;
}

async function removed(group: MemoryGroup): Promise<void> {
  await until('the group to be empty', () => {
    const left = readFileSync(group.procs, 'latin1').split('\n').filter(Boolean);
    for (const pid of left) process.kill(Number(pid), 'SIGKILL');
    return left.length === 0;
  });
  group.remove();
}

/** Whether the agent went on after its tools. */
async function survives(id: string, name: string, flags: readonly string[]): Promise<boolean> {
  const group = makeMemoryGroup(GROUP_BYTES);
  assert.ok(group !== undefined);
  const command = overloadedAgent(OVERLOADS[name] ?? [], group.procs);
  const finished = await runCli([
    'run',
    '--log-dir',
    root.path,
    '--id',
    id,
    '--interval',
    '0.1',
    ...flags,
    '--',
    ...command,
  ]);
  await removed(group);
  return finished.code === 0 && finished.stdout.includes('agent goes on');
}

test('with --protect the agent outlives what its tools do to the memory', { skip, timeout: 600_000 }, async (t) => {
  const names = Object.keys(OVERLOADS);
  const died: string[] = [];
  const without: string[] = [];
  let bare = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const name = names[round % names.length] ?? '';
    if (!(await survives(`protected-${round}`, name, ['--protect']))) died.push(name);
    // Every day two are enough to show that the overloads kill.
    if (round > 1 && !isSoak) continue;
    bare += 1;
    if (!(await survives(`bare-${round}`, name, []))) without.push(name);
  }
  t.diagnostic(
    `with --protect ${ROUNDS - died.length} of ${ROUNDS} agents went on (died: ${died.join(', ') || 'none'})`,
  );
  t.diagnostic(`without it     ${bare - without.length} of ${bare} (died: ${without.join(', ') || 'none'})`);
  const shown = async (id: string): Promise<string> => (await runCli(['show', id, '--log-dir', root.path])).stdout;
  assert.match((await shown('bare-0')).replaceAll(/\s+/g, ' '), /with `run --protect` the kernel takes one of them/);
  assert.match(await shown('protected-0'), /\d+ of its processes were to go before it/);
  assert.ok(died.length <= Math.floor(ROUNDS / 20), died.join(', '));
  assert.ok(without.length > died.length, 'the overloads kill nobody here, so they prove nothing');
});

test('what was protected is told, undone at the end, and nobody else is touched', { timeout: 60_000 }, async () => {
  const before = everybodysScores();
  const program = `
import os, subprocess
own = "echo 700 > /proc/self/oom_score_adj; exec sleep 60"
quiet = subprocess.DEVNULL
tools = [subprocess.Popen(["sh", "-c", text], stdout=quiet, stderr=quiet) for text in ["sleep 60 & wait", own]]
print("pid=%d" % os.getpid(), flush=True)
tools[0].wait()
print("done", flush=True)
os._exit(0)
`;
  const { child, finished } = startCli([
    'run',
    '--log-dir',
    root.path,
    '--id',
    'told',
    '--protect',
    '--',
    'python3',
    '-c',
    program,
  ]);
  let stdout = '';
  child.stdout?.on('data', (text: string) => (stdout += text));
  const agent = Number(await until('the agent', () => /pid=(\d+)/.exec(stdout)?.[1]));
  const own = scoreOf(process.pid);
  const raisedTo = String(Math.min(1000, Number(own) + 500));
  const tools = await until('three tools with higher scores', () => {
    const scores = descendantsOf(agent).map((pid) => [pid, scoreOf(pid)] as const);
    const isRaised = scores.filter(([, score]) => score === raisedTo).length === 2;
    return isRaised && scores.some(([, score]) => score === '700') && scores;
  });
  assert.equal(scoreOf(agent), own, 'the agent keeps its own');
  for (const [key, score] of everybodysScores()) if (before.has(key)) assert.equal(score, before.get(key), key);
  const shell = tools.find(([pid, score]) => score === raisedTo && descendantsOf(pid).length > 0)?.[0] ?? 0;
  process.kill(shell, 'SIGKILL');
  await finished;
  const shown = await showSession(root, 'told');
  const left = tools.map(([pid]) => pid).filter((pid) => pid !== shell);
  assert.deepEqual(left.map(scoreOf).toSorted(), [own, '700'].toSorted(), 'what is left behind has its own again');
  for (const pid of left) process.kill(pid, 'SIGKILL');
  const events = shown.lifecycle.filter(({ event }) => event === 'process_protected');
  const contexts = events.map(({ context }) => context);
  assert.ok(contexts.some((context) => context?.['to'] === Number(raisedTo)));
  assert.ok(Number(contexts.at(-1)?.['raised_count']) >= 2);
  assert.equal(contexts.at(-1)?.['restored_count'], 1);
});

test(
  'attach --protect does the same for an agent that runs already, until the recording is ended',
  { timeout: 60_000 },
  async (t) => {
    const agent = spawn('python3', ['-c', 'import subprocess; subprocess.call(["sleep", "60"])'], { stdio: 'ignore' });
    t.after(() => agent.kill('SIGKILL'));
    const pid = agent.pid ?? 0;
    const tool = await until('its tool', () => descendantsOf(pid).find((child) => statOf(child)?.comm === 'sleep'));
    t.after(() => process.kill(tool, 'SIGKILL'));
    const own = scoreOf(pid);
    const attached = startCli(['attach', '--log-dir', root.path, '--id', 'attached', '--protect', String(pid)]);
    await until('the tool to go first', () => Number(scoreOf(tool)) >= Math.min(1000, Number(own) + 500));
    assert.equal(scoreOf(pid), own);
    attached.child.kill('SIGINT');
    await attached.finished;
    assert.equal(scoreOf(tool), own);
  },
);

function scoreOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/oom_score_adj`, 'latin1').trim();
  } catch {
    return 'gone';
  }
}

function descendantsOf(pid: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number);
    return children.flatMap((child) => [child, ...descendantsOf(child)]);
  } catch {
    return [];
  }
}
