import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KnownProcess, MachineRecord, UnrecordedSession } from '../../../src/core/death/machineRecord.ts';
import { relatedFindings } from '../../../src/core/death/relateRecords.ts';

const LAST = Date.parse('2026-11-27T12:00:00Z');
const BOOT = '11111111-2222-4333-8444-555555555555';
const ID = '6f0d3f0e-0c34-4a7e-9d53-5a8f5f6a7b10';
const PROCESS: KnownProcess = {
  pid: 4711,
  comm: 'claude',
  bootId: BOOT,
  startMs: LAST - 600_000,
  seenMs: LAST - 20_000,
  group: '/user.slice/user-1000.slice/tmux-spawn-1.scope',
};
const SESSION: UnrecordedSession = {
  lastMs: LAST,
  sessionId: ID,
  cwd: '/srv/app',
  programs: ['claude'],
  uid: 1000,
  processes: [PROCESS],
  openCommand: 'python3 train.py --epochs 9',
  isPadded: false,
  isCut: false,
};
const UNSEEN: UnrecordedSession = { ...SESSION, processes: [] };

type Part = Partial<MachineRecord> & Pick<MachineRecord, 'kind'>;
const record = ({ bootId = BOOT, ...part }: Part): MachineRecord => ({
  source: 'journal',
  ms: LAST + 2000,
  ...(bootId !== '' && { bootId }),
  ...part,
});
const told = (session: UnrecordedSession, ...parts: Part[]): string[] =>
  relatedFindings(session, parts.map(record)).map(({ record: { kind }, rule, grade }) => `${kind} ${rule} ${grade}`);

const OOM: Part = { kind: 'kernel_oom', pid: 4711, comm: 'claude', uid: 1000 };

const TIED: Readonly<Record<string, readonly [UnrecordedSession, Part, string]>> = {
  'a kill of the pid that was seen to write the log': [SESSION, OOM, 'kernel_oom own_process certain'],
  'the same by a log that knows no boot': [SESSION, { ...OOM, bootId: '' }, 'kernel_oom own_process likely'],
  'the same by a clock that stood while the machine slept': [
    SESSION,
    { ...OOM, isVague: true },
    'kernel_oom own_process likely',
  ],
  'the same an hour after its last sign': [SESSION, { ...OOM, ms: LAST + 3_600_000 }, 'kernel_oom own_process likely'],
  'a core dump whose command line names the session': [
    UNSEEN,
    {
      kind: 'core_dump',
      pid: 99,
      comm: 'node',
      commandLine: `node /usr/bin/claude --session-id ${ID}`,
      signal: 'SIGSEGV',
    },
    'core_dump own_id certain',
  ],
  'the unit in which it was seen': [
    SESSION,
    { kind: 'unit_oom', group: 'tmux-spawn-1.scope' },
    'unit_oom own_group likely',
  ],
  "a guard's kill of its open call": [
    UNSEEN,
    { kind: 'user_oom', pid: 5, comm: 'python3', commandLine: 'python3 train.py --epochs 9', uid: 1000 },
    'user_oom own_call likely',
  ],
  'a core dump of its program in its folder at its time': [
    UNSEEN,
    { kind: 'core_dump', pid: 5, comm: 'claude', commandLine: '/usr/bin/claude -p x', cwd: '/srv/app', uid: 1000 },
    'core_dump command_and_time likely',
  ],
  'the machine put down a minute after': [
    UNSEEN,
    { kind: 'shut_down', ms: LAST + 60_000 },
    'shut_down whole_machine likely',
  ],
  'a machine that came up hours later': [
    UNSEEN,
    { kind: 'started_again', ms: LAST + 36_000_000 },
    'started_again whole_machine possible',
  ],
  'one that came up days later, and a log that ends in NUL bytes': [
    { ...UNSEEN, isPadded: true },
    { kind: 'power_lost', ms: LAST + 360_000_000 },
    'power_lost whole_machine likely',
  ],
  'the logout of its user': [UNSEEN, { kind: 'logged_out', uid: 1000 }, 'logged_out whole_user possible'],
  'a disk that is full now, and a log cut in a line': [
    { ...UNSEEN, isCut: true },
    { kind: 'disk_full_now' },
    'disk_full_now at_that_time possible',
  ],
};

for (const [name, [session, part, finding]] of Object.entries(TIED)) {
  test(`${name}: ${finding}`, () => assert.deepEqual(told(session, part), [finding]));
}

/** Each is a true record of somebody else, made to look as if it were the session's. */
const DECEIVING: Readonly<Record<string, readonly [UnrecordedSession, Part]>> = {
  'another process of that name is killed for memory at that moment': [UNSEEN, { ...OOM, ms: LAST }],
  'another process of that name, beside one that is known': [SESSION, { ...OOM, pid: 4712, ms: LAST }],
  'its pid, given to another program later': [SESSION, { ...OOM, comm: 'chrome' }],
  'its pid and name in another boot': [SESSION, { ...OOM, bootId: '99999999-2222-4333-8444-555555555555' }],
  'its pid and name before its process began': [SESSION, { ...OOM, ms: PROCESS.startMs - 60_000 }],
  'its pid and name before its last sign of life': [SESSION, { ...OOM, ms: LAST - 30_000 }],
  'its pid and name two days after': [SESSION, { ...OOM, ms: LAST + 2 * 86_400_000 }],
  'a crash of another process of that name': [UNSEEN, { kind: 'crash', pid: 9, comm: 'claude', signal: 'SIGSEGV' }],
  'a core dump of its program in another folder': [
    UNSEEN,
    { kind: 'core_dump', pid: 9, comm: 'claude', commandLine: '/usr/bin/claude -p x', cwd: '/srv/other', uid: 1000 },
  ],
  "another user's core dump in its folder": [
    UNSEEN,
    { kind: 'core_dump', pid: 9, comm: 'claude', commandLine: '/usr/bin/claude -p x', cwd: '/srv/app', uid: 1001 },
  ],
  "the program of its open call, killed in somebody else's work": [
    UNSEEN,
    { kind: 'user_oom', pid: 9, comm: 'python3', commandLine: 'python3 serve.py', uid: 1000 },
  ],
  'a kill that names the program of its open call alone': [
    UNSEEN,
    { kind: 'kernel_oom', pid: 9, comm: 'python3', uid: 1000 },
  ],
  'another unit of that kind': [SESSION, { kind: 'unit_oom', group: 'tmux-spawn-2.scope' }],
  'the slice that holds everything of its user': [SESSION, { kind: 'unit_oom', group: '/user.slice/user-1000.slice' }],
  "another user's logout": [UNSEEN, { kind: 'logged_out', uid: 1001 }],
  'a machine put down before its last sign': [UNSEEN, { kind: 'shut_down', ms: LAST - 60_000 }],
  'another program stuck in the kernel': [UNSEEN, { kind: 'hung_task', pid: 9, comm: 'claude' }],
  'a disk that is full now, while the log is whole': [UNSEEN, { kind: 'disk_full_now' }],
};

for (const [name, [session, part]] of Object.entries(DECEIVING)) {
  test(`nothing is told of ${name}`, () => assert.deepEqual(told(session, part), []));
}

test('of several ends of everything only the first ended it, and what proves most comes first', () => {
  const found = told(
    SESSION,
    { kind: 'started_again', ms: LAST + 90_000 },
    { kind: 'shut_down', ms: LAST + 60_000 },
    { kind: 'suspended', ms: LAST + 1000 },
    OOM,
  );
  assert.deepEqual(found, [
    'kernel_oom own_process certain',
    'shut_down whole_machine likely',
    'suspended at_that_time possible',
  ]);
});
