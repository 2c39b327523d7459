import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { COREDUMP_MESSAGE, journalRecord, KernelLines, loginRecords } from '../../src/core/death/machineLines.ts';
import type { MachineRecord } from '../../src/core/death/machineRecord.ts';
import type { JsonRecord } from '../../src/core/words/json.ts';
import { readJournal } from '../../src/sessions/machine/journal.ts';
import type { MachineQuestion } from '../../src/sessions/machine/looked.ts';
import { readDisks, readLogins, readTmux } from '../../src/sessions/machine/machineState.ts';
import { scratchFolder } from '../logs/scratch.ts';

/* What the machine's logs and tools say, as they write it, and what is made of it. */

const MS = 1_767_225_600_000;

/** A record in a few words. */
function brief(record: MachineRecord | undefined): string {
  if (record === undefined) return '';
  const { kind, pid, comm, uid, signal, group, commandLine, cwd } = record;
  return [kind, pid, comm, uid, signal, group, commandLine, cwd].filter((part) => part !== undefined).join(' ');
}

test('each line of the kernel is a record of its kind, with the group that stood before it', () => {
  const at = { ms: MS, bootId: 'b', source: 'kernel_log', arePidsOurs: true } as const;
  const read = (...lines: readonly string[]) => {
    const kernel = new KernelLines();
    return brief(lines.map((line) => kernel.read(line, at)).at(-1));
  };
  const chosen = (pid: number, uid = ',uid=1000') => `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),oom_memcg=/a,task_memcg=/a/b,task=node,pid=${pid}${uid}`;
  const killed = 'Memory cgroup out of memory: Killed process 7 (node) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:1001 pgtables:1kB';
  for (const [lines, expected] of [
    [[killed], 'kernel_oom 7 node 1001'],
    [[chosen(7), killed], 'kernel_oom 7 node 1000 /a/b'],
    [[chosen(7, ''), killed], 'kernel_oom 7 node 1001 /a/b'],
    [[chosen(8), killed], 'kernel_oom 7 node 1001'],
    [['node[7]: segfault at 0 ip 00 sp 00 error 4 in node[1+1]'], 'crash 7 node SIGSEGV'],
    [['INFO: task node:1234 blocked for more than 120 seconds.'], 'hung_task 1234 node'],
    [['I/O error, dev sda, sector 12'], 'disk_error'],
    [['blk_update_request: I/O error, dev sda, sector 12'], 'disk_error'],
    [['Buffer I/O error on dev sda1, logical block 1'], 'disk_error'],
    [['EXT4-fs error (device sda1): x'], 'disk_error'],
    [['EXT4-fs (sda1): Remounting filesystem read-only'], 'disk_error'],
    [['XFS (dm-0): metadata I/O error'], 'disk_error'],
    [['XFS (dm-0): Filesystem Shutting down'], 'disk_error'],
    [['BTRFS error (device sda)'], 'disk_error'],
    [['BTRFS critical (device sda)'], 'disk_error'],
    [['it said I/O error, dev sda'], ''],
    [['PM: suspend entry (deep)'], 'suspended'],
    [['PM: suspend exit'], ''],
  ] as const)
    assert.equal(read(...lines), expected, lines.at(-1));
  const vague = new KernelLines().read(killed, { ...at, isVague: true, arePidsOurs: false });
  assert.deepEqual([vague?.isVague, vague?.pid, vague?.bootId, vague?.source, vague?.ms], [true, undefined, 'b', 'kernel_log', MS]);
  assert.equal('isVague' in (new KernelLines().read(killed, at) ?? {}), false);
}); // prettier-ignore

