import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Failures, FailureSource } from '../../../src/core/session/failures.ts';
import { joinEvidence } from '../../../src/core/failures/joinEvidence.ts';
import { suspectOf } from '../../../src/core/failures/suspect.ts';
import type { Evidence, Verdict } from '../../../src/core/session/verdict.ts';

const AT = '2026-01-01T10:00:00.000Z';

function source(rest: Partial<FailureSource>): FailureSource {
  return {
    category: 'command_exit',
    rule: 'exit_by_signal',
    confidence: 'possible',
    handle: 'src:0:L7',
    line: 7,
    ts: AT,
    ...rest,
  };
}

function failuresWith(...sources: FailureSource[]): Failures {
  const counts: { [category: string]: number } = {};
  for (const { category } of sources) counts[category] = (counts[category] ?? 0) + 1;
  return {
    format: 'claude_transcript',
    total_lines: 9,
    malformed_lines: 0,
    counts,
    unclosed_turns: { at_end: 0, in_middle: 0 },
    unclosed_calls: 0,
    first_ts: AT,
    last_ts: AT,
    sources,
    suspect: suspectOf({ counts, firm: {}, unclosed: 0 }),
  };
}

function verdict(rest: Partial<Verdict>, ...evidence: Evidence[]): Verdict {
  return { outcome: 'succeeded', cause: 'completed', layer: 'none', confidence: 'certain', evidence, ...rest };
}

test('exit 137 is a lack of memory when the kernel counted an OOM kill at that moment', () => {
  const oom: Evidence = { kind: 'cgroup_oom_counter', value: 1, ts: '2026-01-01T10:00:04.000Z' };
  const joined = joinEvidence(failuresWith(source({ exit_code: 137 })), { verdict: verdict({}, oom) });
  assert.deepEqual(joined.counts, { resource: 1 });
  assert.equal(joined.sources[0]?.rule, 'killed_for_memory');
});

test('exit 137 stays a bare kill without the counter, with a counter of zero, and far from it in time', () => {
  const failures = failuresWith(source({ exit_code: 137 }));
  for (const evidence of [
    [],
    [{ kind: 'kernel_oom_counter', value: 0 }],
    [{ kind: 'kernel_oom_counter', value: 1, ts: '2026-01-01T11:00:00.000Z' }],
    [{ kind: 'memory_pressure', value: 90 }],
  ] as Evidence[][]) {
    assert.equal(joinEvidence(failures, { verdict: verdict({}, ...evidence) }), failures);
  }
});

test('exit 143 is a timeout when the session itself was ended at its limit', () => {
  const failures = failuresWith(source({ exit_code: 143 }));
  const joined = joinEvidence(failures, { verdict: verdict({ outcome: 'died', cause: 'timed_out' }) });
  assert.deepEqual(joined.counts, { timeout: 1 });
  assert.equal(joinEvidence(failures, { verdict: verdict({ outcome: 'died', cause: 'terminated' }) }), failures);
});

test('a call that was open when the process died belongs to the death, not to the model', () => {
  const open = source({ category: 'unknown', rule: 'call_open_at_end', tool_kind: 'shell' });
  const failures: Failures = { ...failuresWith(open), unclosed_calls: 1 };
  const joined = joinEvidence(failures, { verdict: verdict({ outcome: 'died', cause: 'oom_kill' }) });
  assert.deepEqual(joined.counts, { resource: 1 });
  assert.equal(joined.sources[0]?.rule, 'open_at_death');
  assert.equal(joined.suspect.layer, 'environment');
  const killed = joinEvidence(failures, { verdict: verdict({ outcome: 'died', cause: 'killed' }) });
  assert.deepEqual(killed.counts, { unknown: 1 });
  assert.equal(killed.suspect.layer, 'lifecycle');
  assert.equal(joinEvidence(failures, { verdict: verdict({}) }), failures);
});

test('a job that completed in the moment of an OOM kill is contradicted', () => {
  const failures = failuresWith();
  const jobs = [{ line: 41, ts: '2026-01-01T10:00:03.000Z', handle: 'src:0:L41' }];
  const oom: Evidence = { kind: 'kernel_oom_counter', value: 1, ts: AT };
  const joined = joinEvidence(failures, { verdict: verdict({}, oom), jobs });
  assert.deepEqual(joined.counts, { background_job: 1 });
  assert.deepEqual(joined.sources[0]?.line, 41);
  const later = [{ line: 41, ts: '2026-01-01T12:00:00.000Z', handle: 'src:0:L41' }];
  assert.equal(joinEvidence(failures, { verdict: verdict({}, oom), jobs: later }), failures);
});

test('a kill that a failure already tells about contradicts no job', () => {
  const oom: Evidence = { kind: 'kernel_oom_counter', value: 1, ts: AT };
  const jobs = [{ line: 41, ts: AT, handle: 'src:0:L41' }];
  const joined = joinEvidence(failuresWith(source({ exit_code: 137 })), { verdict: verdict({}, oom), jobs });
  assert.deepEqual(joined.counts, { resource: 1 });
});
