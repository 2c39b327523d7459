import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { CLI, published, startCli, testRoot, until, type TestRoot } from '../builtCli.ts';

/*
 * Ends that no parent tells us: of processes that were attached to, and of agents behind a wrapper. Not on kernels
 * before 6.15, which do not tell them.
 */
const doctor = JSON.parse((await startCli(['doctor', '--json']).finished).stdout) as readonly Record<string, string>[];
const isTold = doctor.some(({ name, status }) => name === 'ends of processes that are not ours' && status === 'ok');
const skip = !isTold && 'this kernel does not tell how others end';
const NOT_TOLD = { SESSION_DIAGNOSTICS_EXIT_NOTICE: 'off' };

/** outcome, cause, confidence, exit_code, signal */
type Told = readonly [string, string, string, number | null, string | null];
const KILLED: Told = ['died', 'killed', 'certain', -9, 'SIGKILL'];
const CRASHED: Told = ['died', 'crashed', 'certain', -11, 'SIGSEGV'];
const REAL_TIME: Told = ['died', 'terminated', 'certain', -40, 'SIGRTMIN+6'];
const TERMINATED: Told = ['died', 'terminated', 'certain', -15, 'SIGTERM'];
const EXIT_0: Told = ['succeeded', 'completed', 'certain', 0, null];
const EXIT_5: Told = ['failed', 'exit_nonzero', 'certain', 5, null];

interface Summary {
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly verdict: {
    readonly outcome: string;
    readonly cause: string;
    readonly confidence: string;
    readonly evidence: readonly { readonly kind: string; readonly pid?: number }[];
  };
}

function summaryOf(root: TestRoot, id: string): Summary {
  return root.json('sessions', id, 'summary.json') as unknown as Summary;
}

function told({ verdict, exit_code: code, signal }: Summary): Told {
  return [verdict.outcome, verdict.cause, verdict.confidence, code, signal];
}

describe('the end of a process that was attached to', { skip, concurrency: 4 }, () => {
  const ends: readonly (readonly [string, string, Told])[] = [
    ['exit 0', 'exit 0', EXIT_0],
    ['exit 5', 'exit 5', EXIT_5],
    ['exit 255', 'exit 255', ['failed', 'exit_nonzero', 'certain', 255, null]],
    ['SIGKILL', 'kill -KILL $$', KILLED],
    ['SIGTERM', 'kill -TERM $$', TERMINATED],
    ['SIGSEGV', 'kill -SEGV $$', CRASHED],
    ['SIGABRT', 'kill -ABRT $$', ['died', 'crashed', 'certain', -6, 'SIGABRT']],
    ['SIGHUP', 'kill -HUP $$', ['died', 'terminated', 'certain', -1, 'SIGHUP']],
    ['SIGINT', 'kill -INT $$', ['stopped', 'interrupted', 'likely', -2, 'SIGINT']],
    ['a real-time signal', 'kill -40 $$', REAL_TIME],
  ];
  const nobody = process.getuid?.() === 0 ? 65534 : undefined;
  const users = [['its own user', undefined] as const, ...(nobody === undefined ? [] : [['nobody', nobody] as const])];
  for (const [user, uid] of users) {
    const root = testRoot();
    after(() => root.remove());
    if (uid !== undefined) chownSync(dirname(root.path), uid, uid);
    for (const [name, end, expected] of ends) {
      test(`by ${name} is told as under run, to ${user}`, async () => {
        const { summary, pid } = await attachedEnd(root, name.replaceAll(' ', '-'), end, uid);
        assert.deepEqual(told(summary), expected, JSON.stringify(summary.verdict));
        const notice = summary.verdict.evidence.find(({ kind }) => kind === 'exit_notice');
        assert.equal(notice?.pid, pid);
      });
    }
  }

  test('is told as vanished, as ever, where nobody tells it', async () => {
    const root = testRoot();
    after(() => root.remove());
    const { summary } = await attachedEnd(root, 'exit-0', 'exit 0', undefined, NOT_TOLD);
    assert.deepEqual(told(summary), ['lost', 'vanished', 'likely', null, null]);
  });
});

