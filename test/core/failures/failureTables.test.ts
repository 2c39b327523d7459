import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failuresOfOutput } from '../../../src/core/failures/capturedOutput.ts';
import { failureTrend } from '../../../src/core/failures/failureTrend.ts';
import { joinEvidence } from '../../../src/core/failures/joinEvidence.ts';
import { joinStories } from '../../../src/core/failures/joinStories.ts';
import {
  layerOf,
  suspectedLayer,
  suspectOf,
  suspectTitle,
  type SuspectEvidence,
} from '../../../src/core/failures/suspect.ts';
import type { Failures, FailureSource } from '../../../src/core/session/failures.ts';
import type { Evidence, Verdict } from '../../../src/core/session/verdict.ts';
import {
  CAUSES,
  FAILURE_CATEGORIES,
  LAYERS,
  OUTCOMES,
  type Cause,
  type FailureCategory,
} from '../../../src/core/words/vocabulary.ts';

/* Whom a session's failures speak against, and what its processes say of them: rows that a person reads. */

const LAYER_OF: Readonly<Record<string, string>> = {
  environment: 'network sandbox_approval missing_dependency timeout resource',
  tool: 'tool_schema command_exit',
  lifecycle: 'background_job',
  model: 'model',
  undefined: 'unknown benign',
};

test('each category of failures belongs to one layer, and each layer has a title', () => {
  const listed = Object.values(LAYER_OF).flatMap((categories) => categories.split(' '));
  assert.deepEqual(listed.toSorted(), [...FAILURE_CATEGORIES, 'benign'].toSorted());
  for (const [layer, categories] of Object.entries(LAYER_OF))
    for (const category of categories.split(' ')) assert.equal(String(layerOf(category as FailureCategory)), layer, category);
  assert.deepEqual(LAYERS.map(suspectTitle), [
    'No failures found in the log',
    'Environment suspect',
    'Tool suspect',
    'Model suspect',
    'Lifecycle suspect',
    'Too little evidence to suspect anything',
    'Too little evidence to suspect anything',
  ]);
  assert.deepEqual([...LAYERS, null, 'newer'].map(suspectedLayer), [
    undefined, 'environment', 'tool', 'model', 'lifecycle', 'user', undefined, undefined, 'newer',
  ]);
}); // prettier-ignore

const AT = '2026-01-01T10:00:00.000Z';
const at = (seconds: number) => new Date(Date.parse(AT) + seconds * 1000).toISOString();

function source(rest: Partial<FailureSource> = {}): FailureSource {
  return {
    category: 'command_exit',
    rule: 'exit_nonzero',
    confidence: 'certain',
    handle: 'src:0:L7',
    line: 7,
    ts: AT,
    ...rest,
  };
}