test('an entry of the journal counts when the system wrote it, and a user’s own for its units alone', () => {
  const BOOT = '0123456789abcdef0123456789abcdef';
  const entry = (fields: JsonRecord) => ({ __REALTIME_TIMESTAMP: `${MS * 1000}`, _BOOT_ID: BOOT, _UID: '0', ...fields });
  const record = (fields: JsonRecord) => brief(journalRecord(entry(fields), new KernelLines(), true));
  const core = { MESSAGE: 'x', MESSAGE_ID: COREDUMP_MESSAGE, COREDUMP_PID: '7', COREDUMP_UID: '1000', COREDUMP_COMM: 'node', COREDUMP_CMDLINE: 'node x', COREDUMP_CWD: '/srv', COREDUMP_SIGNAL: '11' };
  for (const [fields, expected] of [
    [{ MESSAGE: 'PM: suspend entry (deep)', _TRANSPORT: 'kernel' }, 'suspended'],
    [{ MESSAGE: 'PM: suspend entry (deep)', _TRANSPORT: 'syslog' }, ''],
    [core, 'core_dump 7 node 1000 SIGSEGV node x /srv'],
    [{ ...core, _UID: '1000' }, ''],
    [{ ...core, _UID: undefined }, 'core_dump 7 node 1000 SIGSEGV node x /srv'],
    [{ MESSAGE: 'x', MESSAGE_ID: COREDUMP_MESSAGE, COREDUMP_PID: 7 }, 'core_dump 7'],
    [{ MESSAGE: 'x', MESSAGE_ID: COREDUMP_MESSAGE }, ''],
    [{ _COMM: 'systemd-oomd', MESSAGE: 'Killed /user.slice/a.scope due to memory used' }, 'user_oom /user.slice/a.scope'],
    [{ SYSLOG_IDENTIFIER: 'systemd-oomd', MESSAGE: 'Memory pressure x: Killed /a due to y' }, 'user_oom /a'],
    [{ _COMM: 'oomd', MESSAGE: 'Killed /a due to x' }, 'user_oom /a'],
    [{ _COMM: 'systemd-oomd', _UID: '1000', MESSAGE: 'Killed /a due to x' }, ''],
    [{ _COMM: 'earlyoom', MESSAGE: 'sending SIGTERM to process 7 uid 1000 "node": oom_score 8, VmRSS 3 MiB, cmdline "node x"' }, 'user_oom 7 node 1000 SIGTERM node x'],
    [{ _COMM: 'earlyoom', MESSAGE: 'sending SIGKILL to process 7 "node": oom_score 8' }, 'user_oom 7 node SIGKILL'],
    [{ _COMM: 'earlyoom', MESSAGE: 'mem avail: 9' }, ''],
    ...['The system will suspend now!', 'Suspending...', "Operation 'suspend' started"].map((MESSAGE) => [{ _COMM: 'systemd-logind', MESSAGE }, 'suspended'] as const),
    ...['The system will power off now!', 'The system will reboot now!', 'The system will halt now!', 'System is powering down.', 'System is rebooting.'].map((MESSAGE) => [{ _COMM: 'systemd-logind', MESSAGE }, 'shut_down'] as const),
    [{ _COMM: 'systemd-logind', MESSAGE: 'New session 5 of user a.' }, ''],
    [{ _COMM: 'systemd-sleep', MESSAGE: 'Entering sleep state' }, 'suspended'],
    [{ _COMM: 'systemd-sleep', MESSAGE: 'Suspending system...' }, 'suspended'],
    [{ _COMM: 'systemd-sleep', MESSAGE: 'System returned from sleep' }, ''],
    [{ _COMM: 'systemd', MESSAGE: 'Stopped User Manager for UID 1000.' }, 'logged_out 1000'],
    [{ _COMM: 'systemd', MESSAGE: 'Stopped user@1000.service - User Manager' }, 'logged_out 1000'],
    [{ _COMM: 'systemd', MESSAGE: 'a.scope: A process of this unit has been killed by the OOM killer.' }, 'unit_oom a.scope'],
    [{ _COMM: 'systemd', UNIT: 'b.service', MESSAGE: "b.service: Failed with result 'oom-kill'." }, 'unit_oom b.service'],
    [{ _COMM: 'systemd', USER_UNIT: 'c.scope', UNIT: 'user@1000.service', MESSAGE: "c.scope: Failed with result 'signal'." }, 'unit_failed c.scope'],
    [{ _COMM: 'systemd', UNIT: 'b.service', MESSAGE: 'Stopped b.' }, 'unit_stopped b.service'],
    [{ _COMM: 'systemd', UNIT: 'b.service', MESSAGE: 'Stopping b...' }, 'unit_stopped b.service'],
    [{ _COMM: 'systemd', UNIT: 'b.service', MESSAGE: 'b.service: Deactivated successfully.' }, 'unit_stopped b.service'],
    [{ _COMM: 'systemd', UNIT: 'b.service', MESSAGE: 'b.service: Stopping timed out. Killing.' }, 'unit_stopped b.service'],
    [{ _COMM: 'systemd', UNIT: 'b.service', MESSAGE: 'Started b.' }, ''],
    [{ _COMM: 'systemd', MESSAGE: 'Stopped something.' }, ''],
    [{ _COMM: 'systemd', _UID: '1000', USER_UNIT: 'c.scope', MESSAGE: 'Stopped c.' }, 'unit_stopped c.scope'],
    [{ _COMM: 'node', MESSAGE: 'Stopped c.', UNIT: 'x' }, ''],
    [{ MESSAGE: 7, _TRANSPORT: 'kernel' }, ''],
    [{ MESSAGE: 'PM: suspend entry', _TRANSPORT: 'kernel', __REALTIME_TIMESTAMP: 'x' }, ''],
  ] as const)
    assert.equal(record(fields), expected, JSON.stringify(fields));
  const found = journalRecord(entry({ MESSAGE: 'PM: suspend entry', _TRANSPORT: 'kernel' }), new KernelLines(), true);
  assert.deepEqual([found?.ms, found?.bootId, found?.source], [MS, '01234567-89ab-cdef-0123-456789abcdef', 'journal']);
}); // prettier-ignore

