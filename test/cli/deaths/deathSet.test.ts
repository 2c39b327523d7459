import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { verdictFrom } from '../../../src/core/session/verdict.ts';
import { CLI, published, startCli, testRoot, until, type TestRoot } from '../builtCli.ts';
import { judgeAll, KINDS, type Kind, type Told } from './deathKinds.ts';
import { makeMemoryGroup, MEMORY_HOG } from './memoryGroup.ts';

/*
 * Some 150 real deaths, each told beforehand: as another user, of processes that were attached to, behind wrappers and
 * pipelines, by others' hands, and with others dying beside them. Every tenth runs with all the other tests, and all of
 * them in the soak.
 */
const isWhole = process.env['SOAK'] !== undefined;
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;
const AS_NOBODY = ['setpriv', '--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups'];

const own = testRoot();
const nobodys = testRoot();
const folder = dirname(own.path);
if (isRoot) chownSync(dirname(nobodys.path), NOBODY, NOBODY);
chmodSync(folder, 0o755);
after(() => {
  own.remove();
  nobodys.remove();
});

const doctor = JSON.parse((await startCli(['doctor', '--json']).finished).stdout) as readonly Record<string, string>[];
const isEndTold = doctor.some(({ name, status }) => name === 'ends of processes that are not ours' && status === 'ok');

/** Says its pid in a file, waits until it is told to, and ends as its last argument says. */
const AGENT = join(folder, 'agent.py');
writeFileSync(
  AGENT,
  `import os, resource, signal, sys, time
where, end = sys.argv[1], sys.argv[2]
for number in (signal.SIGPIPE, signal.SIGXFSZ): signal.signal(number, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
with open(where + ".new", "w") as said: said.write("%d\\n" % os.getpid())
os.rename(where + ".new", where + ".pid")
until = time.time() + 120
while not os.path.exists(where + ".go") and time.time() < until: time.sleep(0.02)
kind, _, value = end.partition(":")
if kind == "exit": os._exit(int(value))
if kind == "signal": os.kill(os.getpid(), int(value))
time.sleep(60)
`,
);
chmodSync(AGENT, 0o755);
mkdirSync(join(folder, 'go'), { mode: 0o777 });
chmodSync(join(folder, 'go'), 0o777);

type Expected = Omit<Kind, 'what' | 'command'>;
const FROM_OUTSIDE = /from outside/;
const killedBy = (cause: string, more: Partial<Expected> = {}): Expected => ({
  cause,
  layer: 'lifecycle',
  never: FROM_OUTSIDE,
  ...more,
});

/** Ends of the agent's own making, by what `kill -l` calls them. */
const ENDS: readonly (readonly [string, Expected])[] = [
  ['exit:0', { cause: 'completed', layer: 'none' }],
  ['exit:5', { cause: 'exit_nonzero', layer: 'unknown', says: /code 5/ }],
  ['exit:137', { cause: 'killed', layer: 'lifecycle', says: /possible/, never: FROM_OUTSIDE }], // as shells say it
  ['exit:255', { cause: 'exit_nonzero', layer: 'unknown' }],
  ['signal:9', killedBy('killed')],
  ['signal:15', killedBy('terminated', { says: /SIGTERM/ })],
  ['signal:11', killedBy('crashed', { says: /SIGSEGV/ })],
  ['signal:6', killedBy('crashed', { says: /SIGABRT/ })],
  ['signal:7', killedBy('crashed', { says: /SIGBUS/ })],
  ['signal:1', killedBy('terminated', { says: /SIGHUP/ })],
  ['signal:2', { cause: 'interrupted', layer: 'user', never: FROM_OUTSIDE }],
  ['signal:10', killedBy('terminated', { says: /SIGUSR1/ })],
  ['signal:13', killedBy('terminated', { detail: 'pipe_closed' })],
  ['signal:14', killedBy('terminated', { detail: 'alarm' })],
  ['signal:40', killedBy('terminated', { says: /SIGRTMIN/ })],
];

/** AGENT stands for the agent with its arguments. */
const SHAPES: readonly (readonly [string, readonly string[]])[] = [
  ['a pipeline into tee', ['sh', '-c', 'AGENT | tee /dev/null']],
  ['a pipeline into cat', ['bash', '-c', 'AGENT 2>&1 | cat']],
  ['a pipeline that passes failures on', ['bash', '-c', 'set -o pipefail; AGENT | tee /dev/null']],
  ['a list', ['sh', '-c', 'AGENT; echo done']],
  ['a shell that forgives', ['sh', '-c', 'AGENT || true']],
  ['a shell in a shell', ['sh', '-c', 'sh -c "AGENT; echo inner"; echo outer']],
  ['timeout', ['timeout', '60', 'AGENT']],
  ['setsid', ['sh', '-c', 'setsid -w AGENT; true']],
  ['programs that become it', ['env', 'A=1', 'nice', 'AGENT']],
  ['a subshell', ['bash', '-c', '(AGENT); exit 0']],
];
const BEHIND = ['exit:5', 'signal:9', 'signal:11'];