test('a suspicion is as sure as its firm part is large, and says what it rests on', () => {
  const said = (evidence: Partial<SuspectEvidence>) => {
    const { layer, confidence, because, sentence } = suspectOf({ counts: {}, firm: evidence.counts ?? {}, unclosed: 0, ...evidence });
    return `${layer} ${confidence} [${because.join(' ')}] ${sentence}`;
  };
  const open = (tool_kind: FailureSource['tool_kind'], rule: FailureSource['rule'] = 'call_open_at_end') =>
    source({ category: 'unknown', rule, ...(tool_kind !== undefined && { tool_kind }) });
  for (const [evidence, expected] of [
    [{ counts: { network: 2 } }, 'environment possible [network] Environment suspect: 2 of 2 failures are network failures.'],
    [{ counts: { network: 3 } }, 'environment likely [network] Environment suspect: 3 of 3 failures are network failures; the model was not at fault.'],
    [{ counts: { network: 4, command_exit: 2 } }, 'environment likely [network] Environment suspect: 4 of 6 failures are network failures; the model was not at fault.'],
    [{ counts: { network: 4, command_exit: 3 } }, 'environment possible [network] Environment suspect: 4 of 7 failures are network failures.'],
    [{ counts: { network: 3, tool_schema: 1 } }, 'environment likely [network] Environment suspect: 3 of 4 failures are network failures.'],
    [{ counts: { network: 1, timeout: 3 } }, 'environment likely [timeout network] Environment suspect: 4 of 4 failures are timeout or network failures; the model was not at fault.'],
    [{ counts: { network: 1, timeout: 3, resource: 2 } }, 'environment likely [timeout resource network] Environment suspect: 6 of 6 failures are timeout, resource or network failures; the model was not at fault.'],
    [{ counts: { tool_schema: 3 } }, 'tool likely [tool_schema] Tool suspect: 3 of 3 failures are tool schema failures.'],
    [{ counts: { model: 3 } }, 'model likely [model] Model suspect: 3 of 3 failures are model failures.'],
    [{ counts: { background_job: 2 } }, 'lifecycle possible [background_job] Lifecycle suspect: 2 of 2 failures are background job failures.'],
    [{ counts: { command_exit: 2 }, firm: { command_exit: 1 } }, 'unknown possible [] Too little evidence to suspect the tool: 2 failures (2 command exit), only 1 of them for sure.'],
    [{ counts: { network: 2, unknown: 2 } }, 'environment possible [network] Environment suspect: 2 of 4 failures are network failures.'],
    [{ counts: { network: 2, unknown: 3 }, firm: { network: 2 } }, 'unknown possible [] No clear suspect: 5 failures (2 network, 3 unknown).'],
    [{ counts: { network: 2, command_exit: 2 } }, 'unknown possible [] No clear suspect: 4 failures (2 command exit, 2 network).'],
    [{ counts: { missing_dependency: 1 }, unclosed: 2 }, 'unknown possible [] Too little evidence to suspect anything: 1 failure (1 missing dependency) and 2 unclosed turns or calls.'],
    [{ counts: { network: 1 }, ended_by: 'network' }, 'environment likely [network] Environment suspect: the only failure, a network failure, ended the session; the model was not at fault.'],
    [{ counts: { model: 1 }, ended_by: 'model' }, 'model likely [model] Model suspect: the only failure, a model failure, ended the session.'],
    [{ counts: { network: 1, command_exit: 3 }, ended_by: 'network' }, 'environment likely [network] Environment suspect: 1 of 4 failures is a network failure, and the session ended with a network failure; the model was not at fault.'],
    [{ counts: { unknown: 1 }, ended_by: 'unknown' }, 'unknown possible [] Too little evidence to suspect anything: 1 failure (1 unknown).'],
    [{ counts: { network: 2 }, ended_by: 'network', sources: [source({ category: 'network', detail: 'auth' })] }, 'environment likely [network] Environment suspect: 2 of 2 failures are login failures, and the session ended with a login failure; the model was not at fault.'],
    [{ counts: { network: 2 }, sources: [source({ category: 'network', detail: 'auth' }), source({ category: 'network', detail: 'dns' })] }, 'environment possible [network] Environment suspect: 2 of 2 failures are network failures.'],
    [{ unclosed: 2, sources: [open('shell'), open('read', 'open_at_death'), open('web', 'turn_open_at_end')] }, 'lifecycle possible [] Lifecycle suspect: nothing failed, but the log has 2 unclosed turns or calls (still open: a shell call, a read call).'],
    [{ isBlank: true }, 'unknown possible [] Too little evidence to suspect anything: no turn or call was recognised in the log.'],
    [{ lines: { total: 3, malformed: 1 } }, 'none likely [] No failures found in the log.'],
    [{ lines: { total: 2, malformed: 1 } }, 'unknown possible [] Too little evidence to suspect anything: 1 of 2 lines of the log could not be read.'],
  ] as const)
    assert.equal(said(evidence), expected);
}); // prettier-ignore

