import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stallSentence } from '../../../src/core/anomalies/stallSentence.ts';

const STALL = { quiet_seconds: 600, waiting_pid: 4301, waiting_comm: 'node', waiting_state: 'sleeping' };
const OPENING = 'No output and no CPU time for 10 min 0 s. node (pid 4301, sleeping)';

test('the connections of the waiting process are told in words, whatever there are', () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ sockets_established_https: 1, sockets_unix: 0 }, '1 open HTTPS connection'],
    [
      { sockets_established_https: 2, sockets_established_http: 1, sockets_established_dns: 1, sockets_unix: 0 },
      '2 open HTTPS connections, 1 open HTTP connection and 1 open connection to a name server',
    ],
    [{ sockets_established_other: 3, sockets_unix: 1 }, '3 open connections and 1 local socket'],
    [
      { sockets_established_https: 1, sockets_established_other: 1, sockets_unix: 0 },
      '1 open HTTPS connection and 1 other open connection',
    ],
    [{ sockets_connecting: 2, sockets_unix: 0 }, '2 connection attempts without an answer'],
    [{ sockets_close_wait: 4, sockets_unix: 0 }, '4 connections that the other end has closed'],
    [{ sockets_unix: 3 }, 'no network connection, but 3 local sockets'],
    [{ sockets_unix: 0 }, 'no network connection'],
  ];
  for (const [sockets, words] of cases) {
    const detail = { ...STALL, waiting_wchan: 'ep_poll', ...sockets };
    const idle = `${OPENING}: idle: it waits for network or other events (ep_poll).`;
    assert.equal(stallSentence(detail), `${idle} It has ${words}.`);
  }
});

test('sockets are told where the kernel function is not known, and an open call after them', () => {
  assert.equal(
    stallSentence({ ...STALL, sockets_unix: 0, open_call: 'shell', open_call_seconds: 30 }),
    `${OPENING}: the kernel does not tell what it waits in. It has no network connection. Shell call open for 30 s.`,
  );
});

test('waiting for an answer is told as such, and the connection it is to come over', () => {
  assert.equal(
    stallSentence({ ...STALL, waiting_wchan: 'wait_woken', sockets_established_https: 1, sockets_unix: 0 }),
    `${OPENING}: it waits for the other end of a socket, or for input from a terminal (wait_woken). It has 1 open HTTPS connection.`,
  );
});

test('nothing is said of sockets that were not counted, or of numbers that are none', () => {
  for (const sockets of [{}, { sockets_established_https: 1 }, { sockets_unix: 'many' }, { sockets_unix: 1.5 }]) {
    assert.equal(stallSentence({ ...STALL, waiting_wchan: 'x', ...sockets }), `${OPENING} waits in x.`);
  }
});
