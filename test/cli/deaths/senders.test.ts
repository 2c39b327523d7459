import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Evidence, Verdict } from '../../../src/core/session/verdict.ts';
import { startTicksOf } from '../../../src/recorder/proc/ownProcess.ts';
import { CLI, testRoot, until } from '../builtCli.ts';

/**
 * Real kills by all kinds of senders, recorded by a root whose kernel may be traced. Tracefs is mounted in a mount
 * namespace of the recorder's own, so that the machine stays as it was.
 */
const IN_OWN_MOUNTS = ['unshare', '-m', 'sh', '-c', 'mount -t tracefs tracefs /sys/kernel/tracing && exec "$@"', 'sh'];
const [UNSHARE = '', ...UNSHARED] = IN_OWN_MOUNTS;

const mayTrace =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync(UNSHARE, [...UNSHARED, 'test', '-d', '/sys/kernel/tracing/instances']).status === 0;
const skip = mayTrace ? false : 'the kernel may not be traced here';

const root = testRoot();
after(() => root.remove());
const folder = join(root.path, '..');

interface Victim {
  /** Of the tracked process. */
  readonly pid: number;
  readonly launcher: number;
  /** Unique in its command line, and the name of its program. */
  readonly mark: string;
  /** An agent that waits for it ends itself when it is there. */
  readonly go: string;
}

interface Kind {
  readonly what: string;
  readonly agent?: (victim: Pick<Victim, 'mark' | 'go'>) => readonly string[];
  readonly kill: (victim: Victim) => void;
  readonly name: RegExp | undefined;
  readonly relation: Evidence['relation'];
  readonly cause?: Verdict['cause'];
  readonly command?: RegExp;
  readonly isPossible?: () => boolean;
}

const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const running: ChildProcess[] = [];
after(() => running.forEach((child) => child.kill('SIGKILL')));

function start(program: string, ...args: readonly string[]): void {
  running.push(spawn(program, args, { stdio: 'ignore', cwd: folder }));
}

/** An agent that waits to be told, and then does what the Python text says. */
const told = (what: string) => (victim: Pick<Victim, 'mark' | 'go'>) => [
  python,
  '-c',
  `import os, signal, subprocess, time; me = os.getpid(); print(f"pid={me}", flush=True)
while not os.path.exists(${JSON.stringify(victim.go)}): time.sleep(0.02)
${what}
time.sleep(60)`,
];
const go = ({ go: file }: Victim): void => writeFileSync(file, '');
const shell = (script: string, program = 'sh') => start(program, '-c', `${script}; :`);
const AS_NOBODY = ['setpriv', '--reuid=65534', '--clear-groups'] as const;
/** A version 2 hierarchy, also beside version 1. */
const GROUPS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find((path) =>
  existsSync(join(path, 'cgroup.controllers')),
);

