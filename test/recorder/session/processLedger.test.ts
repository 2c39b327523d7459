import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordOf, type JsonRecord } from '../../../src/core/words/json.ts';
import type { TreeMember } from '../../../src/core/session/tree.ts';
import { ProcessLedger } from '../../../src/recorder/session/processLedger.ts';

const member = (
  pid: number,
  start_ticks: number,
  comm: string,
  state: TreeMember['state'] = 'sleeping',
): TreeMember => ({
  pid,
  start_ticks,
  comm,
  state,
  ppid: 1,
  pgid: undefined,
  sid: undefined,
  rss_kb: undefined,
  cpu_percent: undefined,
  threads: undefined,
  fd_count: undefined,
  oom_score: undefined,
  oom_score_adj: undefined,
  wchan: undefined,
});

/** What is written of these samples; `commands` by pid, as /proc has them at that moment. */
function ledgerOf(commands: Map<number, readonly string[]>): {
  readonly ledger: ProcessLedger;
  readonly written: JsonRecord[];
} {
  const written: JsonRecord[] = [];
  const ledger = new ProcessLedger({
    append: (record) => written.push(recordOf(JSON.parse(JSON.stringify(record))) ?? {}),
    argumentsOf: (pid) => commands.get(pid) ?? [],
  });
  return { ledger, written };
}

test('a process is told once, again when it has become another program, and once more when it is gone', () => {
  const commands = new Map([[7, ['sh', '-c', 'make test']]]);
  const { ledger, written } = ledgerOf(commands);
  ledger.note([member(7, 70, 'sh')], 't0');
  ledger.note([member(7, 70, 'sh')], 't1');
  commands.set(7, ['/usr/bin/make', 'test']);
  ledger.note([member(7, 70, 'make')], 't2');
  commands.set(7, ['sleep', '1']);
  ledger.note([member(7, 99, 'sleep')], 't3'); // the pid was given to another one
  ledger.note([member(7, 99, 'sleep', 'zombie')], 't4');
  assert.deepEqual(
    written.map(({ start_ticks, command, first_ts, last_ts }) => [start_ticks, command ?? 'gone', first_ts ?? last_ts]),
    [
      [70, "sh -c 'make test'", 't0'],
      [70, '/usr/bin/make test', 't2'],
      [70, 'gone', 't3'],
      [99, 'sleep 1', 't3'],
      [99, 'gone', 't4'],
    ],
  );
});

test('a child before its exec, and what is ending already, take no line', () => {
  const commands = new Map([
    [1, ['sh', '-c', 'long script']],
    [2, ['sh', '-c', 'long script']],
    [3, []],
  ]);
  const { ledger, written } = ledgerOf(commands);
  const child = { ...member(2, 20, 'sh'), ppid: 1 };
  ledger.note([member(1, 10, 'sh'), child, member(3, 30, 'true')], 't0');
  ledger.note([member(1, 10, 'sh')], 't1');
  assert.deepEqual(
    written.map(({ pid, command }) => [pid, command]),
    [[1, "sh -c 'long script'"]],
  );
  // A shell's own child that stays has that command line.
  ledger.note([member(1, 10, 'sh'), child], 't2');
  ledger.note([member(1, 10, 'sh'), child], 't3');
  assert.deepEqual(written.map(({ pid, first_ts }) => [pid, first_ts]).slice(1), [[2, 't3']]);
});

test('credentials never reach the file, not even half of one at the cut', () => {
  // Made at run time, as secrets are in every test.
  const secret = ['s3cr3t', 'Value', '0123456789abcdef'].join('-');
  const commands: readonly (readonly string[])[] = [
    ['curl', '-H', `Authorization: Bearer ${secret}`, 'https://x/'],
    ['deploy', `--api-key=${secret}`],
    ['mysql', `-p${secret}`, 'db'],
    ['run', 'x'.repeat(4070), `--token=${secret}`],
  ];
  const { ledger, written } = ledgerOf(new Map(commands.map((words, pid) => [pid, words])));
  ledger.note(
    commands.map((words, pid) => member(pid, pid, words[0] ?? '')),
    't0',
  );
  const text = JSON.stringify(written);
  assert.equal(written.length, commands.length);
  for (let from = 0; from + 8 <= secret.length; from += 1)
    assert.ok(!text.includes(secret.slice(from, from + 8)), text);
});

test('a command line of a megabyte, of escapes and of broken characters is cut at 4 KiB', () => {
  const hostile = ['\u001b[2J\u202e', '\ud83d\ude00'.repeat(300_000), '\ufffd'];
  const { ledger, written } = ledgerOf(new Map([[1, hostile]]));
  ledger.note([member(1, 1, 'x')], 't0');
  const command = written[0]?.['command'];
  assert.ok(typeof command === 'string' && command.length > 1000 && Buffer.byteLength(command) <= 4096);
});