function failures(changes: Partial<Failures> = {}): Failures {
  const sources = changes.sources ?? [];
  const counts: Partial<Record<FailureCategory, number>> = {};
  for (const { category } of sources) counts[category] = (counts[category] ?? 0) + 1;
  return {
    format: 'claude_transcript', total_lines: 9, malformed_lines: 0, counts, unclosed_turns: { at_end: 0, in_middle: 0 }, unclosed_calls: 0,
    first_ts: AT, last_ts: AT, sources, suspect: suspectOf({ counts, firm: {}, unclosed: 0 }), ...changes,
  }; // prettier-ignore
}

const verdict = (rest: Partial<Verdict>, ...evidence: readonly Evidence[]): Verdict => ({
  outcome: 'died', cause: 'killed', layer: 'unknown', confidence: 'certain', evidence, ...rest,
}); // prettier-ignore
const one = (joined: Failures) =>
  joined.sources
    .map(
      ({ category, detail, rule, confidence }) =>
        `${category}${detail === undefined ? '' : `/${detail}`} ${rule} ${confidence}`,
    )
    .join(', ');

test('a call that was open when the session died failed of what ended it, and of nothing where that says nothing', () => {
  const FAILS: { readonly [cause in Cause]?: string } = {
    oom_kill: 'resource/memory open_at_death certain',
    heap_limit: 'resource/heap open_at_death certain',
    timed_out: 'timeout/command open_at_death certain',
    fd_exhaustion: 'resource/descriptors open_at_death certain',
    disk_full: 'resource/disk open_at_death certain',
  };
  const open = failures({ sources: [source({ category: 'unknown', rule: 'call_open_at_end', confidence: 'possible' })] });
  for (const cause of CAUSES) {
    const joined = joinEvidence(open, { verdict: verdict({ cause }) });
    assert.equal(one(joined), FAILS[cause] ?? 'unknown open_at_death possible', cause);
    assert.equal(joined.ended_by, FAILS[cause]?.split('/')[0], cause);
  }
  for (const outcome of OUTCOMES) {
    const isOwn = ['running', 'succeeded', 'incomplete'].includes(outcome);
    assert.equal(joinEvidence(open, { verdict: verdict({ outcome }) }) === open, isOwn, outcome);
  }
  const turn = failures({ sources: [source({ category: 'unknown', rule: 'turn_open_at_end' })] });
  assert.match(one(joinEvidence(turn, { verdict: verdict({}) })), /open_at_death/);
}); // prettier-ignore

test('what a signal’s number leaves open is told by the kernel within fifteen seconds, and by the session’s limit', () => {
  const killed = failures({ sources: [source({ rule: 'exit_by_signal', exit_code: 137, confidence: 'possible' })] });
  const kill = (seconds: number): Evidence => ({ kind: 'cgroup_oom_counter', value: 1, ts: at(seconds) });
  const join = (told: Failures, cause: Cause, ...evidence: readonly Evidence[]) =>
    one(joinEvidence(told, { verdict: verdict({ outcome: 'succeeded', cause }, ...evidence) }));
  const memory = 'resource/memory killed_for_memory likely';
  const same = 'command_exit exit_by_signal possible';
  assert.equal(join(killed, 'completed', kill(15)), memory);
  assert.equal(join(killed, 'completed', kill(-15)), memory);
  assert.equal(join(killed, 'completed', kill(15.001)), same);
  assert.equal(join(killed, 'completed', { kind: 'cgroup_oom_counter', value: 1 }), memory, 'without a time it covers all');
  const asked = failures({ sources: [source({ rule: 'exit_by_signal', exit_code: 143, confidence: 'possible' })] });
  assert.equal(join(asked, 'timed_out'), 'timeout/command terminated_at_session_limit likely');
  assert.equal(join(asked, 'completed', kill(0)), same);
  assert.equal(join(killed, 'timed_out'), same);
  const plain = failures({ sources: [source({ exit_code: 137 })] });
  assert.equal(join(plain, 'timed_out', kill(0)), 'command_exit exit_nonzero certain', 'another rule knew');
}); // prettier-ignore