const KINDS: readonly Kind[] = [
  { what: 'kill -9', kill: ({ pid }) => start('/bin/kill', '-9', String(pid)), name: /^kill$/, relation: 'outside' },
  {
    what: 'kill, TERM',
    kill: ({ pid }) => start('/bin/kill', String(pid)),
    name: /^kill$/,
    relation: 'outside',
    cause: 'terminated',
  },
  { what: 'pkill -f', kill: ({ mark }) => start('pkill', '-9', '-x', mark), name: /^pkill$/, relation: 'outside' },
  { what: 'killall', kill: ({ mark }) => start('killall', '-9', mark), name: /^killall$/, relation: 'outside' },
  { what: "sh's builtin", kill: ({ pid }) => shell(`kill -9 ${pid}`), name: /^sh$/, relation: 'outside' },
  { what: "bash's builtin", kill: ({ pid }) => shell(`kill -9 ${pid}`, 'bash'), name: /^bash$/, relation: 'outside' },
  {
    what: 'python',
    kill: ({ pid }) => start(python, '-c', `import os; os.kill(${pid}, 9)`),
    name: /^python3/,
    relation: 'outside',
  },
  {
    what: 'python through a pidfd',
    kill: ({ pid }) => start(python, '-c', `import os, signal; signal.pidfd_send_signal(os.pidfd_open(${pid}), 15)`),
    name: /^python3/,
    relation: 'outside',
    cause: 'terminated',
  },
  {
    what: 'node',
    kill: ({ pid }) => start(process.execPath, '-e', `process.kill(${pid}, 'SIGKILL')`),
    name: /^node$/,
    relation: 'outside',
  },
  { what: 'perl', kill: ({ pid }) => start('perl', '-e', `kill 9, ${pid}`), name: /^perl$/, relation: 'outside' },
  {
    what: 'timeout(1)',
    agent: ({ mark }) => ['timeout', '-s', 'KILL', '3', join(folder, mark), '60'],
    kill: () => undefined,
    name: /^timeout$/,
    relation: 'ancestor',
    cause: 'timed_out',
  },
  {
    what: 'a child of its own',
    agent: told('subprocess.run(["/bin/kill", "-9", str(me)])'),
    kill: go,
    name: /^kill$/,
    relation: 'descendant',
  },
  { what: 'itself', agent: told('os.kill(me, 9)'), kill: go, name: /^python3/, relation: 'itself' },
  {
    what: 'a thread of its own',
    agent: told('import threading; threading.Thread(target=os.kill, args=(me, 9)).start()'),
    kill: go,
    name: /^python3/,
    relation: 'itself',
  },
  {
    what: "another user's kill",
    agent: ({ mark }) => [...AS_NOBODY, join(folder, mark), '60'],
    kill: ({ pid }) => start(...AS_NOBODY, '/bin/kill', '-9', String(pid)),
    name: /^kill$/,
    relation: 'outside',
  },
  {
    what: "a supervisor's script",
    kill: ({ pid, mark }) => {
      const script = join(folder, `supervise-${mark}.sh`);
      writeFileSync(script, `sleep 0.1\n/bin/kill -9 $(cat ${mark}.pid)\nsleep 5\n`);
      writeFileSync(join(folder, `${mark}.pid`), String(pid));
      start('bash', script);
    },
    name: /^kill$/,
    relation: 'outside',
    command: /started by bash .*supervise-/,
  },
  { what: 'xargs kill', kill: ({ pid }) => shell(`echo ${pid} | xargs kill -9`), name: /^kill$/, relation: 'outside' },
  {
    what: 'the death of its launcher',
    kill: ({ launcher }) => start('/bin/kill', '-9', String(launcher)),
    name: /^kill$/,
    relation: 'outside',
  },
  {
    what: 'TERM to its launcher',
    kill: ({ launcher }) => start('/bin/kill', String(launcher)),
    name: /^kill$/,
    relation: 'outside',
    cause: 'terminated',
  },
  {
    what: 'cgroup.kill',
    kill: ({ pid, mark }) => {
      const group = join(GROUPS ?? '', `session-diagnostics-${mark}`);
      mkdirSync(group);
      writeFileSync(join(group, 'cgroup.procs'), String(pid));
      shell(`echo 1 > ${group}/cgroup.kill`);
    },
    name: /^sh$/,
    relation: 'outside',
    isPossible: () => GROUPS !== undefined && mayKillGroups(GROUPS),
  },
  {
    what: 'tmux run-shell',
    kill: ({ pid, mark }) =>
      start(
        'tmux',
        '-L',
        mark,
        '-f',
        '/dev/null',
        'new-session',
        '-d',
        ';',
        'run-shell',
        `kill -9 ${pid}; tmux -L ${mark} kill-server`,
      ),
    name: /^(?:sh|bash|dash)$/,
    relation: 'outside',
  },
  {
    what: 'its limit of CPU time',
    agent: told('import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass'),
    kill: go,
    name: /^cpu_limit$/,
    relation: 'kernel',
  },
];

function mayKillGroups(groups: string): boolean {
  const group = join(groups, `session-diagnostics-try-${process.pid}`);
  try {
    mkdirSync(group);
    const hasKill = existsSync(join(group, 'cgroup.kill'));
    rmdirSync(group);
    return hasKill;
  } catch {
    return false; // not ours to make
  }
}

interface Told {
  readonly kind: Kind;
  readonly sender: Evidence | undefined;
  readonly verdict: Verdict;
}