async function attachedEnd(root: TestRoot, id: string, end: string, uid?: number, env: NodeJS.ProcessEnv = {}) {
  const as = uid === undefined ? ['env'] : ['setpriv', '--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups'];
  const [program = 'env', ...before] = as;
  const script = `echo; read line; ${end}`;
  const victim = spawn(program, [...before, 'sh', '-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(victim.stdout, 'data');
  const attach = ['attach', `${victim.pid ?? 0}`, '--id', id, '--log-dir', root.path, '--interval', '0.2'];
  const recorder = spawn(program, [...before, process.execPath, CLI, ...attach], {
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  const finished = once(recorder, 'exit');
  await until('the first snapshot', () => existsSync(join(root.path, 'running', id, 'proc_trace.jsonl')));
  victim.stdin.end('\n');
  await finished;
  return { summary: summaryOf(root, id), pid: victim.pid };
}

describe('the end of an agent behind a wrapper', { skip, concurrency: 4 }, () => {
  const root = testRoot();
  const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-agents-'));
  after(() => {
    root.remove();
    rmSync(folder, { recursive: true });
  });
  const python = join(folder, 'agent.py');
  // It says its pid beside its output, which goes through pipelines.
  writeFileSync(
    python,
    `import os, signal, sys, time
signal.signal(signal.SIGUSR1, lambda *_: os._exit(0))
signal.signal(signal.SIGUSR2, lambda *_: os._exit(5))
open(sys.argv[1], "w").write("%d\\n" % os.getpid())
time.sleep(60)
`,
  );
  const launched = join(folder, 'relaunched.cjs');
  writeFileSync(
    launched,
    `if (process.argv[3] === '--again') { require('fs').writeFileSync(process.argv[2], process.pid + '\\n'); setInterval(() => {}, 1000); }
else require('child_process').spawn(process.execPath, [__filename, process.argv[2], '--again'], { stdio: 'inherit' }).on('exit', () => process.exit(0));
`,
  );

  /** AGENT stands for the agent and its argument. */
  const shapes: readonly (readonly [string, readonly string[], NodeJS.Signals | number, Told])[] = [
    ['a pipeline into tee', ['sh', '-c', 'AGENT | tee /dev/null'], 'SIGKILL', KILLED],
    ['a pipeline into cat', ['sh', '-c', 'AGENT | cat'], 'SIGUSR2', EXIT_5],
    ['a pipeline that passes failures on', ['bash', '-c', 'set -o pipefail; AGENT | tee /dev/null'], 'SIGUSR1', EXIT_0],
    ['a list', ['sh', '-c', 'AGENT; echo done'], 'SIGSEGV', CRASHED],
    ['a list that ends well', ['sh', '-c', 'AGENT; exit 0'], 40, REAL_TIME],
    ['a shell that forgives', ['sh', '-c', 'AGENT || true'], 'SIGUSR2', EXIT_5],
    ['a shell in a shell', ['sh', '-c', 'sh -c "AGENT; echo inner"; echo outer'], 'SIGTERM', TERMINATED],
    ['timeout', ['timeout', '60', 'AGENT'], 'SIGKILL', KILLED],
    ['setsid', ['sh', '-c', 'setsid -w AGENT; true'], 'SIGKILL', KILLED],
    ['programs that become it', ['env', 'A=1', 'nice', 'AGENT'], 'SIGUSR2', EXIT_5],
    ['a launcher of its own', ['RELAUNCHED'], 'SIGKILL', KILLED],
    // It went well, and what came after it did not: its wrapper's status, which is not certain for the agent.
    [
      'a list that fails after it',
      ['sh', '-c', 'AGENT; exit 3'],
      'SIGUSR1',
      ['failed', 'exit_nonzero', 'likely', 3, null],
    ],
  ];
  for (const [name, command, signal, expected] of shapes) {
    test(`by ${signal} behind ${name} is its own`, async () => {
      assert.deepEqual(...(await endBehind(name, command, signal, expected)));
    });
  }

  test('is told where the wrapper runs something else for a while after it', async () => {
    const list = ['sh', '-c', 'AGENT; sleep 0.5; echo done'];
    const [found, , verdict] = await endBehind('a while', list, 'SIGKILL', KILLED, {}, 12);
    // Which of the two was the agent need not be certain.
    assert.deepEqual([found[1], found[3]], ['killed', -9], verdict);
  });

  test("is only likely what its wrapper says, where the agent's own status is not told", async () => {
    const piped = ['sh', '-c', 'AGENT | tee /dev/null'];
    const expected: Told = ['succeeded', 'completed', 'likely', 0, null];
    assert.deepEqual(...(await endBehind('not told', piped, 'SIGKILL', expected, NOT_TOLD)));
  });

  async function endBehind(
    name: string,
    command: readonly string[],
    signal: NodeJS.Signals | number,
    expected: Told,
    env: NodeJS.ProcessEnv = {},
    afterSamples = 1,
  ): Promise<[Told, Told, string]> {
    const id = name.replaceAll(' ', '-');
    const pidFile = join(folder, `${id}.pid`);
    const agent = ['python3', python, pidFile];
    const words = command.flatMap((word) => {
      if (word === 'AGENT') return agent;
      if (word === 'RELAUNCHED') return [process.execPath, launched, pidFile];
      return [word.replace('AGENT', agent.join(' '))];
    });
    const run = ['run', '--log-dir', root.path, '--id', id, '--interval', '0.2', '--', ...words];
    const { finished } = startCli(run, { env });
    const pid = await until('the recorder to find the agent', () => {
      const enrolled = join(root.path, 'running', id, 'enrollment.json');
      const found = existsSync(enrolled) ? root.json('running', id, 'enrollment.json')['pid'] : undefined;
      return (
        typeof found === 'number' && existsSync(pidFile) && `${found}\n` === readFileSync(pidFile, 'utf8') && found
      );
    });
    await until('its samples', () => root.lines('running', id, 'proc_trace.jsonl').length >= afterSamples);
    process.kill(pid, signal);
    await finished;
    await published(root.path);
    const summary = summaryOf(root, id);
    return [told(summary), expected, JSON.stringify(summary.verdict)];
  }
});
