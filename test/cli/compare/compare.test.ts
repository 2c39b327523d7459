import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { limitPlaces } from '../../../src/recorder/run/limitGroups.ts';
import { CLI, published, runCli, testRoot } from '../builtCli.ts';
import { layOut, PAIRS, type Change, type Pair } from './comparedWork.ts';

/*
 * The same work done twice with one difference made on purpose, and with none. A few of them every day; all 30, and ten
 * equal pairs, in the soak.
 */
const isSoak = process.env['SOAK'] !== undefined;
const root = testRoot();
after(() => root.remove());
const where = ['--log-dir', root.path];
const folder = join(root.path, 'work');

async function work(id: string, change: Change): Promise<string> {
  const env = { ...process.env, ...layOut(folder, join(root.path, `bin-${id}`), change), ...change.env };
  const run = ['run', '--id', id, '--interval', '0.2', ...where, ...(change.flags ?? []), '--', 'claude', '-p', 'work'];
  const [program = '', ...args] = [...(change.before ?? []), process.execPath, CLI, ...run];
  // What goes nowhere is not kept, and its stream is the agent's only log.
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.resume();
  await once(child, 'exit');
  await published(root.path);
  return id;
}

interface Told {
  readonly first: string;
  readonly differences: readonly { readonly what: string; readonly sentence: string }[];
  readonly parting: { readonly sentence: string } | null;
}

async function compared(a: string, b: string): Promise<Told> {
  const { code, stdout, stderr } = await runCli(['compare', a, b, '--json', ...where]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Told;
}

const usual = await work('usual', {});
const wanted = PAIRS.filter((pair) => isSoak || pair.isDaily === true).filter(
  (pair) => pair.needs === undefined || limitPlaces() !== undefined,
);

test('what was changed on purpose is named first', async (t) => {
  const wrong: string[] = [];
  const judge = async ({ what, first, says, a, b }: Pair, index: number): Promise<void> => {
    const one = a === undefined ? usual : await work(`a-${index}`, a);
    const told = await compared(one, await work(`b-${index}`, b));
    const named = told.differences[0];
    const isRight = named !== undefined && first.test(named.what) && (says?.test(named.sentence) ?? true);
    if (!isRight) wrong.push(`${what}: ${named?.what ?? 'nothing'}, ${named?.sentence ?? told.first}`);
  };
  for (const [index, pair] of wanted.entries()) await judge(pair, index);
  t.diagnostic(`${wanted.length - wrong.length} of ${wanted.length}; not: ${wrong.join('; ') || 'none'}`);
  assert.ok(wrong.length <= (isSoak ? 3 : 0), `${wrong.length} of ${wanted.length}\n${wrong.join('\n')}`);
});

test('of the same work done again nothing that matters differs', async () => {
  for (let round = 0; round < (isSoak ? 10 : 1); round += 1) {
    const told = await compared(usual, await work(`again-${round}`, {}));
    assert.deepEqual([told.first, told.differences], ['Nothing that matters differs.', []]);
    assert.equal(told.parting, null);
  }
});
