import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Finding, MachineRecord } from '../../src/core/death/machineRecord.ts';
import type { Verdict } from '../../src/core/session/verdict.ts';
import type { TranscriptEndName } from '../../src/core/words/vocabulary.ts';
import type { ListedSession } from '../../src/logs/sessionIndex.ts';
import { readKernelRing } from '../../src/sessions/machine/kernelRing.ts';
import { readGroups } from '../../src/sessions/machine/machineState.ts';
import type { MachineQuestion } from '../../src/sessions/machine/looked.ts';
import { claimLogs, type ClaimableLog } from '../../src/sessions/unrecorded/claimLogs.ts';
import { endOfLog, isInTheMiddle, judgeLog } from '../../src/sessions/unrecorded/judgeLog.ts';
import { listedLog } from '../../src/sessions/unrecorded/listedLog.ts';
import { liveAgents, type LiveAgent } from '../../src/sessions/unrecorded/liveAgents.ts';
import { summaryOfLog } from '../../src/sessions/unrecorded/logSummary.ts';
import { recordedLogPaths } from '../../src/sessions/unrecorded/recordedLogs.ts';
import type { UnrecordedLog } from '../../src/sessions/unrecorded/unrecordedLog.ts';
import { addSession, scratchFolder, scratchRoot } from '../logs/scratch.ts';

type Digest = Parameters<typeof endOfLog>[0];
const CALL = { kind: 'shell', ms: undefined, command: undefined } as const;

function digest(changes: Partial<Digest> = {}): Digest {
  return { end: undefined, ending: 'untold', endedBy: undefined, openCall: undefined, isPadded: false, ...changes };
}

test('how a log stops is told in one word for every format', () => {
  for (const [told, expected] of [
    [{}, undefined],
    [{ ending: 'answered' }, 'answered'],
    [{ ending: 'open' }, 'turn_open'],
    [{ ending: 'open', openCall: CALL }, 'call_open'],
    [{ ending: 'failed' }, 'turn_failed'],
    [{ end: 'aborted', ending: 'answered' }, 'aborted'],
    [{ end: 'nothing_done', ending: 'open' }, 'turn_open'],
    [{ end: 'nothing_done', ending: 'failed' }, 'nothing_done'],
    [{ end: 'call_open', ending: 'answered' }, 'answered'],
    [{ end: 'call_open', ending: 'open' }, 'call_open'],
  ] as const)
    assert.equal(endOfLog(digest(told)), expected, JSON.stringify(told));
});

const told = ({ outcome, cause, layer, confidence, detail, evidence }: Verdict) =>
  `${outcome}: ${cause} ${layer} ${confidence}${detail === undefined ? '' : ` ${detail}`} [${evidence.map(({ name }) => name).join(' ')}]`;

test('a session that only its log tells of is judged by how the log stops', () => {
  const MIDDLE = 'lost: vanished unknown possible';
  const ENDS: Readonly<Record<TranscriptEndName, string>> = {
    answered: 'succeeded: completed none likely',
    aborted: 'stopped: interrupted user likely',
    error_result: 'incomplete: ended_mid_task unknown likely',
    turn_failed: 'incomplete: ended_mid_task unknown likely',
    nothing_done: 'incomplete: did_nothing unknown likely',
    all_denied: 'incomplete: blocked environment likely',
    turn_limit: 'incomplete: limit_reached user likely',
    budget_limit: 'incomplete: limit_reached user likely',
    context_limit: 'incomplete: limit_reached model likely',
    output_limit: 'incomplete: limit_reached model likely',
    call_open: MIDDLE,
    result_unanswered: MIDDLE,
    turn_open: MIDDLE,
    cut_in_line: MIDDLE,
    no_result: MIDDLE,
  };
  for (const [name, expected] of Object.entries(ENDS)) {
    const end = name as TranscriptEndName; // the table's own keys
    const isMiddle = expected === MIDDLE;
    const one = digest({ end });
    assert.equal(told(judgeLog(one, undefined, [])), `${expected} [${name}${isMiddle ? ' none' : ''}]`);
    assert.equal(isInTheMiddle(one), isMiddle, name);
  }
  assert.equal(told(judgeLog(digest(), undefined, [])), 'lost: unknown unknown possible []');
  assert.equal(isInTheMiddle(digest()), false);
  const failed = digest({ end: 'turn_failed', endedBy: 'network' });
  assert.equal(judgeLog(failed, undefined, []).layer, 'environment');
  for (const [how, confidence] of [
    ['open_file', 'certain'],
    ['session_id', 'certain'],
    ['own_state', 'certain'],
    ['folder_and_time', 'likely'],
  ] as const)
    assert.equal(told(judgeLog(failed, { pid: 5, how }, [])), `running: unknown none ${confidence} []`);
});

