import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { after, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { runCli, startCli, testRoot, until, type Started, type TestRoot } from '../builtCli.ts';
import { fakeAgents, WAYS, type Born, type End, type Way } from './fakeAgents.ts';

const soak = Number(process.env['SOAK'] ?? 0);
const AGENTS = soak > 0 ? 200 : 40;
const LONGEST_MS = soak > 0 ? 60_000 : 2500;
const ENDS: readonly End[] = [0, 0, 3, 42, 'KILL', 'SEGV'];
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const ways = WAYS.filter((way) => way !== 'tmux' || hasTmux);
const skip = process.platform === 'linux' ? false : 'agents are found through /proc';

const agents = fakeAgents();
after(() => agents.remove());

interface Watching extends Started {
  readonly name: string;
}

interface WatchingOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly name?: string;
  readonly flags?: readonly string[];
  readonly uid?: number;
}

let names = 0;

/** Beside whatever else runs on this machine, under a name of its own. */
async function watching(t: TestContext, root: TestRoot, options: WatchingOptions = {}): Promise<Watching> {
  const { env = {}, name = `test-${process.pid}-${(names += 1)}`, flags = [], uid } = options;
  const started = startCli(['watch', '--log-dir', root.path, '--interval', '1', '--json', ...flags], {
    ...(uid !== undefined && { uid }),
    env: { SESSION_DIAGNOSTICS_WATCH_NAME: name, ...env },
  });
  t.after(() => started.child.kill('SIGKILL'));
  await new Promise<void>((resolve) => {
    started.child.stdout?.once('data', () => resolve());
    started.child.once('exit', () => resolve());
  });
  assert.equal(started.child.exitCode, null, 'it watches');
  return { ...started, name };
}

async function ended({ child, finished }: Started, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  child.kill(signal);
  const { code, stderr } = await finished;
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
}

function commandsIn(root: TestRoot, folder: 'sessions' | 'running'): Map<string, string> {
  const ids = folder === 'sessions' ? root.sessionIds() : root.runningIds();
  const file = folder === 'sessions' ? 'summary.json' : 'enrollment.json';
  return new Map(
    ids.flatMap((id) => {
      try {
        return [[id, String(root.json(folder, id, file)['skill_command'])] as const];
      } catch {
        return []; // published meanwhile
      }
    }),
  );
}

/** Of ours: on this machine others test with agents too, and the same user's are recorded as well. */
function areOver(root: TestRoot, ...tags: readonly string[]): boolean {
  return ![...commandsIn(root, 'running').values()].some((command) =>
    command.split(' ').some((word) => tags.includes(word)),
  );
}

/** The sessions of an agent, by the word that only it has. */
function sessionsOf(root: TestRoot, tag: string): string[] {
  return ['sessions', 'running'].flatMap((folder) =>
    [...commandsIn(root, folder as 'sessions' | 'running')].flatMap(([id, command]) =>
      command.split(' ').includes(tag) ? [id] : [],
    ),
  );
}

function randomly<T>(list: readonly T[]): T {
  const one = list[Math.floor(Math.random() * list.length)];
  assert.ok(one !== undefined);
  return one;
}

/** From 30 ms on, short ones as often as long ones. */
function randomLifeMs(longestMs: number): number {
  return Math.round(30 * (longestMs / 30) ** Math.random());
}

function born(i: number, way: Way, lifeMs: number, end: End): Born {
  return { tag: `born-${i}-${Math.random().toString(36).slice(2, 8)}`, way, lifeMs, end };
}

interface Summary {
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly duration_seconds: number;
  readonly verdict: { readonly outcome: string; readonly cause: string; readonly confidence: string };
}

function summaryOf(root: TestRoot, id: string): Summary {
  return root.json('sessions', id, 'summary.json') as unknown as Summary; // our own file
}

const OUTCOMES: Record<string, string> = {
  '0': 'succeeded',
  '3': 'failed',
  '42': 'failed',
  KILL: 'died',
  SEGV: 'died',
};

