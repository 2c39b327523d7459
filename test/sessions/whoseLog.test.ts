import assert from 'node:assert/strict';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { LogRoot } from '../../src/logs/logRoot.ts';
import { otherSessions } from '../../src/sessions/otherSessions.ts';
import { TranscriptSessions } from '../../src/sessions/transcriptSessions.ts';
import { addSession, scratchFolder, scratchRoot } from '../logs/scratch.ts';

const START = '2026-01-01T00:00:00.000Z';
const startMs = Date.parse(START);
const at = (second: number) => new Date(startMs + second * 1000).toISOString();
const OWN = { session_id: 'sess-own', agent: 'claude', cwd: '/srv/a', enrolled_at: at(100) } as const;

function addRunning(root: LogRoot, name: string, changes: object, sampledSecond?: number): void {
  const dir = join(root.running, name);
  mkdirSync(dir, { recursive: true });
  const enrollment = {
    schema_version: 1, session_id: name, enrolled_at: at(90), boot_id: 'b', pid: 5, starttime_ticks: 1, comm: 'claude',
    recorder: { pid: 4, starttime_ticks: 1 }, via: [], spawned: null, mode: 'run', agent: 'claude', cwd: '/srv/a',
    skill_command: 'claude -p x', label: null, interval_seconds: 5, timeout_seconds: null, cores: 1, ...changes,
  }; // prettier-ignore
  writeFileSync(join(dir, 'enrollment.json'), JSON.stringify(enrollment));
  if (sampledSecond === undefined) return;
  const trace = join(dir, 'proc_trace.jsonl');
  writeFileSync(trace, '');
  utimesSync(trace, startMs / 1000 + sampledSecond, startMs / 1000 + sampledSecond);
}

const ID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';

function addEnded(root: LogRoot, name: string, line: object, summary: object): void {
  const index = {
    session_id: name, dir_name: name, timestamp: at(50), cwd: '/srv/a', skill_command: 'claude -p x', success: true, subtype: 'success',
    exit_code: 0, snapshot_count: 1, anomaly_count: 0, peak_rss_kb: 1, peak_oom_score: 1, duration_seconds: 60, ...line,
  }; // prettier-ignore
  writeFileSync(root.index, `${JSON.stringify(index)}\n`, { flag: 'a' });
  addSession(root, name, { 'summary.json': { ...index, start_ts: at(50), agent: 'claude', ...summary } });
}

test('another session is one of the same agent in the same folder that ran at the same time', () => {
  const others = (fill: (root: LogRoot) => void) => {
    const root = scratchRoot();
    fill(root);
    const { logs, ids, unplaced } = otherSessions(root, OWN);
    return { logs: [...logs], ids: [...ids], unplaced };
  };
  const NONE = { logs: [], ids: [], unplaced: 0 };
  const ONE = { ...NONE, unplaced: 1 };
  for (const [what, changes, sampled, expected] of [
    ['its like', {}, undefined, ONE],
    ['sampled after our start', {}, 101, ONE],
    ['sampled at our start', {}, 100, ONE],
    ['left behind by a dead recorder', {}, 99, NONE],
    ['another agent', { agent: 'codex' }, undefined, NONE],
    ['another folder', { cwd: '/srv/b' }, undefined, NONE],
    ['an id of its own', { skill_command: `claude -p x --session-id ${ID}` }, undefined, { ...NONE, ids: [ID] }],
  ] as const)
    assert.deepEqual(others((root) => addRunning(root, 'sess-b', changes, sampled)), expected, what);
  assert.deepEqual(others((root) => addRunning(root, 'sess-own', {})), NONE, 'ourselves');
  const log = '/home/me/log.jsonl';
  for (const [what, line, summary, expected] of [
    ['with a log', {}, { transcript: log }, { ...NONE, logs: [log] }],
    ['without one', {}, {}, ONE],
    ['its end was our start', { timestamp: at(40) }, {}, ONE],
    ['it ended before our start', { timestamp: at(39) }, {}, NONE],
    ['another folder', { cwd: '/srv/b' }, {}, NONE],
    ['another agent', {}, { agent: 'codex' }, NONE],
    ['an id of its own', { skill_command: `claude --resume ${ID} -p x` }, {}, { ...NONE, ids: [ID] }],
  ] as const)
    assert.deepEqual(others((root) => addEnded(root, 'sess-c', line, summary)), expected, what);
  assert.deepEqual(others((root) => addEnded(root, 'sess-own', {}, {})), NONE, 'ourselves');
  const captured = others((root) => addEnded(root, 'sess-c', {}, { transcript: join(root.sessions, 'sess-c/stdout.log') }));
  assert.deepEqual(captured, ONE, 'what it printed is no log that another could have');
}); // prettier-ignore