test('a job that was reported as completed in the moment of a kill that nobody tells of did not complete', () => {
  const kill = (seconds: number): Evidence => ({ kind: 'kernel_log', pid: 7, ts: at(seconds) });
  const job = (seconds: number, line = 3) => ({ handle: `src:0:L${line}`, line, ts: at(seconds) });
  const found = (told: Failures, kills: readonly Evidence[], jobs: readonly ReturnType<typeof job>[]) =>
    one(joinEvidence(told, { verdict: verdict({ outcome: 'succeeded' }, ...kills), jobs }));
  const killed = 'background_job/killed completed_but_killed possible';
  assert.equal(found(failures(), [kill(0)], [job(15)]), killed);
  assert.equal(found(failures(), [kill(0)], [job(15.001)]), '');
  assert.equal(found(failures(), [kill(0), kill(1)], [job(0)]), killed, 'one job is one failure');
  assert.equal(found(failures(), [kill(0), kill(100)], [job(0), job(100, 4)]), `${killed}, ${killed}`);
  assert.equal(found(failures(), [{ kind: 'kernel_log', pid: 7 }], [job(0)]), '', 'a kill without a time');
  const told = failures({ sources: [source({ category: 'resource', rule: 'memory' })] });
  assert.equal(found(told, [kill(10)], [job(0)]), 'resource memory certain', 'a failure tells of it');
  assert.equal(found(told, [kill(16)], [job(16)]), `resource memory certain, ${killed}`);
});

test('counts move with their sources, and what was open is not counted as a failure', () => {
  const sources = [source({ rule: 'exit_by_signal', exit_code: 137, confidence: 'possible' }), source({ category: 'unknown', rule: 'call_open_at_end' })];
  const told = failures({ sources, counts: { command_exit: 5, unknown: 2 }, unclosed_calls: 1, ended_by: 'network' });
  const joined = joinEvidence(told, { verdict: verdict({ cause: 'oom_kill' }, { kind: 'cgroup_oom_counter', value: 1 }) });
  assert.deepEqual(joined.counts, { command_exit: 4, resource: 2, unknown: 1 });
  assert.equal(joined.ended_by, 'resource');
  assert.match(joined.suspect.sentence, /^Environment suspect: 2 of 7 failures/);
  const lifecycle = joinEvidence(failures({ sources: [source({ category: 'unknown', rule: 'call_open_at_end', tool_kind: 'shell' })], unclosed_calls: 1 }), { verdict: verdict({}) });
  assert.equal(lifecycle.suspect.sentence, 'Lifecycle suspect: nothing failed, but the log has 1 unclosed turn or call (still open: a shell call).');
}); // prettier-ignore

test('of an agent’s log and its stream the one that knows how it ended tells it, once', () => {
  const failed = source({ category: 'network', rule: 'dns' });
  const openCall = source({ category: 'unknown', rule: 'call_open_at_end', line: 8 });
  const openTurn = source({ category: 'unknown', rule: 'turn_open_at_end', line: 9 });
  const log = failures({ sources: [source(), openTurn] });
  const stream = failures({ format: 'claude_stream', sources: [failed], ended_by: 'network' });
  const unread = failures({ format: 'unknown' });
  assert.equal(joinStories(unread, stream), stream);
  assert.equal(joinStories(unread, { ...unread }), unread);
  const ended = failures({ ended_by: 'model' });
  assert.equal(joinStories(ended, stream), ended);
  const both = joinStories(log, stream);
  assert.deepEqual([both.sources, both.ended_by], [[source(), failed], 'network']);
  const ofCall = failures({ sources: [{ ...failed, tool_kind: 'shell' }], ended_by: 'network' });
  assert.equal(joinStories(log, ofCall), log, 'a call failed: the log has it');
  assert.equal(joinStories(log, failures({ sources: [openCall], ended_by: 'unknown' })).ended_by, undefined);
  const open = joinStories(log, failures({ sources: [openCall, source()] }));
  assert.deepEqual([open.sources, open.unclosed_calls], [[source(), openCall], 1]);
  const known = failures({ sources: [openCall] });
  assert.equal(joinStories(known, failures({ sources: [openCall] })), known);
  assert.equal(joinStories(log, failures()), log);
});