test(`${AGENTS} agents born at random moments are recorded once each, with the end they had`, { skip }, async (t) => {
  const root = testRoot();
  t.after(() => root.remove());
  const watch = await watching(t, root);
  const status = JSON.parse(
    (await runCli(['watch', '--status', '--json'], { env: { SESSION_DIAGNOSTICS_WATCH_NAME: watch.name } })).stdout,
  ) as {
    running: { hears_births: boolean };
  };
  const all = Array.from({ length: AGENTS }, (_, i) =>
    born(i, ways[i % ways.length] ?? 'exec', i < 4 ? 1200 : randomLifeMs(LONGEST_MS), randomly(ENDS)),
  );
  const within = soak > 0 ? 60_000 : 3000;
  await Promise.all(
    all.map(async (agent) => {
      await delay(Math.random() * within);
      await agents.start(agent);
    }),
  );
  const tags = all.map(({ tag }) => tag);
  await until('the last of them', () => areOver(root, ...tags), LONGEST_MS + 30_000);
  await ended(watch);

  const missed = all.filter(({ tag }) => sessionsOf(root, tag).length === 0);
  assert.deepEqual(
    all.filter(({ tag }) => sessionsOf(root, tag).length > 1),
    [],
    'recorded twice',
  );
  const least = status.running.hears_births ? 1000 : 2000;
  assert.deepEqual(
    missed.filter(({ lifeMs }) => lifeMs >= least),
    [],
    'missed, and long enough',
  );
  const audible = all.filter(({ lifeMs }) => lifeMs >= 100);
  if (status.running.hears_births) {
    const heard = audible.filter(({ tag }) => sessionsOf(root, tag).length === 1).length;
    assert.ok(heard >= 0.95 * audible.length, `${heard} of ${audible.length} that lived 100 ms`);
  }
  for (const { tag, end, way, lifeMs } of all) {
    const [id] = sessionsOf(root, tag);
    if (id === undefined || lifeMs < 300) continue;
    const { exit_code: code, signal, verdict } = summaryOf(root, id);
    const what = `${way} ${end} ${lifeMs} ms: ${JSON.stringify(verdict)}`;
    // Where this kernel does not tell how it ended, nothing is claimed.
    if (code === null && !status.running.hears_births) continue;
    assert.ok(code !== null, what);
    assert.deepEqual(
      [code < 0 ? signal : code, verdict.outcome],
      [typeof end === 'number' ? end : `SIG${end}`, OUTCOMES[String(end)]],
      what,
    );
  }
});

test('killed and started again at random moments, it loses no session and doubles none', { skip }, async (t) => {
  const root = testRoot();
  t.after(() => root.remove());
  const rounds = soak > 0 ? 50 : 5;
  const all: Born[] = [];
  const over: Promise<void>[] = [];
  /** Those whose session there was when a recorder died. */
  const begun = new Set<string>();
  let watch = await watching(t, root);
  for (let round = 0; round < rounds; round += 1) {
    const two = (['exec', 'npx'] as const).map((way, i) =>
      born(2 * round + i, way, randomLifeMs(8000), randomly([0, 3])),
    );
    all.push(...two);
    over.push(...two.map((agent) => agents.start(agent)));
    await delay(Math.random() * 1000);
    for (const { tag } of all) if (sessionsOf(root, tag).length > 0) begun.add(tag);
    watch.child.kill('SIGKILL');
    await watch.finished;
    watch = await watching(t, root, { name: watch.name });
  }
  // One that lives now and then has to be found by the last of them, whoever was killed before it could begin.
  const last = born(2 * rounds, 'exec', 2000, 0);
  all.push(last);
  begun.add(last.tag);
  await Promise.all([...over, agents.start(last)]);
  await until('the last of them', () => areOver(root, ...all.map(({ tag }) => tag)), 60_000);
  await ended(watch);
  const counts = all.map(({ tag }) => sessionsOf(root, tag).length);
  assert.deepEqual(
    counts.filter((count) => count > 1),
    [],
    'doubled',
  );
  assert.deepEqual(
    all.filter(({ tag }, i) => begun.has(tag) && counts[i] !== 1),
    [],
    'lost',
  );
  assert.ok(begun.size > 1, `${begun.size} sessions were begun before a kill`);
});

test('a second watch of one user says so and ends; the first tells what it costs', { skip }, async (t) => {
  const root = testRoot();
  t.after(() => root.remove());
  const watch = await watching(t, root);
  const env = { SESSION_DIAGNOSTICS_WATCH_NAME: watch.name };
  const second = await runCli(['watch', '--log-dir', root.path], { env });
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`Another watch of this user runs already \\(pid ${watch.child.pid}`));
  const told = await runCli(['watch', '--status'], { env });
  const doctor = await runCli(['doctor', '--log-dir', root.path], { env });
  assert.match(
    doctor.stdout.replaceAll(/\s+/g, ' '),
    /every agent, without a wrapper: a watch runs \(pid \d+\) and records \d+ in/,
  );
  assert.match(
    told.stdout,
    /^A watch runs \(pid \d+\) and records \d+ sessions? in .*: [\d.]+% of a core, \d+ MB since /,
  );
  await ended(watch);
  const gone = await runCli(['watch', '--status'], { env });
  assert.deepEqual([gone.code, gone.stdout], [1, 'No watch runs.\n']);
});