const finding = (kind: MachineRecord['kind'], rule: Finding['rule'] = 'own_process', grade: Finding['grade'] = 'likely', more: Partial<MachineRecord> = {}): Finding => ({
  record: { kind, source: 'journal', ms: 1_767_225_600_000, ...more },
  rule,
  grade,
}); // prettier-ignore

test('what the machine remembers of a session that stopped in the middle says what ended it, as surely as it is its own', () => {
  const judged = (...findings: readonly Finding[]) => told(judgeLog(digest({ end: 'call_open' }), undefined, findings));
  const nothing = (...kinds: readonly string[]) => `lost: vanished unknown possible [call_open ${kinds.join(' ')}]`;
  for (const [kind, expected] of [
    ['kernel_oom', 'died: oom_kill environment'],
    ['user_oom', 'died: oom_kill environment'],
    ['unit_oom', 'died: oom_kill environment'],
    ['crash', 'died: crashed lifecycle'],
    ['core_dump', 'died: crashed lifecycle'],
    ['unit_stopped', 'died: terminated lifecycle'],
    ['unit_failed', 'died: terminated lifecycle'],
    ['logged_out', 'died: terminal_lost lifecycle'],
    ['hung_task', undefined],
    ['disk_error', undefined],
    ['suspended', undefined],
  ] as const)
    for (const grade of ['certain', 'likely', 'possible'] as const)
      assert.equal(
        judged(finding(kind, 'own_process', grade)),
        expected === undefined ? nothing(kind) : `${expected} ${grade} [${kind} call_open]`,
      );
  assert.equal(judged(finding('kernel_oom', 'own_call')), nothing('kernel_oom'), 'a call of its own was ended');
  assert.equal(judged(finding('kernel_oom', 'at_that_time')), nothing('kernel_oom'));
  assert.equal(judged(finding('unit_oom', 'own_group', 'likely', { source: 'memory_group' })), nothing('unit_oom'));
  assert.equal(judged(finding('disk_full_now', 'at_that_time', 'possible')), 'lost: disk_full environment possible [disk_full_now call_open]');
  assert.equal(judged(finding('shut_down', 'whole_machine')), 'lost: lost environment likely reboot [shut_down call_open]');
  assert.equal(judged(finding('shut_down', 'whole_machine', 'possible')), nothing('shut_down'));
  const other = finding('suspended', 'whole_machine', 'possible');
  const many = [finding('suspended', 'at_that_time'), other, finding('crash'), other, other, other].map((one) => ({ ...one }));
  assert.equal(judged(...many), 'died: crashed lifecycle likely [crash suspended suspended call_open]');
  assert.equal(judged(other, other, other, other), nothing('suspended', 'suspended', 'suspended'));
  const [item] = judgeLog(digest({ end: 'call_open' }), undefined, [finding('crash', 'own_process', 'likely', { pid: 7, signal: 'SIGSEGV' })]).evidence;
  assert.deepEqual(item, { kind: 'machine_log', name: 'crash', ts: '2026-01-01T00:00:00.000+00:00', pid: 7, value: 11 });
}); // prettier-ignore

const START = 1_767_225_600_000;
const ID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