async function killedBy(kind: Kind, number: number): Promise<Told> {
  const mark = `sd-v${process.pid}-${number}`;
  const id = `kill-${number}`;
  copyFileSync('/bin/sleep', join(folder, mark));
  const file = join(folder, `${mark}.go`);
  const agent = kind.agent?.({ mark, go: file }) ?? [join(folder, mark), '60'];
  const args = ['run', '--log-dir', root.path, '--id', id, '--interval', '0.2', '--', ...agent];
  const child = spawn(UNSHARE, [...UNSHARED, process.execPath, CLI, ...args], { stdio: 'ignore', cwd: folder });
  running.push(child);
  const enrolled = await until(
    'the recorder to track the agent itself',
    () => {
      if (!existsSync(join(root.path, 'running', id, 'proc_trace.jsonl'))) return undefined;
      const enrollment = root.json('running', id, 'enrollment.json');
      const isTracked = kind.agent !== undefined || enrollment['comm'] === null || enrollment['comm'] === mark;
      return isTracked && root.lines('running', id, 'proc_trace.jsonl').length > 1 ? enrollment : undefined;
    },
    60_000,
  );
  // `unshare` becomes the launcher, which becomes what ends as the agent did.
  kind.kill({ pid: Number(enrolled['pid']), launcher: child.pid ?? 0, mark, go: file });
  const summary = join(root.path, 'sessions', id, 'summary.json');
  await until(`the end of a session killed by ${kind.what}`, () => existsSync(summary), 60_000);
  const verdict = root.json('sessions', id, 'summary.json')['verdict'] as Verdict;
  return { kind, verdict, sender: verdict.evidence.find((item) => item.kind === 'signal_sender') };
}

