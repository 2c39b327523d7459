import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CallSpan } from '../../src/core/failures/callSpans.ts';
import { suspectOf } from '../../src/core/failures/suspect.ts';
import type { Anomaly } from '../../src/core/session/anomaly.ts';
import type { Failures, FailureSource } from '../../src/core/session/failures.ts';
import type { Enrollment } from '../../src/core/session/session.ts';
import { storyFactsOf, type StorySource } from '../../src/sessions/storyFactsOf.ts';
import { TranscriptTail } from '../../src/sessions/transcriptTail.ts';
import { claudeCall, claudePrompt, claudeResult, claudeSays } from '../agents/fixtures.ts';
import { scratchFolder, scratchRoot } from '../logs/scratch.ts';

const MS = Date.UTC(2026, 0, 1);
const at = (second: number) => new Date(MS + second * 1000).toISOString();
const jsonl = (...lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

function source(
  changes: Partial<StorySource> & { readonly files?: Readonly<Record<string, string>> } = {},
): StorySource {
  const { files = {}, ...more } = changes;
  const dir = join(scratchFolder(), 'one');
  mkdirSync(dir);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return {
    dir,
    isRunning: false,
    summary: { end_ts: at(100), exit_code: 1, pid: 7 },
    enrollment: undefined,
    failures: undefined,
    log: undefined,
    oomKills: [],
    forecast: 'soon',
    commandOf: (pid, ticks) => (pid === undefined ? undefined : `command ${pid} ${ticks ?? '-'}`),
    nowMs: MS + 500_000,
    ...more,
  };
}

test('what a summary and an enrollment say of a session is in its story’s facts, and what only a running one has is not', () => {
  const summary = {
    end_ts: at(100), exit_code: -9, signal: 'SIGKILL', duration_seconds: 60, peak_rss_kb: 5, peak_tree_rss_kb: 9, pid: 7,
    verdict: { outcome: 'died', cause: 'killed', layer: 'lifecycle', confidence: 'likely', evidence: [] },
    leftover_processes: [{ pid: 8, start_ticks: 1 }],
  }; // prettier-ignore
  const enrollment = { timeout_seconds: 30, pid: 7 } as Enrollment; // the fields that are looked at
  const ended = storyFactsOf(source({ summary, enrollment, files: { 'stderr.log': 'no\n' } }));
  const { verdict, exitCode, signal, durationSeconds, timeoutSeconds, peakTreeKb, leftovers, lastWords } = ended;
  assert.deepEqual([verdict.cause, exitCode, signal, durationSeconds, timeoutSeconds, peakTreeKb, leftovers], ['killed', -9, 'SIGKILL', 60, 30, 9, 1]);
  assert.deepEqual([lastWords?.lines, ended.silentSeconds, ended.forecast], [['no'], undefined, undefined]);
  const { peak_tree_rss_kb: _tree, ...alone } = summary;
  assert.equal(storyFactsOf(source({ summary: alone })).peakTreeKb, 5);
  const running = source({ isRunning: true, summary: undefined, enrollment, files: { 'stdout.log': 'x\n', 'stderr.log': 'y\n' } });
  for (const [name, second] of [['stdout.log', 400], ['stderr.log', 450]] as const) utimesSync(join(running.dir, name), MS / 1000 + second, MS / 1000 + second);
  const facts = storyFactsOf(running);
  assert.deepEqual([facts.verdict.outcome, facts.lastWords, facts.silentSeconds, facts.forecast], ['running', undefined, 50, 'soon']);
  assert.equal(storyFactsOf(source({ isRunning: true, summary: undefined })).silentSeconds, undefined);
}); // prettier-ignore

test('memory and processes are those of the last sample in which anything lived', () => {
  const ours = { oom_score_adj: 0, tree_rss_kb: 9 };
  const sample = (seq: number, fields: object) => ({ ts: at(seq), seq, event: 'snapshot', vm_rss_kb: 5, ...ours, ...fields });
  const tree = (seq: number, ...processes: readonly object[]) => ({ ts: at(seq), seq, processes });
  const member = { pid: 7, start_ticks: 70, comm: 'claude', rss_kb: 100, wchan: 'do_wait' };
  const child = { pid: 9, ppid: 7, start_ticks: 90, comm: 'cc1', rss_kb: 900 };
  const files = {
    'proc_trace.jsonl': jsonl(
      sample(1, { cgroup_memory_kb: 10, cgroup_memory_limit_kb: 40 }),
      sample(2, { cgroup_memory_kb: 20, cgroup_memory_limit_kb: 40 }),
      sample(3, { cgroup_memory_kb: 99, vm_rss_kb: 0 }),
      sample(4, { cgroup_memory_kb: 99, event: 'exit_snapshot' }),
    ),
    'tree.jsonl': jsonl(tree(1, member, child), tree(2, member, child), tree(3, { ...member, rss_kb: 0 })),
  };
  const facts = storyFactsOf(source({ files }));
  assert.deepEqual(facts.memory, { usedKb: 20, limitKb: 40 });
  assert.deepEqual(facts.processes, [
    { pid: 7, comm: 'claude', command: 'command 7 70', rssKb: 100, wchan: 'do_wait', isTracked: true, isWaitedFor: false },
    { pid: 9, comm: 'cc1', command: 'command 9 90', rssKb: 900, wchan: undefined, isTracked: false, isWaitedFor: true },
  ]);
  const kill = (detail: object) => ({ kind: 'oom_kill', detail }) as Anomaly; // its detail is what tells
  const oomKills = [kill({ killed_pid: 7 }), kill({ killed_pid: 9, killed_comm: 'cc1', limit_kb: 40 }), kill({ killed_pid: 9, killed_rss_kb: 5 }), kill({})];
  assert.deepEqual(storyFactsOf(source({ files, oomKills })).killedForMemory, [
    { pid: 9, comm: 'cc1', command: 'command 9 90', rssKb: 900, limitKb: 40 },
    { pid: 9, comm: undefined, command: 'command 9 90', rssKb: 5, limitKb: undefined },
    { pid: undefined, comm: undefined, command: undefined, rssKb: undefined, limitKb: undefined },
  ]);
  const bare = storyFactsOf(source());
  assert.deepEqual([bare.memory, bare.processes, bare.killedForMemory], [undefined, [], []]);
}); // prettier-ignore

const span = (changes: Partial<CallSpan>): CallSpan => ({
  id: 'a',
  tool_kind: 'shell',
  status: 'ok',
  opened_ts: at(10),
  closed_ts: at(40),
  line: 5,
  ...changes,
});

function logOf(calls: readonly CallSpan[]): NonNullable<StorySource['log']> {
  const texts = { ofCall: ({ id }: CallSpan) => ({ asked: `asked ${id}`, answer: `answer ${id}` }), ofFailure: ({ line }: FailureSource) => ({ asked: `asked at ${line}`, answer: 'no' }) };
  const analyzer = { calls: () => calls, openCalls: () => calls.filter(({ status }) => status === 'open') };
  return { analyzer, texts } as unknown as NonNullable<StorySource['log']>; // what a story asks of them
} // prettier-ignore

test('the call of a story is the one that is open, else the last that came back, with its time before the end', () => {
  const call = (calls: readonly CallSpan[], changes: Partial<StorySource> = {}) => {
    const found = storyFactsOf(source({ log: logOf(calls), ...changes })).call;
    return found && [found.asked, found.answer, found.status, found.seconds].join(' ');
  };
  const open = span({ id: 'o', status: 'open', closed_ts: undefined, opened_ts: at(60) });
  assert.equal(call([]), undefined);
  assert.equal(call([span({})]), 'asked a answer a ok 60');
  assert.equal(call([span({}), span({ id: 'b', status: 'failed', closed_ts: at(90) })]), 'asked b answer b failed 10');
  assert.equal(call([span({}), open]), 'asked o answer o open 40');
  assert.equal(call([open], { isRunning: true }), 'asked o answer o open 440');
  assert.equal(call([span({ closed_ts: at(101) })]), 'asked a answer a ok ', 'another machine’s clock');
  assert.equal(call([span({ closed_ts: undefined })]), 'asked a answer a ok ');
  const days = 30 * 86_400;
  assert.equal(call([span({ closed_ts: at(100 - days) })]), 'asked a answer a ok ');
  assert.equal(call([span({ closed_ts: at(101 - days) })]), `asked a answer a ok ${days - 1}`);
  assert.equal(call([{ ...open, opened_ts: at(100 - days) }], { isRunning: true }), `asked o answer o open ${days + 400}`);
}); // prettier-ignore

test('the failure of a story is the last of what ended the session, and says whether anything came after it', () => {
  const failure = (rest: Partial<FailureSource>): FailureSource => ({ category: 'network', rule: 'dns', confidence: 'likely', handle: 'src:0:L1', line: 5, ts: null, ...rest });
  const failures = (changes: Partial<Failures>): Failures => ({
    format: 'claude_transcript', total_lines: 9, malformed_lines: 0, counts: {}, unclosed_turns: { at_end: 0, in_middle: 0 }, unclosed_calls: 0,
    first_ts: null, last_ts: null, sources: [], suspect: suspectOf({ counts: {}, firm: {}, unclosed: 0 }), ...changes,
  });
  const told = (changes: Partial<Failures>, calls: readonly CallSpan[] = []) => storyFactsOf(source({ failures: failures(changes), log: logOf(calls) })).failure;
  assert.equal(told({}), undefined);
  assert.deepEqual(told({ sources: [failure({ detail: 'dns', exit_code: 6 })] }), {
    category: 'network', detail: 'dns', exitCode: 6, asked: 'asked at 5', answer: 'no', isLast: false, hasEndedIt: false, handle: 'src:0:L1',
  });
  const open = failure({ category: 'unknown', rule: 'call_open_at_end', line: 8 });
  assert.equal(told({ sources: [failure({}), open, failure({ category: 'unknown', rule: 'turn_open_at_end' })] })?.category, 'network');
  const both = [failure({}), failure({ category: 'model', line: 7, handle: '' })];
  assert.deepEqual([told({ sources: both })?.category, told({ sources: both })?.handle], ['model', undefined]);
  const ended = told({ sources: both, ended_by: 'network' });
  assert.deepEqual([ended?.category, ended?.isLast, ended?.hasEndedIt], ['network', true, true]);
  assert.equal(told({ sources: [failure({})], format: 'captured_output' })?.hasEndedIt, true);
  const failed = span({ status: 'failed', line: 5 });
  assert.equal(told({ sources: [failure({})] }, [failed])?.isLast, true);
  assert.equal(told({ sources: [failure({ line: 4 })] }, [failed])?.isLast, false);
  assert.equal(told({ sources: [failure({})] }, [failed, span({ line: 6 })])?.isLast, false);
}); // prettier-ignore

test('an agent’s log is read on from where it was, and from its beginning when it was replaced', () => {
  const path = join(scratchFolder(), 'claude.jsonl');
  const time = (second: number) => ({ timestamp: at(second) });
  writeFileSync(path, jsonl(claudePrompt('one', time(1)), claudeCall('t1', 'Bash', { command: 'make' }, time(2))));
  const tail = new TranscriptTail(scratchRoot());
  assert.deepEqual([tail.read(), tail.calls(), tail.failures(), tail.log], [false, [], undefined, undefined]);
  tail.follow(path);
  assert.equal(tail.read(), true);
  assert.equal(tail.read(), false, 'nothing new');
  const open = { startMs: MS + 2000, endMs: undefined, tool_kind: 'shell', status: 'open', asked: 'make', answer: undefined } as const;
  assert.deepEqual(tail.calls(), [open]);
  appendFileSync(path, jsonl(claudeResult('t1', 'Exit code 2\nno rule', true, time(5)), claudeSays('done', time(6))));
  assert.equal(tail.read(), true);
  assert.deepEqual(tail.calls(), [{ ...open, endMs: MS + 5000, status: 'failed', answer: 'no rule' }]);
  assert.deepEqual([1999, 2000, 4999, 5000].map((ms) => tail.callsOpenAt(MS + ms).length), [0, 1, 1, 0]);
  assert.equal(tail.failures()?.counts.command_exit, 1);
  tail.follow(path);
  assert.equal(tail.calls().length, 1, 'the same log');
  writeFileSync(path, jsonl(claudePrompt('two', time(9))));
  assert.equal(tail.read(), true);
  assert.deepEqual([tail.calls(), tail.failures()?.counts], [[], {}]);
  const other = join(scratchFolder(), 'other.jsonl');
  const many = Array.from({ length: 2300 }, () => claudeSays('x'.repeat(1000), time(2)));
  writeFileSync(other, jsonl(claudePrompt('x', time(1)), ...many, claudeCall('t1', 'Bash', { command: 'make' }, time(3))));
  tail.follow(other);
  assert.equal(tail.read(), true);
  assert.equal(tail.isBehind, true);
  tail.finish();
  assert.equal(tail.read(), true);
  assert.equal(tail.isBehind, false);
  tail.finish();
  assert.equal(tail.failures()?.sources.some(({ rule }) => rule === 'call_open_at_end'), true);
  tail.follow(join(other, 'gone'));
  assert.equal(tail.read(), false);
}); // prettier-ignore
