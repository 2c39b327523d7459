import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTranscriptAnalyzer, type TranscriptAnalyzer } from '../../src/agents/transcriptReader.ts';
import { TracePhases } from '../../src/core/failures/tracePhases.ts';

const START_MS = Date.UTC(2026, 2, 1);

function traced(events: readonly (readonly [number, string, object?])[]): {
  readonly phases: readonly string[];
  readonly analyzer: TranscriptAnalyzer;
} {
  const phases = new TracePhases();
  const analyzer = createTranscriptAnalyzer({
    handleOf: (line) => `L${line}`,
    onEvent: (event, at) => phases.take(event, at),
  });
  for (const [second, phase, payload = {}] of events) {
    const ts = new Date(START_MS + second * 1000).toISOString();
    analyzer.push(JSON.stringify({ ts, skill: 'review', session_id: '01J', phase, payload }));
  }
  const secondOf = (ts: string | undefined) => (ts === undefined ? '' : (Date.parse(ts) - START_MS) / 1000);
  const told = phases
    .spans()
    .map(({ name, depth, opened_ts, closed_ts }) => `${depth} ${name} ${secondOf(opened_ts)}-${secondOf(closed_ts)}`);
  return { phases: told, analyzer };
}

test('a phase lasts until the next one, a note ends none, the trace holds them all', () => {
  const { phases } = traced([
    [0, 'start'],
    [1, 'decision'],
    [2, 'tool_call', { tool: 'bash' }],
    [3, 'note'],
    [5, 'tool_result', { tool: 'bash', ok: true }],
    [6, 'verify'],
    [7, 'phase_of_tomorrow'],
    [8, '<img src=x>'],
    [9, 'end', { outcome: 'success' }],
  ]);
  assert.deepEqual(phases, [
    '0 trace 0-9',
    '1 decision 1-6',
    '1 note 3-3',
    '1 verify 6-7',
    '1 phase_of_tomorrow 7-8',
    '1 other 8-9',
  ]);
});

test('a trace that goes on has an open phase in an open trace', () => {
  assert.deepEqual(traced([[0, 'start'], [1, 'decision']]).phases, ['0 trace 0-', '1 decision 1-']); // prettier-ignore
});

test('a trace that goes on after its end goes on in the same whole', () => {
  const phases = traced([[0, 'start'], [4, 'end'], [6, 'verify'], [7, 'end']]).phases; // prettier-ignore
  assert.deepEqual(phases, ['0 trace 0-7', '1 verify 6-7']);
});

test('calls within calls: a result closes the last open call of its tool', () => {
  const { analyzer } = traced([
    [0, 'start'],
    [1, 'tool_call', { tool: 'agent' }],
    [2, 'tool_call', { tool: 'bash' }],
    [3, 'tool_call', { tool: 'bash' }],
    [4, 'tool_result', { tool: 'bash', ok: false, exit_code: 1, output: 'a' }],
    [5, 'tool_result', { tool: 'agent', ok: true }],
    [6, 'tool_result', { tool: 'bash', ok: false, exit_code: 1, output: 'b' }],
  ]);
  assert.deepEqual(
    analyzer.calls().map(({ line, status, closed_ts }) => `${line} ${status} ${closed_ts?.slice(17, 19)}`),
    ['2 ok 05', '3 failed 06', '4 failed 04'],
  );
  assert.equal(analyzer.snapshotOf().counts.command_exit, 2);
});