test('a log is of the session that names it and ran when it was written, a minute more or less', () => {
  const log = join(scratchFolder(), 'claude.jsonl');
  writeFileSync(log, '');
  const verdict = { outcome: 'died', cause: 'oom_kill', layer: 'environment', confidence: 'certain', evidence: [] };
  const root = scratchRoot();
  addEnded(root, 'sess-a', { timestamp: at(100), duration_seconds: 100 }, { transcript: log, verdict });
  const causeOf = (path: string, first: string | null, last: string | null) =>
    new TranscriptSessions(() => [root]).verdictOf(path, { first_ts: first, last_ts: last })?.cause;
  for (const [first, last, expected] of [
    [at(100), at(200), 'oom_kill'],
    [at(0), at(40), 'oom_kill'],
    [at(0), at(39.9), undefined],
    [at(260), at(300), 'oom_kill'],
    [at(260.1), at(300), undefined],
    [null, null, 'oom_kill'],
    [at(1000), null, undefined],
    [null, at(0), undefined],
  ] as const)
    assert.equal(causeOf(log, first, last), expected, `${first} ${last}`);
  assert.equal(causeOf(join(dirname(log), 'other.jsonl'), at(100), at(200)), undefined);
  const unknown = scratchRoot();
  addEnded(unknown, 'sess-a', { timestamp: at(100), duration_seconds: null }, { transcript: log, verdict });
  const longer = new TranscriptSessions(() => [unknown]);
  assert.equal(longer.verdictOf(log, { first_ts: at(1e6), last_ts: at(1e6) })?.cause, 'oom_kill', 'its length is not known');
}); // prettier-ignore

test('of several sessions that name a log the newest counts, what was captured is of its folder, and what runs has no verdict', () => {
  const log = join(scratchFolder(), 'claude.jsonl');
  writeFileSync(log, '');
  const root = scratchRoot();
  const verdict = (cause: string) => ({ outcome: 'died', cause, layer: 'environment', confidence: 'certain', evidence: [] });
  addEnded(root, 'sess-a', { timestamp: at(100) }, { transcript: log, verdict: verdict('oom_kill') });
  const sessions = new TranscriptSessions(() => [root]);
  const ask = (path: string) => sessions.verdictOf(path, { first_ts: at(100), last_ts: at(101) })?.cause;
  assert.equal(ask(log), 'oom_kill');
  addEnded(root, 'sess-b', { timestamp: at(101) }, { transcript: log, verdict: verdict('crashed') });
  assert.equal(ask(log), 'crashed', 'the index has grown');
  addEnded(root, 'sess-c', { timestamp: at(90_000) }, { verdict: verdict('killed') });
  assert.equal(ask(join(root.sessions, 'sess-c/stdout.log')), 'killed');
  addRunning(root, 'sess-d', {});
  assert.equal(ask(join(root.running, 'sess-d/stdout.log')), undefined);
  assert.equal(ask(join(root.path, 'elsewhere/sess-c/stdout.log')), undefined);
}); // prettier-ignore