test('agents go on when it ends: Ctrl-C ends their sessions, SIGTERM leaves them to the next', { skip }, async (t) => {
  const root = testRoot();
  t.after(() => root.remove());
  const first = await watching(t, root);
  const agent = born(0, 'exec', 6000, 3);
  const over = agents.start(agent);
  const [id = ''] = await until('its session', () =>
    sessionsOf(root, agent.tag).length > 0 ? sessionsOf(root, agent.tag) : undefined,
  );
  const { pid } = root.json('running', id, 'enrollment.json') as { readonly pid: number };
  // As an agent's own hook does, which may come second.
  const again = await runCli(['attach', '--unless-recorded', String(pid), '--log-dir', root.path]);
  assert.deepEqual([again.code, again.stdout], [0, '']);
  await ended(first, 'SIGTERM');
  assert.ok(root.runningIds().includes(id));
  const second = await watching(t, root, { name: first.name });
  await over;
  await until('its end', () => root.sessionIds().includes(id));
  await ended(second, 'SIGINT');
  assert.deepEqual([sessionsOf(root, agent.tag), summaryOf(root, id).exit_code], [[id], 3]);

  const third = await watching(t, root, { name: first.name });
  const left = born(1, 'exec', 4000, 0);
  const leftOver = agents.start(left);
  await until('its session', () => sessionsOf(root, left.tag).length > 0);
  await ended(third, 'SIGINT');
  assert.ok(areOver(root, left.tag));
  const [leftId = ''] = sessionsOf(root, left.tag);
  assert.equal(summaryOf(root, leftId).verdict.cause, 'stopped');
  await leftOver;
});

test(
  'what run records, a sub-agent, one that is excepted or switched off, and a question get no session of their own',
  { skip },
  async (t) => {
    const root = testRoot();
    t.after(() => root.remove());
    const watch = await watching(t, root, { flags: ['--except', 'gemini'] });
    const [outer, sub, excepted] = [born(0, 'exec', 2000, 0), born(1, 'exec', 500, 0), born(2, 'shebang', 1000, 0)];
    const switchedOff = join(agents.folder, 'off');
    mkdirSync(join(switchedOff, '.autoskillit'), { recursive: true });
    writeFileSync(join(switchedOff, '.autoskillit/config.yaml'), 'linux_tracing:\n  enabled: false\n');
    const claude = join(agents.folder, 'claude');
    // The outer agent is a script that starts a sub-agent and works on.
    const nested = join(agents.folder, 'codex');
    writeFileSync(nested, `#!/bin/sh\n${claude} ${sub.tag} 0.5 0\nsleep 1\n`, { mode: 0o755 });
    await Promise.all([
      runCli(['run', '--log-dir', root.path, '--id', 'by-run', '--', claude, 'by-run', '1', '0']),
      promisify(execFile)(nested, [outer.tag]),
      promisify(execFile)(claude, ['--version', '0.5', '0']),
      promisify(execFile)(claude, ['switched-off', '1', '0'], { cwd: switchedOff }),
      agents.start(excepted),
    ]);
    await until('the last of them', () => areOver(root, outer.tag, sub.tag, excepted.tag, 'by-run'));
    await ended(watch);
    const commands = [...commandsIn(root, 'sessions').values()].filter((command) => command.includes(agents.folder));
    assert.equal(commands.length, 2, commands.join('\n'));
    assert.equal(sessionsOf(root, outer.tag).length, 1);
    assert.deepEqual(sessionsOf(root, 'by-run'), ['by-run']);
  },
);

const NOBODY = 65_534;
const skipNobody = skip !== false ? skip : process.geteuid?.() === 0 ? false : 'only root can be another user';

test(
  'a user that is not root, whom the kernel tells nothing, has every agent of two seconds',
  { skip: skipNobody },
  async (t) => {
    const root = testRoot();
    t.after(() => root.remove());
    mkdirSync(root.path);
    for (const path of [dirname(root.path), root.path]) chownSync(path, NOBODY, NOBODY);
    const env = { SESSION_DIAGNOSTICS_NATIVE: 'off', HOME: root.path };
    const watch = await watching(t, root, { env, uid: NOBODY });
    const all = Array.from({ length: soak > 0 ? 40 : 8 }, (_, i) => ({
      ...born(
        i,
        randomly(['shell', 'exec', 'wrapped', 'setsid', 'npx', 'shebang'] as const),
        2000 + Math.random() * 1000,
        0,
      ),
      uid: NOBODY,
    }));
    await Promise.all(
      all.map(async (agent) => {
        await delay(Math.random() * 1500);
        await agents.start(agent);
      }),
    );
    await until('the last of them', () => areOver(root, ...all.map(({ tag }) => tag)));
    await ended(watch);
    assert.deepEqual(
      all.filter(({ tag }) => sessionsOf(root, tag).length !== 1),
      [],
    );
  },
);

test('a log root that cannot be written is told, and nobody waits for it', { skip }, async () => {
  const failed = await runCli(['watch', '--log-dir', '/proc/nowhere'], {
    env: { SESSION_DIAGNOSTICS_WATCH_NAME: `nowhere-${process.pid}` },
  });
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /\/proc/);
});
