import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, test } from 'node:test';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { readBootId } from '../../../src/recorder/proc/bootId.ts';
import {
  killAllOf,
  published,
  runCli,
  showSession,
  startCli,
  testRoot,
  until,
  type Started,
  type TestRoot,
} from '../builtCli.ts';
import { makeMemoryGroup, MEMORY_HOG } from './memoryGroup.ts';

let root: TestRoot;
const started: Started[] = [];
beforeEach(() => {
  root = testRoot();
});
afterEach(async () => {
  for (const { child } of started) if (child.exitCode === null) child.kill('SIGTERM');
  await Promise.all(started.splice(0).map(({ finished }) => finished));
  await published(root.path);
  root.remove();
});
after(() => assert.equal(started.length, 0));

const SLEEPER = ['python3', '-c', 'import os,time; print("pid=%d" % os.getpid(), flush=True); time.sleep(60)'];

async function startAgent(id: string, command: readonly string[] = SLEEPER) {
  const one = startCli(['run', '--log-dir', root.path, '--id', id, '--interval', '0.2', '--', ...command]);
  started.push(one);
  let stdout = '';
  one.child.stdout?.on('data', (text: string) => (stdout += text));
  const pid = Number(await until(`${id} to say its pid`, () => /pid=(\d+)\n/.exec(stdout)?.[1]));
  return { ...one, id, pid };
}

interface ListedIncident {
  readonly incident_id: string;
  readonly cause: string;
  readonly candidates: readonly { readonly name: string; readonly evidence: readonly { readonly kind: string }[] }[];
  readonly sessions: readonly { readonly dir_name: string; readonly cause: string; readonly ts: string }[];
}

async function listed(): Promise<readonly ListedIncident[]> {
  const { stdout, stderr, code } = await runCli(['incidents', '--log-dir', root.path, '--json']);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as ListedIncident[];
}

function incidentFiles(): string[] {
  const folder = join(root.path, 'incidents');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
}

