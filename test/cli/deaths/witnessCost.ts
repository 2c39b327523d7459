import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openPrivateTrace } from '../../../src/recorder/coroner/traceInstance.ts';

/**
 * What the kernel's trace costs everybody else: signals and starts timed in turns with it and without it, so that what
 * else the machine does hits both. The best of many batches counts, each shorter than what a processor is lent for. Prints microseconds as JSON.
 */
const KILLS = 300;
const BATCHES = 40;
const TURNS = 4;

const receiver = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 9; done'], {
  stdio: ['ignore', 'pipe', 'ignore'],
});
await once(receiver.stdout, 'data');
const pid = receiver.pid ?? 0;

const best = { kill: { off: Infinity, on: Infinity }, spawn: { off: Infinity, on: Infinity } };
for (let turn = 0; turn < TURNS; turn += 1) {
  for (const state of ['off', 'on'] as const) {
    const isAlive = () => true; // nothing is swept
    const trace =
      state === 'on' ? await openPrivateTrace({ self: { pid: process.pid, starttime_ticks: 1 }, isAlive }) : undefined;
    if (state === 'on' && trace === undefined) throw new Error('no trace buffer could be made');
    for (let batch = 0; batch < BATCHES; batch += 1) {
      best.kill[state] = Math.min(
        best.kill[state],
        timed(KILLS, () => process.kill(pid, 'SIGTERM')),
      );
      best.spawn[state] = Math.min(
        best.spawn[state],
        timed(1, () => spawnSync('/bin/true')),
      );
    }
    await trace?.close();
  }
}
receiver.kill('SIGKILL');
console.log(JSON.stringify(best));

function timed(count: number, act: () => unknown): number {
  const start = process.hrtime.bigint();
  for (let i = 0; i < count; i += 1) act();
  return Number(process.hrtime.bigint() - start) / 1000 / count;
}
