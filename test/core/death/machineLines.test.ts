import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COREDUMP_MESSAGE, journalRecord, KernelLines, loginRecords } from '../../../src/core/death/machineLines.ts';

const MS = Date.parse('2026-11-27T12:00:00Z');

/** What an entry of the journal becomes, without what it was told of its time. */
function fromJournal(...entries: readonly Readonly<Record<string, string>>[]): object[] {
  const kernel = new KernelLines();
  return entries.flatMap((entry) => {
    const record = journalRecord({ __REALTIME_TIMESTAMP: String(MS * 1000), ...entry }, kernel, true);
    if (record === undefined) return [];
    const { ms, source, ...rest } = record;
    assert.deepEqual([ms, source], [MS, 'journal']);
    return [rest];
  });
}

const kernel = (MESSAGE: string): Readonly<Record<string, string>> => ({ _TRANSPORT: 'kernel', MESSAGE });

test('a kill for memory has pid, name, user and group, which stand in two lines of the kernel', () => {
  assert.deepEqual(
    fromJournal(
      kernel(
        'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a/b.scope,task=node,pid=4711,uid=1000',
      ),
      {
        ...kernel(
          'Memory cgroup out of memory: Killed process 4711 (node) total-vm:1kB, anon-rss:1kB, UID:1000 pgtables:1kB',
        ),
        _BOOT_ID: '11111111222243338444555555555555',
      },
    ),
    [
      {
        kind: 'kernel_oom',
        pid: 4711,
        comm: 'node',
        uid: 1000,
        group: '/a/b.scope',
        bootId: '11111111-2222-4333-8444-555555555555',
      },
    ],
  );
});

const TOLD: Readonly<Record<string, readonly [Readonly<Record<string, string>>, object]>> = {
  'a segfault': [
    kernel('node[77]: segfault at 0 ip 00007fa087f85ad8 sp 00007ffe26a2d478 error 4 in libc.so.6[7f]'),
    { kind: 'crash', pid: 77, comm: 'node', signal: 'SIGSEGV' },
  ],
  'a task that hangs': [
    kernel('INFO: task claude:88 blocked for more than 120 seconds.'),
    { kind: 'hung_task', pid: 88, comm: 'claude' },
  ],
  'a disk that fails': [kernel('blk_update_request: I/O error, dev sda, sector 12 op 0x0'), { kind: 'disk_error' }],
  'a core dump': [
    {
      MESSAGE_ID: COREDUMP_MESSAGE,
      MESSAGE: 'Process 9 (node) of user 1000 dumped core.',
      _UID: '0',
      COREDUMP_PID: '9',
      COREDUMP_UID: '1000',
      COREDUMP_COMM: 'node',
      COREDUMP_SIGNAL: '11',
      COREDUMP_CMDLINE: 'node x.js',
      COREDUMP_CWD: '/srv',
    },
    { kind: 'core_dump', pid: 9, comm: 'node', uid: 1000, commandLine: 'node x.js', cwd: '/srv', signal: 'SIGSEGV' },
  ],
  'earlyoom at work': [
    {
      SYSLOG_IDENTIFIER: 'earlyoom',
      _COMM: 'earlyoom',
      _UID: '0',
      MESSAGE:
        'sending SIGTERM to process 4711 uid 1000 "node": oom_score 812, VmRSS 3000 MiB, cmdline "node /usr/bin/x -p"',
    },
    { kind: 'user_oom', pid: 4711, comm: 'node', signal: 'SIGTERM', uid: 1000, commandLine: 'node /usr/bin/x -p' },
  ],
  'systemd-oomd at work': [
    {
      _COMM: 'systemd-oomd',
      _UID: '0',
      MESSAGE:
        'Killed /user.slice/user-1000.slice/app.scope due to memory used (1) / total (2) and swap used being more than 90%',
    },
    { kind: 'user_oom', group: '/user.slice/user-1000.slice/app.scope' },
  ],
  "a unit of the user's own that lost a process": [
    {
      _COMM: 'systemd',
      _UID: '1000',
      USER_UNIT: 'tmux-1.scope',
      MESSAGE: "tmux-1.scope: Failed with result 'oom-kill'.",
    },
    { kind: 'unit_oom', group: 'tmux-1.scope' },
  ],
  "the end of a user's manager": [
    { _COMM: 'systemd', _UID: '0', MESSAGE: 'Stopped User Manager for UID 1000.' },
    { kind: 'logged_out', uid: 1000 },
  ],
  'a suspension': [
    { _COMM: 'systemd-logind', _UID: '0', MESSAGE: 'The system will suspend now!' },
    { kind: 'suspended' },
  ],
};
for (const [name, [entry, record]] of Object.entries(TOLD)) {
  test(`${name} is a record`, () => assert.deepEqual(fromJournal(entry), [record]));
}

const FORGED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "a kernel's line that a user wrote": {
    _TRANSPORT: 'syslog',
    SYSLOG_IDENTIFIER: 'kernel',
    _UID: '1000',
    MESSAGE: 'Out of memory: Killed process 4711 (node) total-vm:1kB, anon-rss:1kB',
  },
  "a guard's line that a user wrote": {
    SYSLOG_IDENTIFIER: 'earlyoom',
    _UID: '1000',
    MESSAGE: 'sending SIGTERM to process 4711 uid 1000 "node": oom_score 812, VmRSS 3000 MiB',
  },
  'a core dump that a user made up': { MESSAGE_ID: COREDUMP_MESSAGE, _UID: '1000', MESSAGE: 'x', COREDUMP_PID: '4711' },
};
for (const [name, entry] of Object.entries(FORGED)) {
  test(`${name} is none`, () => assert.deepEqual(fromJournal(entry), []));
}

test('where pids are counted otherwise, a line of the kernel names none', () => {
  const record = journalRecord(
    { __REALTIME_TIMESTAMP: '1', ...kernel('Out of memory: Killed process 4711 (node) total-vm:1kB, anon-rss:1kB') },
    new KernelLines(),
    false,
  );
  assert.equal(record?.pid, undefined);
});

test('login records tell a machine that was put down from one that lost its power', () => {
  const at = (minute: string): string => `2026-11-27T10:${minute}:00+00:00`;
  const lines = [
    `reboot   system boot  6.1.0-18-amd64   ${at('40')}   still running`,
    `ann      pts/0        :1               ${at('21')} - crash`,
    `reboot   system boot  6.1.0-18-amd64   ${at('20')} - ${at('40')}`,
    `shutdown system down  6.1.0-18-amd64   ${at('10')} - ${at('20')}`,
    `reboot   system boot  6.1.0-18-amd64   ${at('00')} - ${at('10')}`,
    '',
    'wtmp begins 2026-11-27T10:00:00+00:00',
  ];
  assert.deepEqual(
    loginRecords(lines).map(({ kind, ms }) => `${new Date(ms).getUTCMinutes()} ${kind}`),
    ['0 started_again', '10 shut_down', '20 started_again', '40 power_lost'],
  );
});