function claimable(
  path: string,
  changes: Partial<Omit<ClaimableLog, 'digest'>> & { id?: string; cwd?: string } = {},
): ClaimableLog {
  const { id, cwd = '/srv/a', ...more } = changes;
  return {
    path,
    agent: 'claude',
    digest: { sessionId: id, cwd },
    startMs: START + 1000,
    changedMs: START + 2000,
    ...more,
  };
}

function living(pid: number, changes: Partial<LiveAgent> = {}): LiveAgent {
  return {
    pid, parent: 1, comm: 'claude', bootId: 'b', startMs: START, seenMs: START + 9000, group: undefined, agent: 'claude', cwd: '/srv/a',
    commandLine: 'claude -p x', openFiles: [], ...changes,
  }; // prettier-ignore
}

test('a living process writes the log that it has open or names, else the first of its folder since its start', () => {
  const claims = (logs: readonly ClaimableLog[], ...processes: readonly LiveAgent[]) =>
    [...claimLogs(logs, processes)].map(([path, { pid, how }]) => `${path} ${pid} ${how}`).join(', ');
  const one = [claimable('a')];
  assert.equal(claims(one, living(5)), 'a 5 folder_and_time');
  assert.equal(claims(one, living(5, { openFiles: ['a'] })), 'a 5 open_file');
  assert.equal(claims([claimable('a#x')], living(5, { openFiles: ['a'] })), 'a#x 5 open_file');
  assert.equal(claims([claimable('a.db#x', { cwd: '/srv/b' })], living(5, { openFiles: ['a.db'] })), '', 'all sessions of a database are open');
  const named = { commandLine: `claude --resume ${ID}`, cwd: '/srv/b' };
  assert.equal(claims([claimable('a', { id: ID })], living(5, named)), 'a 5 session_id');
  assert.equal(claims([claimable('a', { id: 'short' })], living(5, { commandLine: 'claude short', cwd: '/srv/b' })), '');
  assert.equal(claims([claimable('a', { id: ID, agent: 'codex' })], living(5, named)), '');
  assert.equal(claims([claimable('a', { id: ID, changedMs: START - 5000 })], living(5, named)), 'a 5 session_id');
  assert.equal(claims([claimable('a', { id: ID, changedMs: START - 5001 })], living(5, named)), '');
  for (const [changes, isOwn] of [
    [{ cwd: '/srv/b' }, false],
    [{ agent: 'codex' }, false],
    [{ changedMs: START - 5000, startMs: START - 9000 }, true],
    [{ changedMs: START - 5001, startMs: START - 9000 }, false],
  ] as const)
    assert.equal(claims([claimable('a', changes)], living(5)), isOwn ? 'a 5 folder_and_time' : '', JSON.stringify(changes));
  const several = [claimable('late', { startMs: START + 3000 }), claimable('first', { startMs: START - 5000 }), claimable('before', { startMs: START - 5001 })];
  assert.equal(claims(several, living(5)), 'first 5 folder_and_time');
  const old = [claimable('x', { startMs: 0, changedMs: START + 1 }), claimable('y', { startMs: 0, changedMs: START + 2 })];
  assert.equal(claims(old, living(5)), 'y 5 folder_and_time', 'it went on with the latest');
  const two = [claimable('a'), claimable('b', { startMs: START + 2000 })];
  assert.equal(claims(two, living(5), living(6)), 'a 5 folder_and_time, b 6 folder_and_time');
  assert.equal(claims(two, living(5, { openFiles: ['b'] }), living(6, { parent: 5 })), 'b 5 open_file', 'a child of a claimant');
  assert.equal(claims(two, living(5, { openFiles: ['b'], parent: 6 }), living(6)), 'b 5 open_file', 'its wrapper');
}); // prettier-ignore

interface FakeProcess {
  readonly words: readonly string[];
  readonly stat?: string;
  readonly cwd?: string;
  readonly cgroup?: string;
}

