// npm run mutants [-- ROOM... ] [-- --count N --seed S --kind K,... --at FILE:LINE --minutes M --uncovered]
// Makes small changes in a copy of the sources and tells which of them no quick test notices.
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { randomFrom } from '../core/randomFrom.ts';
import { branchesOf } from './coverage.ts';
import { startCompiler } from './compiler.ts';
import { placesOf } from './mutations.ts';
import { tryMutants } from './trials.ts';
import { type TestFile, copyTree, measureTests } from './testRuns.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ROOMS = [
  'core/death',
  'core/failures',
  'core/anomalies',
  'core/privacy',
  'core/report',
  'sessions',
  'agents',
  'logs',
  'recorder/coroner',
];

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string' },
    at: { type: 'string' },
    minutes: { type: 'string', default: '30' },
    uncovered: { type: 'boolean', default: false },
  },
});

function sourcesIn(rooms: readonly string[]): readonly string[] {
  const all = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name.replaceAll(sep, '/')}`);
  return all.filter((file) => rooms.some((room) => file.includes(`/${room}/`) || file.endsWith(`/${room}`))).toSorted();
}

/** Branch coverage by folder; with `--uncovered` each file and line where a branch begins that no test takes. */
function printBranches(sources: readonly string[], tests: readonly TestFile[], lineOf: LineOf): void {
  const coverages = tests.map(({ coverage }) => coverage);
  for (const room of new Set(sources.map(folderOf))) {
    const files = sources.filter((file) => folderOf(file) === room);
    const branches = files.map((file) => ({ file, branches: [...branchesOf(file, coverages)] }));
    const all = branches.flatMap((one) => one.branches);
    const taken = all.filter(([, isTaken]) => isTaken).length;
    const unseen = branches.filter((one) => one.branches.length === 0).map(({ file }) => file);
    console.log(`branches ${percent(taken, all.length)} (${taken} of ${all.length}) ${room}`);
    if (!flags.uncovered) continue;
    for (const file of unseen) console.log(`  ${file}: nothing of it runs, or it only holds types`);
    for (const { file, branches: own } of branches)
      for (const [start, isTaken] of own) if (!isTaken) console.log(`  ${file}:${lineOf(file, start)}`);
  }
}

const folderOf = (file: string) => file.slice(0, file.lastIndexOf('/'));
type LineOf = (file: string, offset: number) => number;

function percent(part: number, all: number): string {
  return all === 0 ? '-' : `${((100 * part) / all).toFixed(1)}%`;
}

async function main(): Promise<void> {
  const sources = sourcesIn(positionals.length > 0 ? positionals : ROOMS);
  if (sources.length === 0)
    throw new Error(`No source lies in ${positionals.join(', ')}; a room is core/death, or death.`);
  setPriority(19);
  const copy = copyTree(ROOT);
  const compiler = startCompiler(copy.path);
  process.on('exit', copy.remove);
  const giveUp = () => process.exit(1);
  let stop: () => void = giveUp;
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, giveUp);
  process.on('SIGINT', () => stop());
  const tests = await measureTests(copy, new Set(sources), console.log);
  const lineOf: LineOf = (file, offset) => compiler.sourceOf(file).getLineAndCharacterOfPosition(offset).line + 1;
  const kinds = flags.kind?.split(',');
  const places = sources
    .flatMap((file) => placesOf(file, compiler.sourceOf(file)))
    .filter(({ kind }) => kinds?.includes(kind) ?? true)
    .filter(({ file, start }) => flags.at === undefined || `${file}:${lineOf(file, start)}`.endsWith(flags.at));
  const seed = Number(flags.seed);
  console.log(`${places.length} places in ${sources.length} files, ${tests.length} test files, seed ${seed}`);
  printBranches(sources, tests, lineOf);
  const untilMs = performance.now() + Number(flags.minutes) * 60_000;
  let isStopped = false;
  stop = () => {
    isStopped = true; // tells first what it has found
    stop = giveUp;
  };
  const tally = await tryMutants({
    copy,
    compiler,
    tests,
    places,
    random: randomFrom(seed),
    count: Number(flags.count),
    goesOn: () => !isStopped && performance.now() < untilMs,
    tell: console.log,
  });
  compiler.close();
  for (const [room, { noticed, endless, survived, equivalent }] of tally)
    console.log(
      `noticed ${percent(noticed, noticed + survived)} (${noticed} of ${noticed + survived}, ${endless} by taking too long; ${equivalent} equivalent) ${room}`,
    );
}

await main();
