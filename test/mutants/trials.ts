import type { Compiler } from './compiler.ts';
import { hasRun } from './coverage.ts';
import { EQUIVALENTS } from './equivalents.ts';
import type { Place } from './mutations.ts';
import { type Copy, type RunResult, type TestFile, runTests } from './testRuns.ts';
import type { Random } from '../core/randomFrom.ts';

export interface Trials {
  readonly copy: Copy;
  readonly compiler: Compiler;
  readonly tests: readonly TestFile[];
  readonly places: readonly Place[];
  readonly random: Random;
  readonly count: number;
  readonly goesOn: () => boolean;
  readonly tell: (line: string) => void;
}

export interface Tally {
  noticed: number;
  /** Of those that were noticed: no test failed, and they took too long. */
  endless: number;
  survived: number;
  equivalent: number;
}

/** Tries random places, one after the other, and tells of each that no test noticed. */
export async function tryMutants(trials: Trials): Promise<ReadonlyMap<string, Tally>> {
  const byRoom = new Map<string, Tally>();
  const all: Tally = { noticed: 0, endless: 0, survived: 0, equivalent: 0 };
  for (const place of shuffled(trials.places, trials.random)) {
    if (all.noticed + all.survived >= trials.count || !trials.goesOn()) break;
    const mutant = mutantOf(trials, place);
    if (mutant === undefined) continue;
    const room = place.file.slice(0, place.file.lastIndexOf('/'));
    const tally = byRoom.get(room) ?? { noticed: 0, endless: 0, survived: 0, equivalent: 0 };
    byRoom.set(room, tally);
    const fate = await fateOf(trials, mutant);
    for (const counts of [tally, all]) {
      counts[fate === 'endless' ? 'noticed' : fate] += 1;
      if (fate === 'endless') counts.endless += 1;
    }
    if (fate === 'survived')
      trials.tell(`survived ${place.kind} ${place.file}:${mutant.lineNumber}  ${mutant.change}\n    ${mutant.line}`);
  }
  return new Map([...[...byRoom].toSorted(([a], [b]) => a.localeCompare(b)), ['all', all]]);
}

interface Mutant {
  readonly place: Place;
  readonly text: string;
  readonly original: string;
  readonly lineNumber: number;
  readonly line: string;
  readonly change: string;
}

/** The first of the place's changes, in random order, that compiles. */
function mutantOf({ compiler, random }: Trials, place: Place): Mutant | undefined {
  const { file, start, end } = place;
  const { text: original } = compiler.sourceOf(file);
  for (const instead of shuffled(place.instead, random)) {
    const text = original.slice(0, start) + instead + original.slice(end);
    if (!compiler.compiles(file, text)) continue;
    const lineNumber = original.slice(0, start).split('\n').length;
    const line = original.split('\n')[lineNumber - 1]?.trim() ?? '';
    return { place, text, original, lineNumber, line, change: changeOf(original.slice(start, end), instead) };
  }
  return undefined;
}

function changeOf(before: string, after: string): string {
  const [from, to] = [before, after].map((text) => text.replace(/\s+/g, ' '));
  return after === '' || after === ';' ? `without ${from}` : `${from} -> ${to}`;
}

/** Test files in one process. */
const AT_ONCE = 8;

async function fateOf({ copy, tests }: Trials, mutant: Mutant): Promise<keyof Tally> {
  const { file, start } = mutant.place;
  const isEquivalent = EQUIVALENTS.some(
    (one) => one.file === file && one.line === mutant.line && one.change === mutant.change,
  );
  if (isEquivalent) return 'equivalent';
  const nearest = tests
    .filter(({ coverage }) => hasRun(coverage, file, start))
    .toSorted((a, b) => costOf(a, file) - costOf(b, file));
  copy.write(file, mutant.text);
  let result: RunResult = 'passed';
  for (let at = 0; at < nearest.length && result === 'passed'; at += AT_ONCE) {
    const some = nearest.slice(at, at + AT_ONCE);
    const usualMs = some.reduce((sum, { ms }) => sum + ms, 0);
    result = await runTests(
      copy,
      some.map((test) => test.file),
      15_000 + 3 * usualMs,
    );
  }
  copy.write(file, mutant.original);
  return result === 'passed' ? 'survived' : result === 'failed' ? 'noticed' : 'endless';
}

/** Near and quick ones first. */
function costOf({ imports, ms }: TestFile, file: string): number {
  return (imports.get(file) ?? 10) * 1000 + ms;
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
