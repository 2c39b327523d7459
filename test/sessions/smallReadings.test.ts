import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createRedactor } from '../../src/core/privacy/redact.ts';
import { excerptsOf } from '../../src/sessions/excerpts.ts';
import { judgedTrace } from '../../src/sessions/judgedTrace.ts';
import { knownEnd } from '../../src/sessions/knownEnd.ts';
import { knownFailures } from '../../src/sessions/knownFailures.ts';
import { lastSamples, momentsOf } from '../../src/sessions/lastSamples.ts';
import { readLastWord } from '../../src/sessions/lastWord.ts';
import { linkTranscript } from '../../src/sessions/linkTranscript.ts';
import { printedLast } from '../../src/sessions/printedLast.ts';
import { readTimedTurns } from '../../src/sessions/timedTurns.ts';
import { readSummary } from '../../src/logs/sessionFiles.ts';
import { claudeCall, claudePrompt, claudeResult, claudeSays } from '../agents/fixtures.ts';
import { addSession, scratchFolder, scratchRoot } from '../logs/scratch.ts';

const jsonl = (...lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

function folderWith(files: Readonly<Record<string, string>>): string {
  const dir = join(scratchFolder(), 'one');
  mkdirSync(dir);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

test('what a session printed last is its stderr, else its stdout, and never the stream of an agent', () => {
  const last = (files: Readonly<Record<string, string>>) => {
    const found = printedLast(folderWith(files));
    return found && `${found.stream}: ${found.lines.join('|')}`;
  };
  assert.equal(last({}), undefined);
  assert.equal(last({ 'stderr.log': 'no\n', 'stdout.log': 'yes\n' }), 'stderr: no');
  assert.equal(last({ 'stderr.log': ' \n\n', 'stdout.log': 'a\n\nb\n' }), 'stdout: a|b');
  assert.equal(last({ 'stdout.log': 'a\n{"type":"x"}\nb\n' }), undefined);
  assert.equal(last({ 'stdout.log': 'a {"type":"x"}\n' }), 'stdout: a {"type":"x"}');
  assert.equal(last({ 'stderr.log': '\u001b[31;1mred\u001b[0m and\u001b[?25l plain\r\n10%\r55%\r100%\n' }), 'stderr: red and plain|100%');
  const many = Array.from({ length: 70 }, (_, n) => `line ${n}`).join('\n');
  assert.equal(printedLast(folderWith({ 'stderr.log': `${many}\n` }))?.lines.length, 60);
  assert.equal(printedLast(folderWith({ 'stderr.log': `${many}\n` }))?.lines.at(-1), 'line 69');
}); // prettier-ignore

test('the end of a series is read with the tree of the same number, and a tree of thousands of processes too', () => {
  const sample = (seq: number) => ({ ts: '2026-01-01T00:00:00Z', seq, event: 'snapshot', vm_rss_kb: seq });
  const tree = (seq: number, count: number) => ({ ts: '', seq, processes: Array.from({ length: count }, (_, n) => ({ pid: n + 1, comm: 'x'.repeat(40) })) });
  const dir = folderWith({
    'proc_trace.jsonl': `${jsonl(sample(1), sample(2))}torn\n${jsonl(sample(3))}`,
    'tree.jsonl': jsonl(tree(1, 6000), tree(3, 6000)),
  });
  const samples = lastSamples(dir);
  assert.deepEqual(samples.snapshots.map(({ seq }) => seq), [1, 2, 3]);
  assert.deepEqual(momentsOf(samples).map(({ tree: of }) => of?.processes.length), [6000, undefined, 6000]);
  assert.deepEqual(lastSamples(folderWith({})), { snapshots: [], trees: [] });
}); // prettier-ignore

test('an agent that says no more than one line of JSON on stderr has said why, with the number of that line', () => {
  const root = scratchRoot();
  const why = '{"status":"error","message":"401 Incorrect API key"}';
  const lastWord = (stderr: string | undefined, agent: 'codex' | 'other' = 'codex') => {
    const dir = folderWith(stderr === undefined ? {} : { 'stderr.log': stderr });
    const found = readLastWord({ agent, session_id: 'sess-a' }, dir, root);
    const [source] = found?.analyzer.snapshotOf().sources ?? [];
    return found && [found.path.endsWith('sess-a/stderr.log'), source?.category, source?.detail, source?.line];
  };
  assert.deepEqual(lastWord(`warning: old\n${why}\n\n`), [true, 'network', 'auth', 2]);
  assert.equal(lastWord(`${why}\nand more\n`), undefined);
  assert.equal(lastWord(why, 'other'), undefined);
  assert.equal(lastWord(undefined), undefined);
  assert.equal(lastWord('{"status":"error","time":1}\n'), undefined);
  assert.equal(lastWord('{"status":"ok"}\n'), undefined);
  assert.equal(lastWord('{"status":"error"\n'), undefined);
  assert.equal(lastWord('[1]\n'), undefined);
});

test('a session is counted as dead when it died or was lost, by its account alone', () => {
  const end = (summary: object | undefined) =>
    knownEnd(folderWith(summary === undefined ? {} : { 'summary.json': JSON.stringify(summary) }));
  const verdict = (outcome: string, cause: string) => ({ verdict: { outcome, cause, layer: 'unknown', confidence: 'likely', evidence: [] } });
  for (const [outcome, cause, isDeath] of [
    ['died', 'oom_kill', true],
    ['lost', 'vanished', true],
    ['failed', 'exit_nonzero', false],
    ['succeeded', 'completed', false],
    ['incomplete', 'ended_mid_task', false],
    ['stopped', 'interrupted', false],
  ] as const)
    assert.equal(end({ session_id: 'a', ...verdict(outcome, cause) })?.isDeath, isDeath, outcome);
  assert.equal(end(undefined), undefined);
}); // prettier-ignore

/** Lines of somebody's trace that names no mode. */
function trace(count: number, changes: object = {}): string {
  return jsonl(
    ...Array.from({ length: count }, (_, seq) => ({
      ts: new Date(1_767_225_600_000 + seq * 5000).toISOString(), seq, event: 'snapshot', comm: 'claude', state: 'running', vm_rss_kb: 100_000,
      threads: 1, fd_count: 9, fd_soft_limit: 10, oom_score: seq === 2 ? 850 : 100, sig_pnd: '0000000000000000', wchan: '', cpu_percent: 1, ...changes,
    })),
  ); // prettier-ignore
}

test('a trace is judged anew with what lies beside it: its pid, its name, and damaged lines are counted', () => {
  const judged = (dir: string, name: string, isStandard = true) => {
    const found: string[] = [];
    const bad = judgedTrace(join(dir, name), isStandard).judge(({ kind, pid }) => found.push(`${kind} ${pid}`));
    return { found: [...new Set(found)].toSorted(), bad };
  };
  const alone = folderWith({ 'autoskillit_trace_4711.jsonl': `${trace(4)}torn{\n`, 'other.jsonl': trace(4) });
  assert.deepEqual(judged(alone, 'autoskillit_trace_4711.jsonl'), {
    found: ['fd_high 4711', 'oom_critical 4711', 'oom_spike 4711'],
    bad: 1,
  });
  assert.deepEqual(judged(alone, 'other.jsonl').found[0], 'fd_high undefined');
  const known = folderWith({
    'proc_trace.jsonl': trace(4, { comm: 'node' }),
    'summary.json': JSON.stringify({ pid: 12, tracked_comm: 'claude' }),
  });
  assert.deepEqual(judged(known, 'proc_trace.jsonl').found, [
    'fd_high 12',
    'identity_drift 0',
    'oom_critical 12',
    'oom_spike 12',
  ]);
  assert.throws(() => judgedTrace(join(alone, 'none.jsonl'), true));
});

/** A log of Claude Code in which a command failed, and its answer. */
function claudeLog(error: string): string {
  return jsonl(
    claudePrompt('do it'),
    claudeCall('t1', 'Bash', { command: 'make' }),
    claudeResult('t1', error, true),
    claudeSays('done'),
  );
}

test('excerpts are the first lines of what failed, redacted, at most three and four hundred characters', () => {
  const root = scratchRoot();
  const log = join(scratchFolder(), 'claude.jsonl');
  writeFileSync(log, claudeLog(`Exit code 127\nbash: frob: command not found in /srv/acme\n\n  \nthird ${'x'.repeat(500)}\nfourth`));
  const dir = addSession(root, 'sess-a', {
    'summary.json': { session_id: 'sess-a', dir_name: 'sess-a', agent: 'claude', transcript: log, claude_code_log: log, success: true },
  });
  const place = { name: 'sess-a', dir, state: 'finished' } as const;
  const redactor = createRedactor({ identity: {}, secrets: [] });
  const [excerpt, ...more] = excerptsOf({ root, place }, redactor);
  assert.equal(more.length, 0);
  assert.match(excerpt?.text ?? '', /^bash: frob: command not found in \[redacted:path\]\nthird x+$/);
  assert.equal(excerpt?.text.length, 400);
  assert.equal(excerpt?.handle, knownFailures(root, place, readSummary(dir))?.sources[0]?.handle);
  const bare = addSession(root, 'sess-b');
  assert.deepEqual(excerptsOf({ root, place: { name: 'sess-b', dir: bare, state: 'finished' } }, redactor), []);
}); // prettier-ignore

test("an account's own failures are told; without any the agent's log is read, joined to the verdict", () => {
  const root = scratchRoot();
  const log = join(scratchFolder(), 'claude.jsonl');
  writeFileSync(log, claudeLog('Exit code 137'));
  const verdict = { outcome: 'succeeded', cause: 'completed', layer: 'none', confidence: 'certain', evidence: [] };
  const base = { session_id: 'a', dir_name: 'a', agent: 'claude', transcript: log, verdict };
  let count = 0;
  const failures = (changes: object) => {
    const summary = { ...base, ...changes };
    const dir = addSession(root, `sess-${(count += 1)}`, { 'summary.json': summary });
    return knownFailures(root, { name: 'a', dir, state: 'finished' }, summary);
  };
  assert.equal(failures({})?.counts.command_exit, 1);
  assert.equal(failures({ failures: null }), undefined);
  assert.equal(failures({ transcript: join(log, 'gone') }), undefined);
  const told = failures({ failures: { format: 'claude_transcript', total_lines: 7, counts: {}, sources: [] } });
  assert.equal(told?.total_lines, 7);
});

test('a session that is told which log is its own knows its failures from then on, and forgets the candidates', () => {
  const root = scratchRoot();
  const log = join(scratchFolder(), 'claude.jsonl');
  writeFileSync(log, claudeLog('Exit code 127\nbash: frob: command not found'));
  const summary = { session_id: 'sess-a', dir_name: 'sess-a', transcript_candidates: [log], theirs: 1, success: true };
  const dir = addSession(root, 'sess-a', { 'summary.json': summary });
  const told = linkTranscript({ root, place: { name: 'sess-a', dir, state: 'finished' } }, log);
  assert.deepEqual(told?.counts, { missing_dependency: 1 });
  const { failures, ...kept } = readSummary(dir) ?? {};
  assert.deepEqual(kept, { session_id: 'sess-a', dir_name: 'sess-a', theirs: 1, success: true, transcript: log });
  assert.deepEqual(failures, JSON.parse(JSON.stringify(told)));
  const bare = join(root.sessions, 'sess-b');
  mkdirSync(bare);
  assert.equal(linkTranscript({ root, place: { name: 'sess-b', dir: bare, state: 'finished' } }, log), undefined);
});

test('turns and calls of a log stand at their times; a call that never came back has no end', () => {
  const at = (second: number) => ({ timestamp: new Date(1_767_225_600_000 + second * 1000).toISOString() });
  const log = join(scratchFolder(), 'claude.jsonl');
  writeFileSync(
    log,
    jsonl(
      claudePrompt('one', at(0)),
      claudeCall('t1', 'Bash', { command: 'make' }, at(2)),
      claudeResult('t1', 'ok', false, at(5)),
      claudeSays('done', at(7)),
      claudePrompt('two', at(20)),
      claudeCall('t2', 'Read', { file_path: '/a' }, at(21)),
      claudeResult('t2', 'File does not exist.', true, at(22)),
      claudeCall('t3', 'Bash', { command: 'make' }, at(30)),
    ),
  );
  const relative = (ms: number | undefined) => (ms === undefined ? undefined : (ms - 1_767_225_600_000) / 1000);
  const told = readTimedTurns(log).map(({ startMs, endMs, calls }) => [
    relative(startMs),
    relative(endMs),
    ...calls.map((call) => `${call.tool_kind} ${call.status} ${relative(call.startMs)}-${relative(call.endMs) ?? ''}`),
  ]);
  assert.deepEqual(told, [
    [0, 7, 'shell ok 2-5'],
    [20, 30, 'read failed 21-22', 'shell open 30-'],
  ]);
  assert.deepEqual(readTimedTurns(join(log, 'gone')), []);
});