function fakeProc(processes: Readonly<Record<string, FakeProcess>>): string {
  const proc = scratchFolder();
  mkdirSync(join(proc, 'sys/kernel/random'), { recursive: true });
  writeFileSync(join(proc, 'sys/kernel/random/boot_id'), 'boot\n');
  writeFileSync(join(proc, 'uptime'), '1000.00 1.0\n');
  for (const [pid, { words, stat, cwd, cgroup }] of Object.entries(processes)) {
    mkdirSync(join(proc, pid, 'fd'), { recursive: true });
    writeFileSync(join(proc, pid, 'cmdline'), words.map((word) => `${word}\0`).join(''));
    const fields = `S 77 ${'0 '.repeat(17)}50000 0`;
    writeFileSync(join(proc, pid, 'stat'), stat ?? `${pid} (a (b) c) ${fields}`);
    if (cgroup !== undefined) writeFileSync(join(proc, pid, 'cgroup'), cgroup);
    if (cwd !== undefined) symlinkSync(cwd, join(proc, pid, 'cwd'));
    symlinkSync('/srv/log.jsonl', join(proc, pid, 'fd/3'));
  }
  return proc;
}

test('a living agent is told from its wrappers, with its start, its folder, its group and what it has open', () => {
  const cwd = '/srv/a';
  const [agent, ...more] =
    liveAgents(START, fakeProc({ 12: { words: ['/usr/bin/claude', '-p', 'x'], cwd, cgroup: '0::/user.slice/x.scope\n' }, self: { words: ['claude'], cwd } })) ?? [];
  assert.deepEqual(more, []);
  assert.deepEqual(agent, {
    pid: 12, parent: 77, comm: 'a (b) c', bootId: 'boot', startMs: START - 500_000, seenMs: START, group: '/user.slice/x.scope',
    agent: 'claude', cwd, commandLine: '/usr/bin/claude -p x', openFiles: ['/srv/log.jsonl'],
  });
  const agents = (process: FakeProcess) => liveAgents(START, fakeProc({ 12: process }))?.map((one) => `${one.agent} ${one.group}`);
  for (const [process, expected] of [
    [{ words: ['node', '/usr/lib/claude'], cwd }, ['claude undefined']],
    [{ words: ['/usr/bin/python3.12', '/opt/aider'], cwd }, undefined],
    [{ words: ['bash', '-c', 'claude'], cwd }, []],
    [{ words: ['sudo', 'claude'], cwd }, []],
    [{ words: ['vim', 'claude'], cwd }, []],
    [{ words: ['claude'] }, []],
    [{ words: ['claude'], cwd, stat: '12 (claude) Z 1 0' }, []],
    [{ words: ['claude'], cwd, stat: '12 (claude) X 1 0' }, []],
    [{ words: ['claude'], cwd, cgroup: '0::/\n' }, ['claude undefined']],
    [{ words: ['claude'], cwd, cgroup: '5:cpu,memory:/m\n0::/x\n' }, ['claude /m']],
    [{ words: ['claude'], cwd, cgroup: '5:memory,cpu:/m\n0::/x\n' }, ['claude /m']],
    [{ words: ['claude'], cwd, cgroup: '5:cpu:/m\n0::/x:y\n' }, ['claude /x:y']],
  ] as const)
    if (expected !== undefined) assert.deepEqual(agents(process), expected, JSON.stringify(process));
  assert.equal(liveAgents(START, scratchFolder()), undefined, 'nobody knows what lives');
}); // prettier-ignore

function log(changes: Partial<Omit<UnrecordedLog, 'digest'>> = {}, told: Partial<UnrecordedLog['digest']> = {}): UnrecordedLog {
  const whole = { ...digest(), format: 'x', sessionId: ID, cwd: '/srv/a', title: 'do it '.repeat(30), firstMs: START, lastMs: START, suspect: 'unknown', isCut: false, ...told };
  return {
    id: 'log-claude-1', file: { path: '/home/log.jsonl' }, agent: 'claude', digest: whole, writer: undefined, processes: [], findings: [],
    verdict: { outcome: 'succeeded', cause: 'completed', layer: 'none', confidence: 'likely', evidence: [] },
    startMs: START, lastMs: START + 90_500, ...changes,
  } as UnrecordedLog;
} // prettier-ignore

