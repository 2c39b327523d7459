import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTranscriptAnalyzer } from '../../src/agents/transcriptReader.ts';
import { TRANSCRIPT_FORMATS } from '../../src/agents/agentList.ts';
import { healthyEndOf } from '../../src/agents/healthyEnds.ts';
import { HEALTHY, INCOMPLETE, textOf } from './sessionEnds.ts';
import { linesOf, TELLERS, type Asked } from './tellers.ts';

function endOf(lines: readonly (object | string)[]) {
  const analyzer = createTranscriptAnalyzer({ handleOf: () => '', isEndAsked: true });
  for (const line of textOf(lines).split('\n')) analyzer.push(line);
  analyzer.finish();
  return { end: analyzer.end()?.name, format: analyzer.snapshotOf().format };
}

const DENIED = 'Permission denied by the user.';
const TELLS_NO_PROMPT = new Set(['pi_stream', 'opencode_run', 'cline_stream', 'qwen_stream']);

for (const { format, end, lines } of INCOMPLETE) {
  test(`a ${format} that stops so is ${end}: ${JSON.stringify(lines.at(-1)).slice(0, 60)}`, () => {
    assert.deepEqual(endOf(lines), { end, format });
  });
}

test('healthy logs end with an answer, however badly the turns before went', () => {
  let count = 0;
  for (const { format, lines } of HEALTHY) {
    // An old rollout tells no turns at all, and none of a newer version stands before it.
    const isOld = format === 'codex_rollout' && !textOf(lines).includes('task_started');
    const before = INCOMPLETE.filter(
      (sample) => !isOld && sample.format === format && typeof sample.lines.at(-1) !== 'string',
    );
    for (const earlier of [[], ...before.map((sample) => sample.lines)]) {
      assert.deepEqual(
        endOf([...earlier, ...lines]),
        { end: 'answered', format },
        JSON.stringify([...earlier, ...lines]),
      );
      count++;
    }
  }
  assert.ok(count >= 100, `${count} healthy logs`);
});

/** How a log of each other format ends after what is told; of documents and trajectories, what such a log can tell. */
const CALL = { id: 'c1', args: { command: 'make' } };
for (const [format, teller] of Object.entries(TELLERS)) {
  const call: Asked = { ...CALL, tool: teller.shell };
  const asked = [...teller.begin, ...teller.ask(call)];
  const ran = [...asked, ...teller.ran(call, 0, 'ok')];
  const failed = teller.failed?.(429, 'You exceeded your current quota.');
  const endOfLog = (records: readonly object[]) =>
    endOf(linesOf(teller, records).map((line) => line as object | string));
  const stops: Readonly<Record<string, readonly object[]>> = {
    ...(teller.tellsEndedCallsOnly !== true && { call_open: asked }),
    ...(format !== 'atif_trajectory' && { result_unanswered: ran }),
    ...(failed !== undefined && { failed: [...teller.begin, ...failed] }),
    ...(format !== 'atif_trajectory' && { all_denied: [...asked, ...teller.refused(call, DENIED), ...teller.end] }),
  };
  for (const [end, records] of Object.entries(stops)) {
    test(`a ${format} that stops so is ${end}`, () => {
      const told = endOfLog(records).end;
      if (end === 'failed') assert.match(told ?? '', /^(?:error_result|turn_failed|turn_open)$/);
      else assert.equal(told, end);
      // Another prompt, where the format tells one, is another turn.
      const again = [...records, ...teller.begin, ...teller.end];
      if (teller.document === undefined && !TELLS_NO_PROMPT.has(format)) assert.equal(endOfLog(again).end, 'answered');
    });
  }

  test(`a ${format} of a healthy session ends with an answer`, () => {
    const bad = teller.ran({ ...call, id: 'c2' }, 1, 'no');
    const tries = [...teller.ask({ ...call, id: 'c2' }), ...bad];
    for (const before of [teller.begin, ran, [...ran, ...tries], [...teller.begin, ...tries]]) {
      assert.deepEqual(endOfLog([...before, ...teller.end]), { end: 'answered', format });
    }
  });
}

test('every format of an agent has a row that says what its healthy end looks like', () => {
  const without = TRANSCRIPT_FORMATS.map(({ name }) => name).filter((name) => healthyEndOf(name) === undefined);
  assert.deepEqual(without, ['devboy', 'codewhale']);
});

test('what an agent tells between its turns opens none', () => {
  const update = (sessionUpdate: string) => ({
    jsonrpc: '2.0',
    method: 'session/update',
    params: { sessionId: 's', update: { sessionUpdate } },
  });
  const { begin, end } = TELLERS['acp_stream'] ?? assert.fail();
  assert.equal(endOf([update('available_commands_update')]).end, undefined);
  assert.equal(endOf([...begin, ...end, update('usage_update')]).end, 'answered');
  const load = { jsonrpc: '2.0', id: 1, method: 'session/load', params: { sessionId: 's' } };
  assert.equal(
    endOf([load, update('agent_message_chunk'), { jsonrpc: '2.0', id: 1, result: {} }]).end === 'turn_open',
    false,
  );
});

test('a log of no known format tells nothing of its end', () => {
  assert.equal(endOf(['Building...\nDone.\n']).end, undefined);
  assert.equal(
    endOf([
      { level: 'info', msg: 'started' },
      { level: 'error', msg: 'failed' },
    ]).end,
    undefined,
  );
});