test('logins tell when the machine came up, whether it had been put down, and who lost power', () => {
  const line = (word: string, second: number) => `${word} system x  6.1 2026-01-01T00:00:0${second}+00:00 - x`;
  const told = (...lines: readonly string[]) => loginRecords(lines.toReversed()).map(({ kind, ms }) => `${kind} ${(ms - MS) / 1000}`).join(', ');
  assert.equal(told(line('reboot  ', 1)), 'started_again 1');
  assert.equal(told(line('reboot  ', 1), line('reboot  ', 2)), 'started_again 1, power_lost 2');
  assert.equal(told(line('shutdown', 1), line('reboot  ', 2), line('reboot  ', 3)), 'shut_down 1, started_again 2, power_lost 3');
  assert.equal(told(line('ann     ', 1), line('reboot  ', 2), 'reboot x'), 'started_again 2');
}); // prettier-ignore

/** Programs of the system, for as long as a test runs: what each prints. */
function programs(t: TestContext, scripts: Readonly<Record<string, string>>): string {
  const folder = scratchFolder();
  const before = process.env['PATH'];
  t.after(() => (process.env['PATH'] = before));
  process.env['PATH'] = `${folder}:/bin`;
  for (const [name, script] of Object.entries(scripts)) writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
} // prettier-ignore

function question(changes: Partial<MachineQuestion> = {}): MachineQuestion {
  return {
    fromMs: MS + 1,
    toMs: MS + 59_999,
    nowMs: MS + 90_000,
    timeoutMs: 5000,
    folders: [],
    groups: [],
    ...changes,
  };
}