test('what a command printed last is its reason only where a program says so of itself, and never more than likely', () => {
  const printed = (text: string, exitCode = 1) => {
    const found = failuresOfOutput({ text, exitCode, endTs: AT, line: 9, handle: 'src:0:L9' });
    return found && `${one(found)} ${found.suspect.layer} ${found.suspect.confidence}`;
  };
  assert.equal(printed('bash: frob: command not found', 127), 'missing_dependency/program command_not_found likely environment likely');
  assert.equal(printed('curl: (6) Could not resolve host: a.test'), 'network/dns dns likely environment likely');
  assert.equal(printed('The command printed: curl: (6) Could not resolve host'), undefined, 'prose');
  assert.equal(printed('# fail 2'), undefined, 'its own doing');
  assert.equal(printed('nothing that is known'), undefined);
  assert.equal(printed('access to it was not permitted somehow'), undefined, 'mere vocabulary');
  const early = ['curl: (6) Could not resolve host: a.test', ...Array.from({ length: 6 }, (_, n) => `line ${n}`)].join('\n');
  assert.equal(printed(early), undefined, 'long before its end');
  assert.match(printed(early.replace('line 0\n', '')) ?? '', /^network/);
  const found = failuresOfOutput({ text: 'MemoryError', exitCode: 1, endTs: AT, line: 9, handle: 'src:0:L9' });
  assert.deepEqual([found?.total_lines, found?.first_ts, found?.last_ts, found?.counts], [9, null, AT, { resource: 1 }]);
  assert.deepEqual(found?.sources[0], { category: 'resource', detail: 'memory', rule: 'memory', confidence: 'likely', handle: 'src:0:L9', line: 9, ts: AT, exit_code: 1 });
  assert.doesNotMatch(found.suspect.sentence, /model/);
}); // prettier-ignore

test('a trend counts each session once for a category, by day, agent and workspace in their order', () => {
  const session = (day: string, agent: 'codex' | 'claude', counts: Failures['counts'], confidence: 'certain' | 'possible', unclosed_calls = 0) => ({
    failures: { counts, unclosed_calls, sources: Object.keys(counts).map((category) => source({ category: category as FailureCategory, confidence })) },
    day, agent, workspace: 'w',
  });
  const trend = failureTrend([
    session('2026-01-06', 'codex', { network: 3 }, 'certain'),
    session('2026-01-05', 'claude', { network: 1 }, 'certain'),
    session('2026-01-05', 'codex', { network: 2, command_exit: 1 }, 'possible'),
    session('2026-01-05', 'codex', {}, 'certain', 1),
  ]);
  const told = (groups: typeof trend.by_day) => groups.map(({ key, session_count, sessions_by_category, counts }) => [key, session_count, sessions_by_category, counts]);
  assert.deepEqual(told(trend.by_day), [
    ['2026-01-05', 3, { command_exit: 1, network: 2 }, { command_exit: 1, network: 3 }],
    ['2026-01-06', 1, { network: 1 }, { network: 3 }],
  ]);
  assert.deepEqual(trend.by_agent.map(({ key, session_count }) => `${key} ${session_count}`), ['claude 1', 'codex 3']);
  assert.deepEqual([trend.suspect.layer, trend.suspect.confidence], ['environment', 'possible']);
  assert.match(failureTrend([session('d', 'codex', {}, 'certain', 2), session('d', 'codex', {}, 'certain')]).suspect.sentence, /1 unclosed turn or call/);
}); // prettier-ignore
