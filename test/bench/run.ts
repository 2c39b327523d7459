import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs every `*Bench.ts` beside this file, one after the other, and prints each number next to its bar.
 * `npm run bench` runs all; `npm run bench -- sampling` those whose file name holds the word.
 */
export interface BenchRow {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** `undefined` for a number that is printed for information. */
  readonly bar?: string | undefined;
  readonly held?: boolean | undefined;
  readonly detail?: string | undefined;
}

interface BenchModule {
  readonly bench: () => Promise<readonly BenchRow[]>;
}

const wanted = process.argv.slice(2);
const files = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('Bench.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((word) => name.includes(word)))
  .sort();

let missed = 0;
for (const file of files) {
  console.log(`\n${file.replace('Bench.ts', '')}`);
  const module = (await import(join(import.meta.dirname, file))) as BenchModule; // every bench file exports this
  for (const row of await module.bench()) {
    const bar = row.bar === undefined ? '' : `  bar ${row.bar}  ${row.held === true ? 'held' : 'MISSED'}`;
    console.log(`  ${row.name.padEnd(58)} ${row.value.toPrecision(4).padStart(10)} ${row.unit}${bar}`);
    if (row.detail !== undefined) console.log(`      ${row.detail}`);
    if (row.bar !== undefined && row.held !== true) missed += 1;
  }
}
console.log(missed === 0 ? '\nEvery bar held.' : `\n${missed} bars missed.`);
process.exitCode = missed === 0 ? 0 : 1;
