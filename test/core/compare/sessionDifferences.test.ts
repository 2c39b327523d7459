import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComparedSession } from '../../../src/core/compare/comparedSession.ts';
import { differenceSentence } from '../../../src/core/compare/differenceWords.ts';
import { partingPoint } from '../../../src/core/compare/partingPoint.ts';
import { sessionDifferences } from '../../../src/core/compare/sessionDifferences.ts';

const WELL: ComparedSession = {
  verdict: { outcome: 'succeeded', cause: 'completed', layer: 'none', confidence: 'certain', evidence: [] },
  exitCode: 0,
  signal: null,
  durationSeconds: 60,
  intervalSeconds: 1,
  agent: 'claude',
  command: 'claude -p x',
  folder: '/srv/app',
  environment: { kernel: '6.8.0' },
  limits: { open_files: 1024 },
  memoryLimitKb: null,
  ownLimits: null,
  timeoutSeconds: null,
  cores: 4,
  peaks: { rssKb: 1000, treeRssKb: 2000, fdRatio: 0.1, cpuPercent: 50, processes: 3 },
  samples: 60,
  failureCounts: {},
  failures: [],
  calls: [
    { at: 1, seconds: 1, kind: 'shell', status: 'ok', asked: 'npm ci', answer: 'added 12 packages' },
    { at: 5, seconds: 2, kind: 'shell', status: 'ok', asked: 'npm test', answer: 'ok' },
  ],
  processes: [],
  leftovers: [],
  memory: [],
};
const named = (a: ComparedSession, b: ComparedSession) => sessionDifferences(a, b).map(({ what }) => what);

test('what nobody looked at is no difference, and a limit that there was not is one', () => {
  assert.deepEqual(named(WELL, { ...WELL, limits: undefined, memoryLimitKb: undefined, environment: {} }), []);
  assert.deepEqual(named(WELL, { ...WELL, calls: [], peaks: { ...WELL.peaks, processes: 0 } }), []);
  assert.deepEqual(named(WELL, { ...WELL, limits: {} }), ['open_files']);
  assert.deepEqual(named(WELL, { ...WELL, memoryLimitKb: 400_000 }), ['memory_limit_kb']);
});

test('a reason stands before what it causes', () => {
  const bad: ComparedSession = {
    ...WELL,
    verdict: { ...WELL.verdict, outcome: 'died', cause: 'oom_kill' },
    memoryLimitKb: 400_000,
    durationSeconds: 10,
  };
  assert.deepEqual(named(WELL, bad), ['memory_limit_kb', 'outcome', 'cause', 'duration_seconds']);
});

test('random names, numbers and folders of their own are no difference between two runs', () => {
  const calls = (text: string) => WELL.calls.map((call) => ({ ...call, asked: text }));
  const one = { ...WELL, calls: calls('cat /tmp/a81f/out /srv/app/x 12345') };
  const other = { ...WELL, folder: '/srv/app', calls: calls('cat /tmp/77cc/out /srv/app/x 67890') };
  assert.deepEqual(sessionDifferences(one, other), []);
});

test('they part at the first call that went otherwise', () => {
  const [first, second] = WELL.calls;
  assert.ok(first !== undefined && second !== undefined);
  const bad: ComparedSession = { ...WELL, calls: [first, { ...second, at: 7, status: 'failed' }] };
  const point = partingPoint(WELL, bad);
  assert.deepEqual([point?.what, point?.a, point?.b], ['call_status', 5, 7]);
  const [difference] = sessionDifferences(WELL, bad);
  assert.equal(difference && differenceSentence(difference), 'Call: `npm test`: went well in A, failed in B.');
  assert.equal(partingPoint(WELL, WELL), undefined);
});
