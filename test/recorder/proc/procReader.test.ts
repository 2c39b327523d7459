import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFdSoftLimit, parseStat, parseStatus } from '../../../src/recorder/proc/procReader.ts';

const REST = 'S 1 4242 4000 0 -1 4194304 100 0 0 0 7 5 3 2 20 0 9 0 164832 3133440 407 18446744073709551615';

test('stat is read from its last parenthesis on, whatever the name', () => {
  for (const comm of ['node', 'a) b (c', ')', '(x', 'two\nlines', '']) {
    assert.deepEqual(parseStat(`4242 (${comm}) ${REST}`), {
      pid: 4242,
      comm,
      state: 'sleeping',
      ppid: 1,
      pgid: 4242,
      sid: 4000,
      cpuTicks: 12,
      childCpuTicks: 5,
      threads: 9,
      startTicks: 164832,
    });
  }
});

test('a torn or foreign stat is no process', () => {
  for (const text of ['', '4242', '4242 (node', '4242 (node) S 1 2', 'no such thing']) {
    assert.equal(parseStat(text), undefined, text);
  }
});

test('every state letter has its word, and an unknown one none', () => {
  const words = 'RSDTtZXxKWIP?'.split('').map((letter) => parseStat(`1 (x) ${letter}${REST.slice(1)}`)?.state);
  assert.deepEqual(words, [
    'running',
    'sleeping',
    'disk-sleep',
    'stopped',
    'tracing-stop',
    'zombie',
    'dead',
    'dead',
    'wake-kill',
    'waking',
    'idle',
    'parked',
    undefined,
  ]);
});

test('status without memory lines still gives its signals and switches', () => {
  const zombie =
    'Name:\tx\nState:\tZ (zombie)\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000200\nSigBlk:\t0000000000000001\n' +
    'SigIgn:\t0000000000000000\nSigCgt:\t0000000000000002\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t3\n';
  assert.deepEqual(parseStatus(zombie), {
    rssKb: undefined,
    sigPnd: '0000000000000000',
    shdPnd: '0000000000000200',
    sigBlk: '0000000000000001',
    sigCgt: '0000000000000002',
    voluntarySwitches: 12,
    involuntarySwitches: 3,
  });
  assert.equal(parseStatus('').voluntarySwitches, undefined);
});

test('the soft limit of descriptors may be a number, unlimited or unreadable', () => {
  const limits = (soft: string): string =>
    `Limit  Soft Limit\nMax open files            ${soft}       4096      files\n`;
  assert.equal(parseFdSoftLimit(limits('1024')), 1024);
  assert.equal(parseFdSoftLimit(limits('unlimited')), Number.POSITIVE_INFINITY);
  assert.equal(parseFdSoftLimit(undefined), undefined);
  assert.equal(parseFdSoftLimit('Max processes 5 5 processes\n'), undefined);
});