test('a log is listed with the keys of a recorded session, and its summary has what the list has', () => {
  const row = listedLog(log());
  const { skill_command: command, ...rest } = row;
  assert.equal(command.length, 100);
  assert.deepEqual(rest, {
    session_id: ID, dir_name: 'log-claude-1', timestamp: '2026-01-01T00:00:00.000+00:00', last_ts: '2026-01-01T00:01:30.500+00:00', cwd: '/srv/a',
    success: true, subtype: 'success', exit_code: null, snapshot_count: 0, anomaly_count: 0, peak_rss_kb: 0, peak_oom_score: 0, tracked_comm: null,
    tracked_comm_drift: false, claude_code_log: null, duration_seconds: 90.5, cause: 'completed', suspect: 'unknown', label: null, state: 'log_only',
    outcome: 'succeeded', agent: 'claude',
  });
  const of = (outcome: Verdict['outcome']) => listedLog(log({ verdict: { ...log().verdict, outcome } }));
  assert.deepEqual(
    (['running', 'succeeded', 'incomplete', 'failed', 'died', 'stopped', 'lost'] as const).map((outcome) => of(outcome).subtype),
    ['', 'success', 'incomplete', 'error_during_execution', 'crashed', 'stopped', 'lost'],
  );
  assert.deepEqual([of('running').cause, of('running').duration_seconds, of('died').success], [null, null, false]);
  const bare = listedLog(log({ lastMs: START - 5 }, { sessionId: undefined, cwd: undefined, title: undefined }));
  assert.deepEqual([bare.session_id, bare.cwd, bare.skill_command, bare.duration_seconds], ['log-claude-1', '', '', 0]);
  const { state: _state, outcome: _outcome, last_ts, timestamp, ...line } = row;
  assert.deepEqual(summaryOfLog(log(), undefined), {
    ...line, skill_command: 'do it '.repeat(30), pid: null, signal: null, start_ts: timestamp, end_ts: last_ts, transcript: '/home/log.jsonl', verdict: log().verdict,
  });
  assert.deepEqual(Object.keys(summaryOfLog(log(), {} as never)).at(-1), 'failures');
}); // prettier-ignore

test('a log is of a recorded session that names it, or of the only one of its agent and folder while it ran', () => {
  const root = scratchRoot();
  addSession(root, 'named', { 'summary.json': { transcript: '/home/log.jsonl' } });
  addSession(root, 'other', { 'summary.json': { transcript: '/home/other.jsonl' } });
  addSession(root, 'silent', { 'summary.json': {} });
  const session = (name: string, changes: object = {}) =>
    ({ dir_name: name, state: 'finished', timestamp: '2026-01-01T00:00:00Z', duration_seconds: 90, skill_command: 'claude -p x', cwd: '/srv/a', claude_code_log: null, ...changes }) as ListedSession;
  const isOf = (recorded: ListedSession, ...logs: readonly UnrecordedLog[]) =>
    recordedLogPaths(logs.length > 0 ? logs : [log()], [{ root, sessions: [recorded] }]).has('/home/log.jsonl');
  const last = (second: number) => log({ lastMs: START + second * 1000 });
  assert.equal(isOf(session('named')), true);
  assert.equal(isOf(session('other')), false);
  assert.equal(isOf(session('silent')), true);
  assert.equal(isOf(session('silent', { claude_code_log: '/home/other.jsonl' })), false);
  for (const [second, expected] of [[-10, true], [-10.1, false], [100, true], [100.1, false]] as const)
    assert.equal(isOf(session('named'), last(second)), expected, String(second));
  assert.equal(isOf(session('named', { duration_seconds: null }), last(1e6)), true);
  assert.equal(isOf(session('silent', { state: 'running' }), last(1e6)), true);
  assert.equal(isOf(session('named', { timestamp: '' })), false);
  assert.equal(isOf(session('silent', { skill_command: 'codex exec x' })), false);
  assert.equal(isOf(session('silent', { cwd: '/srv/b' })), false);
  assert.equal(isOf(session('silent', { cwd: '/srv/b' }), log({}, { cwd: undefined })), true);
  assert.equal(isOf(session('silent'), log({ startMs: START - 10_000 })), true);
  assert.equal(isOf(session('silent'), log({ startMs: START - 10_001 })), false);
  assert.equal(isOf(session('silent'), log(), log({ file: { path: '/home/b.jsonl' } as never })), false, 'nothing says which');
}); // prettier-ignore

