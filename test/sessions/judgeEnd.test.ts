import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deathFacts, NO_OOM_FACTS, type DeathFacts } from '../../src/core/death/deathFacts.ts';
import type { Enrollment } from '../../src/core/session/session.ts';
import { judgeEnd, type JudgedEnd } from '../../src/sessions/judgeEnd.ts';
import { claudeCall, claudePrompt, claudeResult, stream } from '../agents/fixtures.ts';
import { scratchRoot } from '../logs/scratch.ts';

const AT = '2026-02-03T04:05:10.000+00:00';
const code = (value: number) => ({ exit: { code: value, signal: null } });

interface Ended {
  readonly enrollment?: Partial<Enrollment>;
  readonly facts?: Partial<DeathFacts>;
  readonly stdout?: string;
  readonly stderr?: string;
  /** Claude's own log of the session whose id is in the command. */
  readonly log?: string;
}

const ID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const jsonl = (...lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

function ended({
  enrollment,
  facts,
  stdout,
  stderr,
  log,
}: Ended): JudgedEnd & { readonly home: string; readonly sessions: string } {
  const root = scratchRoot();
  const home = join(root.path, 'home');
  const dir = join(root.running, 'sess-a');
  mkdirSync(dir, { recursive: true });
  if (stdout !== undefined) writeFileSync(join(dir, 'stdout.log'), stdout);
  if (stderr !== undefined) writeFileSync(join(dir, 'stderr.log'), stderr);
  if (log !== undefined) {
    const folder = join(home, '.claude/projects/-srv-app');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${ID}.jsonl`), log);
  }
  const whole: Enrollment = {
    schema_version: 1, session_id: 'sess-a', enrolled_at: '2026-02-03T04:05:00.000+00:00', boot_id: 'b', pid: 100, starttime_ticks: 1, comm: 'claude',
    recorder: { pid: 4, starttime_ticks: 1 }, via: [], spawned: null, mode: 'run', agent: 'claude', cwd: '/srv/app', skill_command: 'claude -p x',
    label: null, interval_seconds: 5, timeout_seconds: null, cores: 1, ...enrollment,
  }; // prettier-ignore
  const base = deathFacts({ mode: 'run', at: AT, trackedPid: 100, trackedComm: 'claude', oom: NO_OOM_FACTS });
  const judged = judgeEnd({ enrollment: whole, facts: { ...base, ...facts }, dir }, root, { env: {}, home });
  return { ...judged, home, sessions: root.sessions };
}

const told = ({ verdict: { outcome, cause, layer } }: JudgedEnd) => `${outcome} ${cause} ${layer}`;
const NOT_FOUND = 'bash: line 1: frob: command not found\n';
const NAMED = { skill_command: `claude -p x --session-id ${ID}` };

test('without a log of its own a command that failed is judged by what it printed last, under the name it will have', () => {
  const failed = ended({ enrollment: { agent: 'other' }, facts: code(127), stderr: `one\ntwo\n${NOT_FOUND}` });
  const [source, ...more] = failed.failures?.sources ?? [];
  assert.equal(more.length, 0);
  assert.deepEqual([source?.category, source?.detail, source?.line, source?.exit_code, source?.ts], ['missing_dependency', 'program', 3, 127, AT]);
  assert.match(source?.handle ?? '', /^src:[0-9a-f]{12}:L3$/);
  assert.equal(failed.transcript, undefined);
  const printed = ended({ enrollment: { agent: 'other' }, facts: code(127), stdout: NOT_FOUND });
  assert.deepEqual(printed.failures?.counts, { missing_dependency: 1 });
  for (const [why, silent] of [
    ['it succeeded', { enrollment: { agent: 'other' }, facts: code(0), stderr: NOT_FOUND }],
    ['its end is unknown', { enrollment: { agent: 'other' }, facts: { exit: undefined }, stderr: NOT_FOUND }],
    ['a signal ended it', { enrollment: { agent: 'other' }, facts: { exit: { code: null, signal: 'SIGKILL' } }, stderr: NOT_FOUND }],
    ['a known agent answers on stdout', { facts: code(127), stdout: NOT_FOUND }],
    ['nothing was captured', { enrollment: { agent: 'other' }, facts: code(1) }],
  ] as const)
    assert.equal(ended(silent).failures, undefined, why);
  assert.deepEqual(ended({ facts: code(127), stderr: NOT_FOUND }).failures?.counts, { missing_dependency: 1 });
}); // prettier-ignore

const RESULT = stream('result', {
  subtype: 'success',
  is_error: false,
  num_turns: 2,
  result: 'done',
  permission_denials: [],
});
const INIT = stream('system', { subtype: 'init', cwd: '/srv/app', tools: [] });

test('what an agent printed as a stream is its log, and moves with the session', () => {
  const answered = ended({ facts: code(0), stdout: jsonl(INIT, RESULT) });
  assert.equal(told(answered), 'succeeded completed none');
  assert.equal(answered.transcript, join(answered.sessions, 'sess-a/stdout.log'));
  assert.equal(answered.failures?.format, 'claude_stream');
  const cut = ended({ facts: code(0), stdout: jsonl(INIT) });
  assert.deepEqual([told(cut), cut.verdict.evidence.at(-1)?.name], ['incomplete ended_mid_task unknown', 'no_result']);
});

test('its own log is found by the id in its command, and tells together with what was printed', () => {
  const log = jsonl(claudePrompt('do it'), claudeCall('t1', 'Bash', { command: 'make' }), claudeResult('t1', 'Exit code 127\nbash: frob: command not found', true));
  const own = ended({ enrollment: NAMED, facts: code(0), log, stdout: 'done\n' });
  assert.equal(own.transcript, join(own.home, `.claude/projects/-srv-app/${ID}.jsonl`));
  assert.deepEqual(own.failures?.counts, { missing_dependency: 1, unknown: 1 });
  assert.equal(told(own), 'incomplete ended_mid_task unknown');
  const both = ended({ enrollment: NAMED, facts: code(0), log, stdout: jsonl(INIT, RESULT) });
  assert.equal(told(both), 'succeeded completed none', 'what was printed ends with a result');
  assert.equal(both.failures?.counts.missing_dependency, 1);
  const never = ended({ enrollment: NAMED, facts: { launchError: { code: 'ENOENT' }, exit: undefined }, log });
  assert.deepEqual([told(never), never.transcript, never.failures], ['failed launch_failed environment', undefined, undefined]);
}); // prettier-ignore

test('a command of its own that named it is told as what ended it', () => {
  const killing = (command: string, enrollment: Partial<Enrollment> = {}, facts: Partial<DeathFacts> = {}) => {
    const log = jsonl(claudePrompt('do it'), claudeCall('t1', 'Bash', { command }));
    const signal = { exit: { code: null, signal: 'SIGTERM' } };
    const { verdict } = ended({ enrollment: { ...NAMED, ...enrollment }, facts: { ...signal, ...facts }, log });
    const found = verdict.evidence.find(({ kind }) => kind === 'own_command');
    return found && `${found.name} ${found.relation ?? 'perhaps'}`;
  };
  assert.equal(killing('pkill claude'), 'pkill itself');
  assert.equal(killing('pkill codex'), undefined);
  assert.equal(killing('kill 100'), 'kill itself');
  assert.equal(killing('kill 101'), undefined);
  assert.equal(killing('kill 101', { pid: 101 }), 'kill itself');
  assert.equal(killing('kill 102', { spawned: { pid: 102, starttime_ticks: 1 } }), 'kill itself');
  assert.equal(killing('kill 103', { launcher: { pid: 103, starttime_ticks: 1 } }), 'kill itself');
  assert.equal(killing('kill $PID'), 'kill perhaps');
  assert.equal(killing('killall node'), undefined);
  for (const trackedComm of ['node', 'MainThread', 'node-MainThread'])
    assert.equal(killing('killall node', {}, { trackedComm }), 'killall itself', trackedComm);
  assert.equal(killing('pkill -f session-id'), 'pkill itself');
  assert.equal(killing(`pkill -f 'node claude -p'`), undefined, 'no Node runs it');
  assert.equal(killing(`pkill -f 'node claude -p'`, {}, { trackedComm: 'node' }), 'pkill itself');
  assert.equal(killing('killall wrapper', { skill_command: `/opt/bin/wrapper --session-id ${ID}` }), 'killall itself');
  assert.equal(killing('killall agent-main', {}, { trackedComm: 'agent-main' }), 'killall itself');
  assert.equal(killing('make'), undefined);
});

test('an agent that wrote no log has said why in its last line', () => {
  const last = ended({ enrollment: { agent: 'codex', skill_command: 'codex exec x' }, facts: code(1), stderr: '{"status":"error","message":"401 Incorrect API key"}\n' });
  assert.equal(last.transcript, join(last.sessions, 'sess-a/stderr.log'));
  assert.deepEqual([last.failures?.sources[0]?.category, last.failures?.sources[0]?.detail], ['network', 'auth']);
}); // prettier-ignore