describe('deaths of several sessions', () => {
  test('at once are one incident that names them all, in every session and in the log over all sessions', async () => {
    const agents = await Promise.all(['one', 'two', 'three'].map((id) => startAgent(id)));
    const bystander = await startAgent('bystander');
    spawnSync('kill', ['-KILL', ...agents.map(({ pid }) => String(pid))]);
    await Promise.all(agents.map(({ finished }) => finished));
    await published(root.path);
    const [incident, ...more] = await listed();
    assert.equal(more.length, 0);
    assert.ok(incident !== undefined);
    assert.deepEqual(incident.sessions.map(({ dir_name }) => dir_name).toSorted(), ['one', 'three', 'two']);
    for (const { id } of agents) {
      const shown = await showSession(root, id);
      const evidence = shown.verdict.evidence.find(({ kind }) => kind === 'simultaneous_deaths');
      assert.equal(evidence?.value, 3, id);
      const event = shown.lifecycle.find(({ event: name }) => name === 'simultaneous_deaths');
      assert.equal(event?.context?.['incident_id'], incident.incident_id);
    }
    const told = root.lines('session_lifecycle.log').filter(({ event }) => event === 'simultaneous_deaths');
    assert.deepEqual(
      told.map((line) => String(line['session_id'])).toSorted((a, b) => (a < b ? -1 : 1)),
      ['one', 'three', 'two'],
    );
    const text = await runCli(['show', 'one', '--log-dir', root.path]);
    assert.match(text.stdout, new RegExp(incident.incident_id));
    const page = await runCli(['incidents', incident.incident_id, '--log-dir', root.path]);
    assert.match(page.stdout, /3 sessions died/);
    bystander.child.kill('SIGTERM');
    await bystander.finished;
    await published(root.path);
    assert.equal((await listed())[0]?.sessions.length, 3, 'one that ended later is not of them');
  });

  test('at once are in one incident within two seconds of the last death', async () => {
    const agents = await Promise.all(['a', 'b'].map((id) => startAgent(id)));
    for (const { pid } of agents) process.kill(pid, 'SIGKILL');
    const [file = ''] = await until('the incident', () => incidentFiles().length > 0 && incidentFiles());
    const writtenMs = statSync(join(root.path, 'incidents', file)).mtimeMs;
    const tookMs = writtenMs - Date.parse(String(root.json('incidents', file)['last_ts']));
    assert.ok(tookMs < 2000, `${Math.round(tookMs)} ms`);
  });

  test('by one OOM in a shared memory group are one incident oom_kill', async (t) => {
    const group = makeMemoryGroup(96 << 20);
    if (group === undefined) {
      t.skip('memory groups are not writable here');
      return;
    }
    t.after(() => group.remove());
    // All three wait for the same line, and then fill the group together until none is left.
    const hog = `import os,sys,time\nprint("pid=%d" % os.getpid(), flush=True)\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)\n${MEMORY_HOG}`;
    const go = `${root.path}-go`; // the root is made by the first recorder, which may be later
    const command = ['sh', '-c', 'echo $$ > "$0"; exec python3 -c "$1" "$2"', group.procs, hog, go];
    const agents = await Promise.all(['x', 'y', 'z'].map((id) => startAgent(id, command)));
    spawnSync('touch', [go]);
    await Promise.all(agents.map(({ finished }) => finished));
    await published(root.path);
    const [incident, ...more] = await listed();
    assert.equal(more.length, 0);
    assert.equal(incident?.cause, 'oom_kill', JSON.stringify(incident));
    assert.equal(incident.candidates[0]?.name, 'kernel_oom');
    assert.deepEqual(incident.sessions.map(({ dir_name }) => dir_name).toSorted(), ['x', 'y', 'z']);
  });

  test('that took their recorders along are one incident when they are recovered', async () => {
    const agents = await Promise.all(['p', 'q'].map((id) => startAgent(id)));
    await until('a sample of each', () =>
      agents.every(({ id }) => root.lines('running', id, 'proc_trace.jsonl').length > 0),
    );
    for (const agent of agents) killAllOf(root, agent.id, agent);
    await Promise.all(agents.map(({ finished }) => finished));
    assert.equal((await runCli(['recover', '--log-dir', root.path])).code, 0);
    const [incident, ...more] = await listed();
    assert.equal(more.length, 0);
    assert.equal(incident?.cause, 'lost');
    for (const { id } of agents) {
      const { verdict } = await showSession(root, id);
      assert.equal(verdict.evidence.find(({ kind }) => kind === 'simultaneous_deaths')?.value, 2, id);
    }
  });

  test('that nobody saw, seconds apart by their last samples, are one incident only where the machine went down', async () => {
    const [here, before] = [readBootId(), '00000000-0000-4000-8000-000000000000'];
    leaveRunning('early', here, 0);
    leaveRunning('late', here, 4.7);
    leaveRunning('down-early', before, 100);
    leaveRunning('down-late', before, 104.7);
    const recovered = await runCli(['recover', '--log-dir', root.path]);
    assert.equal(recovered.code, 0, recovered.stdout + recovered.stderr);
    const [incident, ...more] = await listed();
    assert.equal(more.length, 0);
    assert.deepEqual(
      incident?.sessions.map(({ dir_name }) => dir_name),
      ['down-early', 'down-late'],
    );
    const shown = await showSession(root, 'early');
    assert.ok(!shown.verdict.evidence.some(({ kind }) => kind === 'simultaneous_deaths'));
  });

  test('that were wanted, or were the agents’ own doing, are no incident', async () => {
    const [stopped, interrupted] = await Promise.all(['stopped', 'interrupted'].map((id) => startAgent(id)));
    assert.ok(stopped !== undefined && interrupted !== undefined);
    const own = (id: string, command: string) =>
      runCli(['run', '--log-dir', root.path, '--id', id, '--', 'sh', '-c', command]);
    interrupted.child.kill('SIGINT');
    await Promise.all([
      runCli(['stop', 'stopped', '--log-dir', root.path]),
      own('succeeded', 'exit 0'),
      own('failed', 'exit 3'),
      own('failed-too', 'exit 4'),
      stopped.finished,
      interrupted.finished,
    ]);
    await published(root.path);
    assert.equal(root.sessionIds().length, 5);
    assert.deepEqual(incidentFiles(), []);
  });

  test('further apart than the window are none, and a session that died alone is not kept waiting for company', async () => {
    const first = await startAgent('first');
    process.kill(first.pid, 'SIGKILL');
    await first.finished;
    await published(root.path);
    const second = await startAgent('second');
    await until('the window to be over', () => Date.now() - endOf('first') > 2500);
    process.kill(second.pid, 'SIGKILL');
    await second.finished;
    await published(root.path);
    assert.deepEqual(incidentFiles(), []);
    assert.equal((await runCli(['incidents', '--log-dir', root.path])).stdout.trim().split('\n').length, 1);
  });
});

/** What a recorder leaves that died with its agent: some samples, 5 s apart, and nobody who owns them. */
function leaveRunning(id: string, bootId: string | undefined, lastSecond: number): void {
  const dir = join(root.path, 'running', id);
  for (const folder of [dir, join(root.path, 'sessions')]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const gone = { pid: 0x3fffff, starttime_ticks: 1 };
  const startMs = Date.now() - 600_000;
  const enrollment = {
    session_id: id,
    enrolled_at: isoFromMs(startMs),
    boot_id: bootId,
    recorder: gone,
    spawned: gone,
  };
  writeFileSync(join(dir, 'enrollment.json'), JSON.stringify({ ...enrollment, interval_seconds: 5 }));
  const lines = [0, 1, 2].map((seq) => {
    const ts = isoFromMs(startMs + (lastSecond + 5 * seq) * 1000);
    return `${JSON.stringify({ ts, captured_at: ts, seq, event: 'snapshot', pid: gone.pid, comm: 'node' })}\n`;
  });
  writeFileSync(join(dir, 'proc_trace.jsonl'), lines.join(''));
}

function endOf(id: string): number {
  return Date.parse(String(root.json('sessions', id, 'summary.json')['end_ts']));
}

test('incidents refuses what is no id, and says so of an id that is none of its own', async () => {
  const wrong = await runCli(['incidents', '../../etc', '--log-dir', root.path]);
  assert.equal(wrong.code, 2);
  const missing = await runCli(['incidents', 'incident-2026-01-01-00', '--log-dir', root.path]);
  assert.equal(missing.code, 1);
});