/** What others send it. */
const SENT: readonly (readonly [string, Expected])[] = [
  ['KILL', { cause: 'killed', layer: 'lifecycle' }],
  ['TERM', { cause: 'terminated', layer: 'lifecycle', says: /SIGTERM/ }],
  ['HUP', { cause: 'terminated', layer: 'lifecycle', says: /SIGHUP/ }],
  ['INT', { cause: 'interrupted', layer: 'user' }],
  ['QUIT', { cause: 'interrupted', layer: 'user', says: /SIGQUIT/ }],
  ['USR2', { cause: 'terminated', layer: 'lifecycle' }],
  ['SEGV', { cause: 'crashed', layer: 'lifecycle' }],
  ['ABRT', { cause: 'crashed', layer: 'lifecycle' }],
  ['XCPU', { cause: 'terminated', layer: 'environment', detail: 'cpu_limit' }],
  ['VTALRM', { cause: 'terminated', layer: 'lifecycle' }],
];

interface Death {
  readonly what: string;
  readonly expected: Expected;
  readonly die: (id: string) => Promise<TestRoot>;
}

let count = 0;
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** A place for the files of one agent, and how it is started. */
function agentAt(end: string) {
  count += 1;
  const where = join(folder, 'go', String(count));
  const words = [PYTHON, AGENT, where, end];
  const pid = () =>
    until('the agent', () => existsSync(`${where}.pid`) && Number(readFileSync(`${where}.pid`, 'utf8')));
  return { words, pid, go: () => writeFileSync(`${where}.go`, '') };
}

const flagsOf = (root: TestRoot, id: string) => ['--log-dir', root.path, '--id', id, '--interval', '0.2'];

function start(root: TestRoot, args: readonly string[]): ChildProcess {
  const command = [process.execPath, CLI, ...args];
  const [program = '', ...rest] = root === nobodys ? [...AS_NOBODY, ...command] : command;
  const child = spawn(program, rest, {
    stdio: ['ignore', 'pipe', 'pipe'], // what goes nowhere is not kept
    cwd: tmpdir(),
    env: { ...process.env, HOME: folder },
  });
  child.stdout.resume();
  child.stderr.resume();
  return child;
}

async function run(root: TestRoot, id: string, command: readonly string[]): Promise<TestRoot> {
  await once(start(root, ['run', ...flagsOf(root, id), '--', ...command]), 'exit');
  return root;
}

/** Who waits for its end holds it. */
function isWatched(pid: number): boolean {
  const held = new RegExp(`^Pid:\\s*${pid}$`, 'm');
  return readdirSync('/proc').some((other) => {
    try {
      if (!readFileSync(`/proc/${other}/comm`, 'utf8').startsWith('session-diag')) return false;
      return readdirSync(`/proc/${other}/fdinfo`).some((fd) =>
        held.test(readFileSync(`/proc/${other}/fdinfo/${fd}`, 'utf8')),
      );
    } catch {
      return false; // no process, or one that has just ended
    }
  });
}

interface Enrolled {
  readonly pid: number | null;
  readonly mode: string;
  readonly spawned: { readonly pid: number } | null;
}

/** The recorder has found the agent, taken a sample of it, and has somebody wait for its end who is not its parent. */
async function isSeen(root: TestRoot, id: string, pid: number): Promise<void> {
  const file = join(root.path, 'running', id, 'enrollment.json');
  await until(
    `${id} to be seen`,
    () => {
      const enrolled = existsSync(file)
        ? (root.json('running', id, 'enrollment.json') as unknown as Enrolled)
        : undefined;
      if (enrolled?.pid !== pid) return false;
      if (!root.lines('running', id, 'proc_trace.jsonl').some((line) => line['pid'] === pid)) return false;
      const isChild = enrolled.mode === 'run' && (enrolled.spawned?.pid ?? pid) === pid;
      return isChild || !isEndTold || isWatched(pid);
    },
    60_000,
  );
}

async function attached(root: TestRoot, id: string, end: string): Promise<TestRoot> {
  const { words, pid, go } = agentAt(end);
  const [program = '', ...rest] = root === nobodys ? [...AS_NOBODY, ...words] : words;
  const agent = spawn(program, rest, { stdio: 'ignore' });
  const recorder = start(root, ['attach', String(await pid()), ...flagsOf(root, id)]);
  const finished = once(recorder, 'exit');
  await isSeen(root, id, agent.pid ?? 0);
  go();
  await finished;
  return root;
}

async function behind(root: TestRoot, id: string, shape: readonly string[], end: string): Promise<TestRoot> {
  const { words, pid, go } = agentAt(end);
  const command = shape.flatMap((word) => (word === 'AGENT' ? words : [word.replace('AGENT', words.join(' '))]));
  const finished = once(start(root, ['run', ...flagsOf(root, id), '--', ...command]), 'exit');
  await isSeen(root, id, await pid());
  go();
  await finished;
  return root;
}