test('the journal is asked for the time in question, and what it answers besides is told', async (t) => {
  const folder = programs(t, {});
  const answers = async (script: string, changes: Partial<MachineQuestion> = {}) => {
    writeFileSync(join(folder, 'journalctl'), `#!/bin/sh\necho "$@" > ${folder}/asked\n${script}\n`, { mode: 0o755 });
    const { records, looked } = await readJournal(question(changes), true);
    return [records.map(brief).join(', '), looked[0]?.state, looked[0]?.help !== undefined, looked[0]?.words ?? ''] as const;
  };
  const entry = JSON.stringify({ __REALTIME_TIMESTAMP: `${MS * 1000}`, MESSAGE: 'PM: suspend entry', _TRANSPORT: 'kernel' });
  const empty = 'the journal, core dumps included (nothing of this kind at that time)';
  assert.deepEqual(await answers(`echo '${entry}'; echo torn; echo '[1]'`), ['suspended', 'read', false, 'the journal, core dumps included (1 record at that time)']);
  const { readFileSync } = await import('node:fs');
  const asked = readFileSync(join(folder, 'asked'), 'utf8');
  assert.ok(asked.includes(`--since=@${MS / 1000} --until=@${MS / 1000 + 60} _TRANSPORT=kernel + _COMM=systemd + `), asked);
  assert.ok(asked.startsWith('--output=json '), 'this machine’s own journal');
  assert.deepEqual(await answers('true'), ['', 'read', false, empty]);
  assert.deepEqual((await answers('echo "Hint: You are currently not seeing messages from other users and the system." >&2')).slice(0, 3), ['', 'partly', true]);
  assert.deepEqual((await answers('echo "No journal files were opened due to insufficient permissions." >&2; exit 1')).slice(0, 3), ['', 'no_right', true]);
  assert.deepEqual((await answers('echo "No journal files were found." >&2')).slice(0, 3), ['', 'not_there', false]);
  assert.deepEqual((await answers('exit 1')).slice(0, 3), ['', 'failed', false]);
  assert.deepEqual((await answers(`echo '${entry}'; exit 1`)).slice(0, 3), ['suspended', 'read', false]);
  assert.deepEqual((await answers('exec sleep 9', { timeoutMs: 50 })).slice(0, 3), ['', 'failed', false]);
  mkdirSync(join(folder, 'saved'));
  writeFileSync(join(folder, 'saved.journal'), '');
  for (const [name, flag] of [['saved', '--directory'], ['saved.journal', '--file']] as const) {
    await answers('true', { journal: join(folder, name) });
    assert.ok(readFileSync(join(folder, 'asked'), 'utf8').startsWith(`${flag}=${folder}/${name} `));
  }
  process.env['PATH'] = join(folder, 'nothing');
  assert.equal((await readJournal(question(), true)).looked[0]?.state, 'not_there');
}); // prettier-ignore

test('logins, tmux and disks are asked, and a tool that is not there or says nothing is told', async (t) => {
  const line = 'reboot   system boot  6.1 2026-01-01T00:00:10+00:00   still running';
  const folder = programs(t, { last: `echo '${line}'`, tmux: `echo ${MS / 1000 + 5}` });
  const saved = join(folder, 'wtmp');
  const logins = await readLogins(question({ logins: saved }));
  assert.deepEqual([logins.records.map(brief), logins.looked[0]?.state], [['started_again'], 'read']);
  assert.deepEqual((await readLogins(question({ logins: saved, toMs: MS + 9999 }))).records, []);
  assert.deepEqual((await readLogins(question({ logins: saved, fromMs: MS + 10_001 }))).records, []);
  const tmux = await readTmux(question());
  assert.deepEqual([tmux.records.map(({ kind, ms }) => [kind, ms]), tmux.looked[0]?.state], [[['tmux_started', MS + 5000]], 'read']);
  assert.deepEqual((await readTmux(question({ fromMs: MS + 5001 }))).records, []);
  assert.deepEqual((await readTmux(question({ toMs: MS + 4999 }))).records, []);
  writeFileSync(join(folder, 'last'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  writeFileSync(join(folder, 'tmux'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  assert.equal((await readLogins(question({ logins: saved }))).looked[0]?.state, 'failed');
  assert.equal((await readTmux(question())).looked[0]?.state, 'not_there');
  process.env['PATH'] = join(folder, 'nothing');
  assert.equal((await readLogins(question({ logins: saved }))).looked[0]?.state, 'not_there');
  const disks = readDisks(question({ folders: [folder, folder] }));
  assert.deepEqual([disks.records, disks.looked[0]?.state], [[], 'read']);
  assert.equal(readDisks(question({ folders: [join(folder, 'gone')] })).looked[0]?.state, 'not_there');
}); // prettier-ignore
