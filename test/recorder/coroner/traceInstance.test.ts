import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import {
  hasFirstPids,
  openPrivateTrace,
  openSharedTrace,
  traceSignals,
} from '../../../src/recorder/coroner/traceInstance.ts';
import { scratchFolder } from '../../logs/scratch.ts';

/* What is asked of the kernel's tracing, in a folder that looks like it. */

function instanceWith(...events: readonly string[]): string {
  const folder = scratchFolder();
  for (const event of events) mkdirSync(join(folder, 'events', event), { recursive: true });
  return folder;
}

const read = (...path: readonly string[]) => readFileSync(join(...path), 'latin1');

test('signals are traced by the clock of start times in a small buffer, and the OOM killer’s choice where that is told', async () => {
  const folder = instanceWith('signal/signal_generate', 'oom/mark_victim');
  await traceSignals(folder);
  assert.deepEqual([read(folder, 'buffer_size_kb'), read(folder, 'trace_clock')], ['64', 'boot']);
  assert.deepEqual([read(folder, 'events/signal/signal_generate/enable'), read(folder, 'events/oom/mark_victim/enable')], ['1', '1']);
  assert.deepEqual(readdirSync(join(folder, 'events/oom/mark_victim')), ['enable'], 'all of them');
  const old = instanceWith('signal/signal_generate');
  await traceSignals(old);
  assert.deepEqual(readdirSync(join(old, 'events')), ['signal']);
  await assert.rejects(traceSignals(instanceWith()));
}); // prettier-ignore

test('only signals that end a process are traced, and faults only where another process sent them or the kernel had to', async () => {
  const folder = instanceWith('signal/signal_generate');
  await traceSignals(folder);
  const filter = read(folder, 'events/signal/signal_generate/filter');
  const isTraced = (sig: number, code = 0) => Boolean(runInNewContext(filter, { sig, code }));
  const passedOver = Array.from({ length: 64 }, (_, i) => i + 1).filter((sig) => !isTraced(sig));
  // SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG; SIGPROF, SIGWINCH; two of the C library
  assert.deepEqual(passedOver, [17, 18, 19, 20, 21, 22, 23, 27, 28, 32, 33]);
  for (const [code, expected] of [[-6, true], [0, true], [1, false], [2, false], [127, false], [128, true], [129, false]] as const)
    assert.deepEqual([isTraced(11, code), isTraced(7, code), isTraced(6, code)], [expected, expected, true], String(code));
}); // prettier-ignore

test('what recorders left that were killed is swept away, and nothing else', { skip: !hasFirstPids() }, async () => {
  const tracefs = scratchFolder();
  const instances = join(tracefs, 'instances');
  assert.equal(await openPrivateTrace({ self: { pid: 9, starttime_ticks: 8 }, isAlive: () => true }, tracefs), undefined);
  const kept = ['foreign', 'session-diagnostics-5-6-1', 'session-diagnostics-5-1', 'session-diagnostics-x-6-1', 'my-session-diagnostics-7-6-1'];
  for (const name of [...kept, 'session-diagnostics-7-6-1', 'session-diagnostics-5-7-2']) mkdirSync(join(instances, name), { recursive: true });
  const isAlive = ({ pid, starttime_ticks }: { pid: number; starttime_ticks: number | null }) => pid === 5 && starttime_ticks === 6;
  assert.equal(await openPrivateTrace({ self: { pid: 9, starttime_ticks: 8 }, isAlive }, tracefs), undefined, 'no kernel made it');
  const own = readdirSync(instances).filter((name) => !kept.includes(name));
  assert.equal(own.length, 1);
  assert.match(own[0] ?? '', /^session-diagnostics-9-8-\d+$/);
  assert.equal(readdirSync(instances).length, kept.length + 1);
}); // prettier-ignore

test(
  'a shared buffer is read whole each time, and tells nothing once it is gone',
  { skip: !hasFirstPids() },
  async () => {
    const path = join(scratchFolder(), 'trace');
    assert.equal(openSharedTrace(path), undefined);
    const lines = 'a line that was traced\n'.repeat(10_000);
    writeFileSync(path, lines);
    const trace = openSharedTrace(path);
    assert.ok(trace?.read() === lines && trace.read() === lines);
    writeFileSync(path, '');
    assert.equal(trace.read(), '');
    await trace.close();
  },
);
