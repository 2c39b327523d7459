import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAnomalies } from '../../../src/core/anomalies/findAnomalies.ts';
import { randomFrom } from '../randomFrom.ts';
import { momentsOf, type Machine } from './anomalySeries.ts';
import { HEALTHY } from './healthySessions.ts';

const MACHINES: readonly Machine[] = [0, 200, 300, 1000].flatMap((oomScoreAdj) => [
  { totalMb: 24_000, oomScoreAdj },
  { totalMb: 4000, oomScoreAdj },
]);
/** Six behaviours on eight machines, five times each: 240 sessions. */
const ROUNDS = 5;

for (const [name, behaviour] of Object.entries(HEALTHY)) {
  test(`healthy sessions raise no warning: ${name}`, () => {
    for (const [index, machine] of MACHINES.entries()) {
      for (let round = 0; round < ROUNDS; round++) {
        const series = behaviour(randomFrom(1000 * index + round), machine);
        const options = { pid: undefined, expectedComm: 'node', cores: 4, intervalSeconds: series.intervalSeconds };
        const anomalies = findAnomalies(momentsOf({ ...series, machine }), { mode: 'calibrated', ...options });
        const alarms = anomalies.filter(({ severity }) => severity !== 'info');
        assert.deepEqual(
          alarms.map(({ kind, seq, detail }) => ({ kind, seq, detail })),
          [],
          `${name} on ${machine.totalMb} MB with adj ${machine.oomScoreAdj}, round ${round}`,
        );
      }
    }
  });
}
