import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { randomFrom } from '../../core/randomFrom.ts';
import type { Case } from './case.ts';
import { ENTRIES, type Entry } from './entries.ts';
import { KNOWN, type Known } from './known.ts';
import { outputCases } from './outputCases.ts';
import { differences, runCases, workshop } from './runCase.ts';
import { signalCases } from './signalCases.ts';
import { statusCases } from './statusCases.ts';
import { streamCases } from './streamCases.ts';
import { terminalCases } from './terminalCases.ts';
import { worldCases } from './worldCases.ts';

/** `npm run test:soak` sets it: every code, every case through every entry, and this many cases through each. */
const soak = Number(process.env['SOAK'] ?? 0);
const isSoak = soak > 0;
const SOAK_CASES = 2000;
const STREAM_CASES = 90;
/** A seed of one's own repeats what a soak has printed. */
const seed = Number(process.env['SEED'] ?? (isSoak ? Math.floor(Math.random() * 1e9) : 7));
/** Most cases wait for something most of their time. */
const AT_ONCE = 6;
/** A start of Node costs more than all else in a case: outside the soak most cases do without a recorder. */
const RECORDED = isSoak ? 1 : 8;
/** The native entry runs all; for the others one of so many, and one for each known difference. */
const THINNED = 8;

const at = workshop();
after(() => at.remove());

function numberOf(cases: readonly Case[]): number {
  return cases.reduce((sum, { count = 1 }) => sum + count, 0);
}

function allCases(): readonly Case[] {
  const fixed = [...statusCases(isSoak), ...outputCases, ...worldCases, ...signalCases, ...terminalCases];
  const streams = isSoak ? Math.max(0, SOAK_CASES - numberOf(fixed)) : STREAM_CASES;
  const all = [...fixed, ...streamCases(streams, randomFrom(seed))];
  return all.filter(({ onlyAsRoot }) => onlyAsRoot !== true || process.getuid?.() === 0);
}

function knownOf(entry: Entry, { name }: Case): Known | undefined {
  return KNOWN[entry.name].find(({ cases }) => cases.test(name));
}

/** All for the entry that must be exact; for the others, what shows each known difference and a part of the rest. */
function casesFor(entry: Entry): readonly Case[] {
  const all = allCases();
  if (isSoak || entry.name === 'native') return all;
  const firsts = KNOWN[entry.name].map(({ cases }) => all.find(({ name }) => cases.test(name)));
  return all.filter(
    (one, index) => knownOf(entry, one)?.isSlow !== true && (index % THINNED === 0 || firsts.includes(one)),
  );
}

for (const entry of ENTRIES) {
  const known = KNOWN[entry.name].length;
  const title = `through ${entry.title} a command is what it is bare${known === 0 ? '' : ', but for what is listed'}`;
  test(title, { skip: !entry.isBuilt && 'the native program is not built here', timeout: 3_600_000 }, async (t) => {
    const cases = casesFor(entry);
    t.diagnostic(`${numberOf(cases)} cases, seed ${seed}`);
    const wrong: string[] = [];
    for (const pair of await runCases(cases, entry, at, { atOnce: AT_ONCE, recorded: RECORDED })) {
      const found = differences(pair);
      const expected = knownOf(entry, pair.one);
      if (pair.bare.timedOut) wrong.push(`${pair.one.name}: takes too long bare`);
      else if (found.length > 0 && expected === undefined) wrong.push(`${pair.one.name}:\n  ${found.join('\n  ')}`);
      else if (found.length === 0 && expected !== undefined && expected.onlySometimes !== true) {
        wrong.push(`${pair.one.name}: no longer differs, yet is listed (${expected.reason})`);
      }
    }
    assert.equal(wrong.length, 0, `${wrong.length} of ${cases.length}, seed ${seed}\n${wrong.join('\n')}`);
  });
}

test('the cases are as many as they shall be, each with a name of its own', () => {
  const all = allCases();
  assert.ok(numberOf(all) >= (isSoak ? SOAK_CASES : 300), `${numberOf(all)} cases`);
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
});
