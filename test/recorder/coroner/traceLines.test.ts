import assert from 'node:assert/strict';
import { test } from 'node:test';
import { traceEvents } from '../../../src/recorder/coroner/traceLines.ts';

const SIGNAL = 'signal_generate: sig=9 errno=0 code=0 comm=sleep pid=15896 grp=1 res=0';

test('a signal is read with its sender, whatever the sender is called', () => {
  for (const comm of ['kill', 'a b', 'x-1 [000] d..1.', '-7', ' sig=15 pid=1 ', ')']) {
    const [event] = traceEvents(`${comm.padStart(16)}-15897   [001] d..1.  5399.915346: ${SIGNAL}`);
    assert.ok(event?.kind === 'signal', comm);
    assert.deepEqual(
      [event.by.pid, event.receiver, event.number, event.code, event.atSeconds, event.isDelivered],
      [15897, 15896, 9, 0, 5399.915346, true],
      comm,
    );
  }
});

test('what the kernel has forgotten, ignored or lost is no name, no death and no line', () => {
  const text = [
    '# tracer: nop',
    'CPU:1 [LOST 12 EVENTS]',
    `           <...>-7       [001] d..1.  5399.915346: ${SIGNAL}`,
    '            kill-8       [000] d..1.  5399.915347: signal_generate: sig=15 errno=0 code=0 comm=a pid=9 grp=1 res=1',
    '            kill-8       [000] d..1.  5399.9153',
  ].join('\n');
  const events = traceEvents(text).flatMap((event) => (event.kind === 'signal' ? [event] : []));
  assert.deepEqual(
    events.map(({ by, isDelivered }) => [by.comm, isDelivered]),
    [
      [undefined, true],
      ['kill', false],
    ],
  );
});

test('threads and processes are told apart, and a choice of the OOM killer is read in old and new forms', () => {
  const head = '            node-5       [000] .....  10.000001: ';
  const [thread, child, old, now] = traceEvents(
    [
      `${head}task_newtask: pid=6 comm=node clone_flags=3d0f00 oom_score_adj=0`,
      `${head}task_newtask: pid=7 comm=node clone_flags=1200000 oom_score_adj=-5`,
      `${head}mark_victim: pid=8`,
      `${head}mark_victim: pid=9 comm=a b total-vm=1kB anon-rss=1kB file-rss:0kB shmem-rss:0kB uid=0 pgtables=1kB oom_score_adj=0`,
    ].join('\n'),
  );
  assert.deepEqual(
    [thread, child].map((event) => event?.kind === 'fork' && [event.parent, event.child, event.isThread]),
    [
      [5, 6, true],
      [5, 7, false],
    ],
  );
  assert.deepEqual(
    [old, now].map((event) => event?.kind === 'victim' && [event.pid, event.comm]),
    [
      [8, ''],
      [9, 'a b'],
    ],
  );
});
