import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Case, Observed } from './case.ts';
import type { Entry } from './entries.ts';

/** Debian's own interpreter: the same whatever version manager a machine has. */
const PYTHON = '/usr/bin/python3';

export interface Workshop {
  readonly folder: string;
  readonly probe: string;
  remove(): void;
}

/** A folder for all that the cases make, with the probe compiled into it. Open to all, for the cases of other users. */
export function workshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'differential-'));
  execFileSync('chmod', ['755', folder]);
  const probe = join(folder, 'probe');
  mkdirSync(join(folder, 'without-node'));
  writeFileSync(join(folder, 'without-node/node'), '#!/bin/sh\n', { mode: 0o755 });
  execFileSync('gcc', ['-O1', '-o', probe, join(import.meta.dirname, 'probe.c')]);
  return { folder, probe, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Pair {
  readonly one: Case;
  readonly bare: Observed;
  readonly through: Observed;
}

/** One process that runs cases, one after the other, each bare and through the entry. */
function worker(
  { folder, probe }: Workshop,
  entry: Entry,
  name: string,
): { run(one: Case, isRecorded: boolean): Promise<Pair>; end(): void } {
  const home = join(folder, name);
  mkdirSync(join(home, 'home'), { recursive: true });
  const child = spawn(PYTHON, [join(import.meta.dirname, 'driver.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let number = 0;
  return {
    run: async (one, isRecorded) => {
      number += 1;
      const logs = join(home, `logs${number}`);
      mkdirSync(logs, { mode: 0o777 });
      execFileSync('chmod', ['1777', logs]);
      // On a terminal a bad end is told in one line of ours, unless nobody wants it.
      const run = `${entry.command}${one.stdin === 'terminal' ? ' --quiet' : ''} --log-dir ${logs} --`;
      const job = {
        ...one,
        script: one.script.replaceAll('{probe}', probe),
        place: join(home, 'place'),
        env: {
          PATH: `${isRecorded ? dirname(process.execPath) : join(folder, 'without-node')}:/usr/local/bin:/usr/bin:/bin`,
          HOME: join(home, 'home'),
          LANG: 'C.UTF-8',
          TERM: 'xterm',
          ...entry.env,
        },
        variants: [
          { name: 'bare', run: '' },
          { name: entry.name, run },
        ],
      };
      child.stdin.write(`${JSON.stringify(job)}\n`);
      const { value, done } = await answers.next();
      if (done === true) throw new Error(`the driver ended during "${one.name}"`);
      const told = JSON.parse(Buffer.from(value, 'base64').toString()) as [Observed, Observed]; // our driver's answer
      rmSync(logs, { recursive: true, force: true });
      return { one, bare: withoutShellsOwn(told[0], ''), through: withoutShellsOwn(told[1], `${run} `) };
    },
    end: () => child.stdin.end(),
  };
}

/** A shell that tells of a death names the process and repeats the command as it was typed: both differ by nature. */
function withoutShellsOwn(observed: Observed, run: string): Observed {
  const plain = (text: string) =>
    (run.trim() === '' ? text : text.replaceAll(run, '')).replaceAll(/\bbash: line (\d+): +\d+ /g, 'bash: line $1: ');
  return { ...observed, stdout: plain(observed.stdout), stderr: plain(observed.stderr) };
}

export interface Manner {
  readonly atOnce: number;
  /** One of so many has a real recorder beside it; in the others a program called node ends at once instead. */
  readonly recorded: number;
}

/** All cases, a few at a time: each has folders and a log root of its own. */
export async function runCases(
  cases: readonly Case[],
  entry: Entry,
  at: Workshop,
  { atOnce, recorded }: Manner,
): Promise<Pair[]> {
  const queue = cases.map((one, index) => ({ one, isRecorded: index % recorded === 0 }));
  const pairs: Pair[] = [];
  await Promise.all(
    Array.from({ length: atOnce }, async (_unused, index) => {
      const by = worker(at, entry, `${entry.name}${index}`);
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        pairs.push(await by.run(next.one, next.isRecorded));
      }
      by.end();
    }),
  );
  return pairs;
}

/** Whoever reads our output waits for its end. On a busy machine a process needs its time; a recorder's work takes longer. */
const LATE_MS = 2000;

/** What differs, in words; empty where nothing does. */
export function differences({ bare, through }: Pair): readonly string[] {
  const found: string[] = [];
  const compare = (what: string, left: unknown, right: unknown) => {
    if (left !== right) found.push(`${what}: bare ${shown(left)}, through run ${shown(right)}`);
  };
  compare('exit code', bare.code, through.code);
  compare('signal', bare.signal, through.signal);
  compare('stdout', bare.stdout, through.stdout);
  compare('stderr', bare.stderr, through.stderr);
  compare('took too long', bare.timedOut, through.timedOut);
  compare('left processes', bare.leftProcesses, through.leftProcesses);
  compare('output ends late', false, through.eofDelayMs - bare.eofDelayMs > LATE_MS);
  for (const name of new Set([...Object.keys(bare.files), ...Object.keys(through.files)])) {
    compare(`file ${name}`, bare.files[name], through.files[name]);
  }
  return found;
}

const LONGEST_SHOWN = 300;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