async function sent(root: TestRoot, id: string, signal: string): Promise<TestRoot> {
  const { words, pid } = agentAt('wait');
  const finished = once(start(root, ['run', ...flagsOf(root, id), '--', ...words]), 'exit');
  const victim = await pid();
  await isSeen(root, id, victim);
  await once(spawn('kill', [`-${signal}`, String(victim)]), 'exit');
  await finished;
  return root;
}

/** Others on this machine: killed, crashed, out of memory, one after the other. */
function startOthers(): () => Promise<void> {
  const group = makeMemoryGroup(48 << 20);
  const hog = group === undefined ? ':' : `sh -c 'echo $$ > ${group.procs}; exec ${PYTHON} -c "${MEMORY_HOG}"'`;
  const script = `while :; do sleep 9 & kill -9 $!; sh -c 'kill -SEGV $$'; sh -c 'kill -ABRT $$'; ${hog}; sleep 0.4; done`;
  const others = spawn('bash', ['-c', `ulimit -c 0; ${script}`], { stdio: 'ignore', detached: true });
  return async () => {
    const gone = once(others, 'exit');
    process.kill(-(others.pid ?? 0), 'SIGKILL');
    await gone;
    await until('their group to be empty', () => {
      try {
        group?.remove();
        return true;
      } catch {
        return false; // one of them is still ending
      }
    });
  };
}

/** What needs another user's rights is not for nobody; a name in the log root's folder is. */
const AS_ANOTHER = KINDS.filter(({ what }) => what !== 'file size limit').slice(0, 30);
const BESIDE = KINDS.filter(({ what }) => !what.startsWith('timeout')).slice(0, 20);

const users: readonly (readonly [string, TestRoot])[] = isRoot
  ? [
      ['root', own],
      ['nobody', nobodys],
    ]
  : [['us', own]];
const DEATHS: readonly Death[] = [
  // By themselves they run with all the other tests, too.
  ...(isWhole ? KINDS : []).map((kind) => ({
    what: kind.what,
    expected: kind,
    die: (id: string) => run(own, id, kind.command),
  })),
  ...(isRoot ? AS_ANOTHER : []).map((kind) => ({
    what: `as nobody: ${kind.what}`,
    expected: kind,
    die: (id: string) => run(nobodys, id, kind.command),
  })),
  ...(isEndTold ? users : []).flatMap(([user, root]) =>
    ENDS.map(([end, expected]) => ({
      what: `attached by ${user}: ${end}`,
      expected,
      die: (id: string) => attached(root, id, end),
    })),
  ),
  ...(isEndTold ? SHAPES : []).flatMap(([name, shape]) =>
    BEHIND.map((end) => ({
      what: `behind ${name}: ${end}`,
      expected: ENDS.find(([one]) => one === end)?.[1] ?? assert.fail(end),
      die: (id: string) => behind(own, id, shape, end),
    })),
  ),
  ...SENT.map(([signal, expected]) => ({
    what: `sent ${signal}`,
    expected,
    die: (id: string) => sent(own, id, signal),
  })),
];
const DEATHS_BESIDE: readonly Death[] = BESIDE.map((kind) => ({
  what: `beside others' deaths: ${kind.what}`,
  expected: kind,
  die: (id: string) => run(own, id, kind.command),
}));

/** A few at a time; the machine is shared with what they are measured by. */
async function toldOf(deaths: readonly Death[], prefix: string): Promise<readonly Told[]> {
  const waiting = [...deaths.entries()];
  const roots = new Map<number, TestRoot>();
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, { die }] = next;
      roots.set(index, await die(`${prefix}-${index}`));
    }
  };
  await Promise.all(Array.from({ length: 3 }, work));
  await published(own.path);
  await published(nobodys.path);
  return deaths.map(({ what, expected }, index) => {
    const root = roots.get(index) ?? assert.fail(what);
    const verdict = verdictFrom(root.json('sessions', `${prefix}-${index}`, 'summary.json')['verdict']);
    assert.ok(verdict, what);
    return { kind: { ...expected, what, command: [] }, verdict };
  });
}

const everyTenth = (deaths: readonly Death[], from: number): readonly Death[] =>
  isWhole ? deaths : deaths.filter((_, index) => index % 10 === from);

test('deaths of all kinds are told right, and certain is never wrong', { timeout: 30 * 60_000 }, async (t) => {
  const alone = await toldOf(everyTenth(DEATHS, 4), 'alone');
  const stopOthers = startOthers();
  await delay(2000); // they have begun before
  t.after(stopOthers);
  const beside = await toldOf(everyTenth(DEATHS_BESIDE, 4), 'beside');
  t.diagnostic(`${alone.length + beside.length} deaths`);
  judgeAll([...alone, ...beside], (line) => t.diagnostic(line));
});