function question(changes: Partial<MachineQuestion>): MachineQuestion {
  return {
    fromMs: START,
    toMs: START + 60_000,
    nowMs: START + 90_000,
    timeoutMs: 1000,
    folders: [],
    groups: [],
    ...changes,
  };
}

test('a saved kernel log is read in the forms of dmesg and journalctl, within the time that is asked about', () => {
  const kill = 'Out of memory: Killed process 4711 (claude) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:1000';
  const path = join(scratchFolder(), 'kernel.txt');
  const read = (...lines: readonly string[]) => {
    writeFileSync(path, lines.join('\n'));
    return readKernelRing(question({ kernelLog: path }), true);
  };
  const at = (second: string, zone = '+00:00') => `2026-01-01T00:00:${second}${zone}`;
  for (const [line, ms] of [
    [`${at('10,123456')} ${kill}`, 10_123],
    [`${at('10.5')} ${kill}`, 10_500],
    [`${at('10', 'Z')} host kernel: ${kill}`, 10_000],
    [`2026-01-01T01:00:10+0100 ${kill}`, 10_000],
    [`${at('00')} ${kill}`, 0],
    [`2026-01-01T00:01:00Z ${kill}`, 60_000],
    [`2026-01-01T00:01:00,001+00:00 ${kill}`, undefined],
    [`2025-12-31T23:59:59,999+00:00 ${kill}`, undefined],
    [`${at('10')} somebody: ${kill.replace('Out of memory', 'Nothing')}`, undefined],
    [`10:00 ${kill}`, undefined],
  ] as const) {
    const { records, looked } = read(line);
    assert.deepEqual(records.map((record) => [record.kind, record.ms - START, record.pid]), ms === undefined ? [] : [['kernel_oom', ms, 4711]], line);
    assert.equal(looked[0]?.state, 'read');
  }
  assert.match(read(`${at('10')} ${kill}`).looked[0]?.words ?? '', /\(1 record at that time\)$/);
  assert.match(read(`${at('10')} ${kill}`, `${at('11')} ${kill}`).looked[0]?.words ?? '', /\(2 records at that time\)$/);
  assert.match(read('').looked[0]?.words ?? '', /\(nothing of this kind at that time\)$/);
  const gone = readKernelRing(question({ kernelLog: join(path, 'gone') }), true);
  assert.deepEqual([gone.records, gone.looked[0]?.state], [[], 'failed']);
}); // prettier-ignore

test('the control groups in which a session was seen tell of kills as long as they stand', () => {
  const mount = scratchFolder();
  const put = (path: string, text: string) => {
    mkdirSync(join(mount, path, '..'), { recursive: true });
    writeFileSync(join(mount, path), text);
  };
  put('new/memory.events', 'low 0\noom_kill 2\n');
  put('memory/old/memory.oom_control', 'under_oom 0\noom_kill 1\n');
  put('calm/memory.events', 'oom_kill 0\n');
  put('strange/memory.events', 'x\n');
  const read = (...groups: readonly string[]) => readGroups(question({ groups }), mount);
  assert.deepEqual(read('/new', '/old', '/calm', '/strange', '/gone').records, [
    { kind: 'unit_oom', source: 'memory_group', ms: START + 90_000, group: '/new' },
    { kind: 'unit_oom', source: 'memory_group', ms: START + 90_000, group: '/old' },
  ]);
  assert.deepEqual([read('/calm').looked[0]?.state, read('/gone').looked[0]?.state], ['read', 'not_there']);
  assert.match(read().looked[0]?.words ?? '', /no control group/);
});
