import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { runCli, testRoot, until } from '../builtCli.ts';
import { ENTRIES } from '../differential/entries.ts';

/** `npm run test:soak` asks for 500. */
const ROUNDS = Number(process.env['SOAK'] ?? 50);
/** A few at a time: the hits shall land in every phase, and the machine's cores are few. */
const AT_ONCE = 4;
const LAST_SIGNAL = 64;
/** Node's kill knows no signal 32 and 33 by another name either: the C library keeps them for itself. */
const RESERVED = [32, 33];
/** The agent's life, and a bit of what comes after its end. */
const LONGEST_MS = 1000;

const root = testRoot();
after(() => root.remove());

interface Ending {
  readonly perl: string;
  /** As summary.json tells it: a death by signal n is -n. */
  readonly exitCode: number;
}

const ENDINGS: readonly Ending[] = [
  { perl: 'exit 0', exitCode: 0 },
  { perl: 'exit 3', exitCode: 3 },
  { perl: 'kill 9, $$', exitCode: -9 },
  { perl: 'kill 40, $$; sleep 1', exitCode: -40 },
];

/** Most hits are the one that nothing survives; then the debugger's, then every other. */
function signalOf(round: number): number {
  if (round % 2 === 0) return constants.signals.SIGKILL;
  if (round % 10 === 1) return constants.signals.SIGUSR1;
  const number = 1 + (((round * 7) >> 1) % LAST_SIGNAL);
  return RESERVED.includes(number) ? constants.signals.SIGUSR2 : number;
}

function agent({ perl }: Ending): readonly string[] {
  return [
    'perl',
    '-e',
    `$| = 1; for (1..25) { print "o$_\\n"; print STDERR "e$_\\n"; select undef, undef, undef, 0.02 } ${perl}`,
  ];
}

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
}

/** A shell in between, which knows real-time signals: Node calls a death by one of them a success. */
function shellRun(command: readonly string[]): Promise<Outcome> {
  const child = spawn('bash', ['-c', '"$@" 2>&3; echo "status $?"', 'bash', ...command], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
  const told = child.stdio[3];
  if (told !== undefined && told !== null && 'setEncoding' in told) {
    told.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
  }
  return new Promise((resolve) => child.once('close', () => resolve(texts)));
}

/** The Node beside the launcher of a session: the only process that names both our program and the session. */
function recorderOf(id: string): number | undefined {
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    let words: string[];
    try {
      words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
    } catch {
      continue; // gone
    }
    if (words.some((word) => word.endsWith('/cli.js')) && words.some((word) => word === id || word === `--id=${id}`)) {
      return Number(name);
    }
  }
  return undefined;
}

function hit(pid: number, number: number): void {
  try {
    process.kill(pid, number);
  } catch {
    return; // over already: that is a moment too
  }
}

interface Round {
  readonly id: string;
  readonly ending: Ending;
  readonly number: number;
  readonly atMs: number;
  /** There was a recorder at that moment. */
  readonly isHit: boolean;
  readonly outcome: Outcome;
}

async function hitRound(entry: string, index: number, ending: Ending): Promise<Round> {
  const id = `hit-${index}`;
  const number = signalOf(index);
  const command = [
    ...entry.split(' '),
    '--log-dir',
    root.path,
    '--id',
    id,
    '--interval',
    '0.1',
    '--',
    ...agent(ending),
  ];
  const running = shellRun(command);
  const atMs = Math.random() * LONGEST_MS;
  await delay(atMs); // the random moment that the test is about
  const recorder = recorderOf(id);
  if (recorder !== undefined) hit(recorder, number);
  const outcome = await running;
  // One that was stopped goes on now: the agent's life and output needed nothing of it.
  if (recorder !== undefined) hit(recorder, constants.signals.SIGCONT);
  return { id, ending, number, atMs, isHit: recorder !== undefined, outcome };
}

/** Whether there is a session; where there is one, it ends with the truth. */
function isKept({ id, ending, number, atMs }: Round): boolean {
  const where = `${id}, signal ${number} after ${Math.round(atMs)} ms`;
  if (!existsSync(join(root.path, 'sessions', id))) {
    // Hit before it had enrolled, it leaves nothing.
    return false;
  }
  const summary = root.json('sessions', id, 'summary.json');
  const { outcome } = summary['verdict'] as { readonly outcome: string }; // our own recorder's
  assert.notEqual(outcome, 'lost', where);
  assert.equal(summary['exit_code'], ending.exitCode, `${where}: ${outcome}`);
  return true;
}

const native = ENTRIES.find(({ name }) => name === 'native');

test(
  `a recorder hit by signals at ${ROUNDS} random moments changes nothing for the agent, and recover tells its true end`,
  { skip: native?.isBuilt !== true && 'the native program is not built here', timeout: 3_600_000 },
  async (t) => {
    assert.ok(native !== undefined);
    const bare = await Promise.all(ENDINGS.map((ending) => shellRun(agent(ending))));
    const rounds: Round[] = [];
    let next = 0;
    const one = async () => {
      for (let index = next++; index < ROUNDS; index = next++) {
        const kind = index % ENDINGS.length;
        const ending = ENDINGS[kind];
        assert.ok(ending !== undefined);
        const done = await hitRound(native.command, index, ending);
        assert.deepEqual(done.outcome, bare[kind], `${done.id}, signal ${done.number} after ${done.atMs} ms`);
        rounds.push(done);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    for (const { id } of rounds) await until(`the recorder of ${id} to end`, () => recorderOf(id) === undefined);
    const recovered = await runCli(['recover', '--log-dir', root.path]);
    assert.equal(recovered.code, 0, recovered.stderr);
    await until('every session to be finished', () => root.runningIds().length === 0);
    const kept = rounds.filter(isKept).length;
    const hits = rounds.filter(({ isHit }) => isHit);
    const killed = hits.filter(({ number }) => number === constants.signals.SIGKILL);
    t.diagnostic(`${hits.length} of ${ROUNDS} hit, ${killed.length} killed, ${kept} sessions kept`);
    assert.ok(killed.length > ROUNDS / 8, `only ${killed.length} of ${ROUNDS} recorders were killed`);
    assert.ok(kept > ROUNDS / 2, `only ${kept} of ${ROUNDS} sessions were kept: the hits come before there is one`);
  },
);
