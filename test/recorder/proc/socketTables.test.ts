import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countSockets } from '../../../src/recorder/proc/socketTables.ts';
import { randomFrom } from '../../core/randomFrom.ts';

const TCP_TITLES =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                     ';
const UNIX_TITLES = 'Num       RefCount Protocol Flags    Type St Inode Path';

/** A line as the kernel writes it, aligned and padded. */
function inetLine(slot: number, remote: string, state: string, inode: number): string {
  const line = `${String(slot).padStart(4)}: 0100007F:A613 ${remote} ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1 0000000000000000 20 4 30 10 -1`;
  return line.padEnd(149);
}

function tableOf(titles: string, lines: readonly string[]): string {
  return [titles, ...lines, ''].join('\n');
}

const NONE = {
  sockets_established_https: 0,
  sockets_established_http: 0,
  sockets_established_dns: 0,
  sockets_established_other: 0,
  sockets_connecting: 0,
  sockets_close_wait: 0,
  sockets_unix: 0,
};

const TCP = tableOf(TCP_TITLES, [
  inetLine(0, '00000000:0000', '0A', 1), // it listens
  inetLine(1, '0100007F:01BB', '01', 2),
  inetLine(2, '0100007F:0050', '01', 3),
  inetLine(3, '0100007F:1F90', '01', 4),
  inetLine(4, '0100007F:01BB', '02', 5),
  inetLine(5, '0100007F:01BB', '08', 6),
  inetLine(6, '0100007F:01BB', '05', 7), // half closed by itself
  inetLine(7, '0100007F:01BB', '06', 0), // TIME_WAIT belongs to nobody
]);
const TCP6 = tableOf(TCP_TITLES, [
  inetLine(0, '0000000000000000FFFF00000100007F:01BB', '01', 8),
  inetLine(1, '00000000000000000000000001000000:01BB', '08', 9),
]);
const UDP = tableOf(TCP_TITLES, [
  inetLine(1000, '0100007F:0035', '01', 10),
  inetLine(10001, '00000000:0000', '07', 11),
]);
const UNIX = tableOf(UNIX_TITLES, [
  '000000009d5f9021: 00000003 00000000 00000000 0001 03 12',
  '00000000da6e4184: 00000002 00000000 00010000 0001 01    13 /run/a socket.sock',
]);

function countOf(...inodes: readonly number[]): object {
  return countSockets(new Set(inodes.map(String)), { inet: [TCP6, UDP, TCP], unix: UNIX });
}

test('sockets are counted by their state and the kind of the other end’s port', () => {
  assert.deepEqual(countOf(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13), {
    sockets_established_https: 3,
    sockets_established_http: 1,
    sockets_established_dns: 1,
    sockets_established_other: 1,
    sockets_connecting: 1,
    sockets_close_wait: 2,
    sockets_unix: 2,
  });
});

test('a table holds the sockets of all processes: those of others count nothing', () => {
  assert.deepEqual(countOf(99), NONE);
  assert.deepEqual(countOf(3, 99), { ...NONE, sockets_established_http: 1 });
});

test('a socket that a changing table shows twice is one', () => {
  const twice = countSockets(new Set(['3']), { inet: [TCP, TCP], unix: '' });
  assert.deepEqual(twice, { ...NONE, sockets_established_http: 1 });
});

test('whatever the tables hold, nothing is thrown and no socket counts twice', () => {
  const random = randomFrom(7);
  const below = (limit: number): number => Math.floor(random() * limit);
  const broken = (text: string): string => {
    const bytes = Buffer.from(text, 'latin1');
    for (let changes = below(200); changes > 0; changes -= 1) bytes[below(bytes.length)] = below(256);
    return bytes.toString('latin1', below(40), bytes.length - below(40));
  };
  const noise = (): string => Buffer.from(Array.from({ length: below(400) }, () => below(256))).toString('latin1');
  const inodes = new Set(Array.from({ length: 13 }, (_, index) => `${index + 1}`));
  for (let run = 0; run < 2000; run += 1) {
    const [inet, unix] = [[broken(TCP6), noise(), broken(TCP)], random() < 0.5 ? broken(UNIX) : noise()];
    const counts: readonly unknown[] = Object.values(countSockets(inodes, { inet, unix }));
    assert.ok(counts.every((count) => Number.isSafeInteger(count) && Number(count) >= 0));
    assert.ok(counts.reduce<number>((sum, count) => sum + Number(count), 0) <= inodes.size);
  }
});