/** Some at a time: two processors start no more recorders at once. */
async function killAll(kinds: readonly Kind[], atOnce: number): Promise<readonly Told[]> {
  const results: Told[] = [];
  const queue = kinds.map((kind, number) => ({ kind, number }));
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results.push(await killedBy(next.kind, next.number));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

function isRight({ kind, sender, verdict }: Told): boolean {
  return (
    sender !== undefined &&
    sender.relation === kind.relation &&
    (kind.name?.test(sender.name ?? '') ?? true) &&
    (kind.command?.test(sender.command ?? '') ?? true) &&
    verdict.cause === (kind.cause ?? 'killed') &&
    verdict.confidence === 'certain'
  );
}

const WITNESS_PLACE = '/run/session-diagnostics-witness';
const UNIT = 'session-diagnostics-witness.service';
/** What it writes outside of the kernel goes no further than this test. */
const OWN_PLACES =
  'mount -t tmpfs tmpfs /run; test ! -d /etc/systemd/system || mount -t tmpfs tmpfs /etc/systemd/system; echo ready; exec sleep 300';

describe('who sent the signal', { skip }, () => {
  const rounds = process.env['SOAK'] === undefined ? 1 : 3;
  test(`is named for ${20 * rounds} kills by some 20 kinds of sender, and never wrongly`, async (t) => {
    const possible = KINDS.filter(({ isPossible }) => isPossible?.() ?? true);
    const all = await killAll(Array.from({ length: rounds }, () => possible).flat(), 4);
    const wrong = all.filter((one) => !isRight(one));
    for (const { kind, sender, verdict } of wrong) {
      t.diagnostic(`${kind.what}: ${verdict.cause} ${verdict.confidence} ${JSON.stringify(sender)}`);
    }
    t.diagnostic(`${all.length - wrong.length} of ${all.length} senders named`);
    const named = wrong.filter(({ sender }) => sender !== undefined);
    assert.deepEqual(
      named.map(({ kind, sender }) => [kind.what, sender?.name, sender?.relation]),
      [],
    );
    assert.ok(wrong.length <= all.length / 60, `${wrong.length} of ${all.length} not named`);
  });

  test('is named for an attached process, too', async () => {
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
    running.push(parent);
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = said.toString().trim();
    const args = ['attach', pid, '--log-dir', root.path, '--id', 'attached', '--interval', '0.2'];
    running.push(spawn(UNSHARE, [...UNSHARED, process.execPath, CLI, ...args], { stdio: 'ignore' }));
    const samples = () => root.lines('running', 'attached', 'proc_trace.jsonl').length;
    await until('the second sample', () => samples() > 1, 60_000);
    start('/bin/kill', '-9', pid);
    const summary = join(root.path, 'sessions', 'attached', 'summary.json');
    await until('its end', () => existsSync(summary), 60_000);
    const verdict = root.json('sessions', 'attached', 'summary.json')['verdict'] as Verdict;
    const sender = verdict.evidence.find(({ kind }) => kind === 'signal_sender');
    assert.deepEqual([verdict.cause, sender?.name, sender?.relation], ['killed', 'kill', 'outside']);
  });

  test('is not asked of a trace whose pids are those of a host', async () => {
    const inContainer = ['-m', '-p', '-f', '--mount-proc', ...UNSHARED.slice(1), process.execPath, CLI];
    const agent = [python, '-c', 'import os, time; time.sleep(1); os.kill(os.getpid(), 9)'];
    const args = ['run', '--log-dir', root.path, '--id', 'contained', '--interval', '0.2', '--', ...agent];
    running.push(spawn('unshare', [...inContainer, ...args], { stdio: 'ignore', cwd: folder }));
    const summary = join(root.path, 'sessions', 'contained', 'summary.json');
    await until('its end', () => existsSync(summary), 60_000);
    const { cause, evidence } = root.json('sessions', 'contained', 'summary.json')['verdict'] as Verdict;
    assert.equal(cause, 'killed');
    assert.ok(!evidence.some(({ kind }) => kind === 'signal_sender'), JSON.stringify(evidence));
  });

  test('what a dead recorder left is removed by the next one, and what belongs to a live one is not', async () => {
    const dead = spawnSync('true').pid;
    const ticks = startTicksOf(process.pid) ?? 0;
    const [left, kept] = [`${dead}-1-1`, `${process.pid}-${ticks}-1`].map(
      (name) => `/sys/kernel/tracing/instances/session-diagnostics-${name}`,
    );
    const inTrace = (...command: readonly string[]) =>
      spawnSync(UNSHARE, [...UNSHARED, ...command], { encoding: 'utf8' });
    assert.equal(inTrace('mkdir', left ?? '', kept ?? '').status, 0);
    try {
      const file = join(folder, 'swept.go');
      const agent = told('os._exit(0)')({ mark: '', go: file });
      const args = ['run', '--log-dir', root.path, '--id', 'sweeper', '--interval', '0.2', '--', ...agent];
      running.push(spawn(UNSHARE, [...UNSHARED, process.execPath, CLI, ...args], { stdio: 'ignore' }));
      await until('the old one to be gone', () => inTrace('test', '-d', left ?? '').status === 1, 60_000);
      writeFileSync(file, '');
      assert.equal(inTrace('test', '-d', kept ?? '').status, 0);
    } finally {
      inTrace('rmdir', left ?? '', kept ?? '');
    }
  });

  test('no trace buffer is left behind by any of them', () => {
    const left = spawnSync(UNSHARE, [...UNSHARED, 'ls', '/sys/kernel/tracing/instances'], { encoding: 'utf8' });
    const owners = left.stdout.split('\n').flatMap((name) => /^session-diagnostics-(\d+)-/.exec(name)?.[1] ?? []);
    const pids = new Set(readdirSync('/proc'));
    assert.deepEqual(
      owners.filter((pid) => !pids.has(pid)),
      [],
    );
  });

  test('costs less than 1 µs a signal, and nothing that can be measured a start', (t) => {
    const program = join(import.meta.dirname, 'witnessCost.ts');
    // A machine that is busy with something else measures that: of up to three tries the best of each counts.
    const best = { kill: { off: Infinity, on: Infinity }, spawn: { off: Infinity, on: Infinity } };
    const isLow = Array.from({ length: 3 }).some(() => {
      const measured = spawnSync(UNSHARE, [...UNSHARED, process.execPath, program], { encoding: 'utf8' });
      assert.equal(measured.status, 0, measured.stderr);
      const now = JSON.parse(measured.stdout) as typeof best;
      for (const what of ['kill', 'spawn'] as const) {
        best[what].off = Math.min(best[what].off, now[what].off);
        best[what].on = Math.min(best[what].on, now[what].on);
      }
      return best.kill.on - best.kill.off < 1 && best.spawn.on < 1.1 * best.spawn.off;
    });
    t.diagnostic(`a signal: ${best.kill.off.toFixed(2)} µs without, ${best.kill.on.toFixed(2)} with`);
    t.diagnostic(`a start and end: ${best.spawn.off.toFixed(0)} µs without, ${best.spawn.on.toFixed(0)} with`);
    assert.ok(isLow);
  });
});

describe('a witness that root has set up for a group', { skip }, () => {
  const isSetUp = mayTrace && existsSync(WITNESS_PLACE);
  const isReachable = mayTrace && spawnSync('setpriv', [...AS_NOBODY.slice(1), 'test', '-r', CLI]).status === 0;
  const whyNot = isSetUp
    ? 'this machine has one that must stay'
    : isReachable
      ? false
      : 'nobody may not read the build';

  test('lets nobody name a sender, and goes when it is removed', { skip: whyNot }, async () => {
    const place = join(folder, 'nobody');
    mkdirSync(place);
    chownSync(place, 65534, 65534);
    chmodSync(folder, 0o755);
    const holder = spawn('unshare', ['-m', 'sh', '-c', OWN_PLACES], { stdio: ['ignore', 'pipe', 'ignore'] });
    running.push(holder);
    await once(holder.stdout, 'data');
    const within = ['-t', String(holder.pid), '-m'];
    const cli = (...args: readonly string[]) =>
      spawnSync('nsenter', [...within, process.execPath, CLI, ...args], { encoding: 'utf8' });
    try {
      const setUp = cli('doctor', '--setup-witness', '--group', '65534', '--at-boot');
      assert.equal(setUp.status, 0, setUp.stderr);
      if (existsSync('/etc/systemd/system')) {
        const unit = spawnSync('nsenter', [...within, 'cat', `/etc/systemd/system/${UNIT}`], { encoding: 'utf8' });
        assert.match(
          unit.stdout,
          /Type=oneshot\nExecStart=".*" ".*cli.js" "doctor" "--setup-witness" "--group" "65534"\n/,
        );
      }
      const logs = join(place, 'logs');
      const as = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
      const agent = ['run', '--log-dir', logs, '--id', 'seen', '--interval', '0.2', '--', 'sleep', '60'];
      const child = spawn('nsenter', [...within, ...as, process.execPath, CLI, ...agent], {
        stdio: 'ignore',
        cwd: place,
      });
      running.push(child);
      const trace = join(logs, 'running', 'seen', 'proc_trace.jsonl');
      await until('the first sample', () => existsSync(trace), 60_000);
      const enrolled = JSON.parse(readFileSync(join(logs, 'running/seen/enrollment.json'), 'utf8')) as { pid: number };
      start('/bin/kill', '-9', String(enrolled.pid));
      const summary = join(logs, 'sessions', 'seen', 'summary.json');
      await until('its end', () => existsSync(summary), 60_000);
      const { verdict } = JSON.parse(readFileSync(summary, 'utf8')) as { verdict: Verdict };
      const sender = verdict.evidence.find((item) => item.kind === 'signal_sender');
      assert.deepEqual([sender?.name, sender?.relation], ['kill', 'outside'], JSON.stringify(verdict));
    } finally {
      const removed = cli('doctor', '--remove-witness');
      assert.equal(removed.status, 0, removed.stderr);
    }
    const left = spawnSync(UNSHARE, [...UNSHARED, 'ls', '/sys/kernel/tracing/instances'], { encoding: 'utf8' });
    assert.ok(!left.stdout.includes('session-diagnostics-witness'), left.stdout);
    const places = spawnSync('nsenter', [...within, 'ls', WITNESS_PLACE, '/sys/kernel/tracing/instances']);
    assert.notEqual(places.status, 0);
  });
});

test("a command of the agent's own that ended it is told from its transcript, with or without a trace", async () => {
  const call = { type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'pkill -9 -f sd-own-agent' } };
  const lines = [
    { type: 'system', subtype: 'init', session_id: 'a', cwd: folder, tools: ['Bash'] },
    { type: 'assistant', message: { role: 'assistant', content: [call] }, session_id: 'a' },
  ].map((line) => JSON.stringify(line));
  const script = `import os, sys\nprint(sys.argv[1], flush=True)\nprint(sys.argv[2], flush=True)\nos.kill(os.getpid(), 9)`;
  const args = ['run', '--log-dir', root.path, '--id', 'own', '--', python, '-c', script, ...lines, 'sd-own-agent'];
  running.push(spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'ignore'], cwd: folder }));
  const summary = join(root.path, 'sessions', 'own', 'summary.json');
  await until('its end', () => existsSync(summary), 60_000);
  const { evidence } = root.json('sessions', 'own', 'summary.json')['verdict'] as Verdict;
  const own = evidence.find(({ kind }) => kind === 'own_command');
  assert.deepEqual([own?.name, own?.relation], ['pkill', 'itself'], JSON.stringify(evidence));
});
