import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { KNOWN_SYSTEMS } from '../src/cli/ci/ciSystem.ts';

/**
 * `npm run test:all`: every test, two files at a time, those first that take longest, so that no core waits at the end.
 * What failed is run once more, alone: on a machine that does something else as well a wait may run out. Both runs are
 * printed, and a file that fails twice, or more of them than chance lets fail, fails the whole.
 */
const ROOT = resolve(import.meta.dirname, '..');
const LONGEST_FIRST = ['test/host/', 'test/acceptance', 'test/cli/', 'test/webview/', 'test/rig/'];
const MOST_BY_CHANCE = 4;
const TIMEOUT_MS = 300_000;

function place(file: string): number {
  const at = LONGEST_FIRST.findIndex((start) => file.startsWith(start));
  return at < 0 ? LONGEST_FIRST.length : at;
}

/** The files in which a test failed, or that ended before they could say so. */
async function failedOf(files: readonly string[], concurrency: number): Promise<readonly string[]> {
  const passed = new Set<string>();
  const paths = files.map((file) => resolve(ROOT, file));
  const events = run({ files: paths, concurrency, timeout: TIMEOUT_MS, cwd: ROOT });
  events.on('test:summary', ({ file, success }) => success && file !== undefined && passed.add(file));
  const printed = events.compose(spec);
  printed.pipe(process.stdout, { end: false });
  await new Promise((done) => printed.once('end', done));
  return files.filter((_, at) => !passed.has(paths[at] ?? ''));
}

// These tests are no job of the system that runs them: `run` would tell it of every agent that they let die.
for (const [, variable] of KNOWN_SYSTEMS) Reflect.deleteProperty(process.env, variable);

const all = globSync('test/**/*.test.ts', { cwd: ROOT }).toSorted((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
const failed = await failedOf(all, 2);
if (failed.length > MOST_BY_CHANCE) process.exit(1);
if (failed.length > 0) {
  console.log(`\n${failed.length} of ${all.length} files failed. Once more, alone:\n${failed.join('\n')}\n`);
  process.exitCode = (await failedOf(failed, 1)).length > 0 ? 1 : 0;
} else process.exitCode = 0;
