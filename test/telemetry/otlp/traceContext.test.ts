import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { childContext, traceContextFrom, traceparentOf } from '../../../src/core/words/traceContext.ts';
import { runCli, testRoot } from '../../cli/builtCli.ts';
import { receive, type Receiver } from './otlpReceiver.ts';

const root = testRoot();
let receiver: Receiver;
before(async () => void (receiver = await receive()));
after(async () => {
  await receiver.close();
  root.remove();
});

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const RANDOM = 'ab'.repeat(24);

test('a span that is there is the parent of ours; what is no such span begins a trace of its own', () => {
  for (const good of [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-00`, `cc-${TRACE}-${SPAN}-01-more`]) {
    const made = childContext(good, RANDOM);
    assert.deepEqual([made.trace_id, made.parent_span_id, made.span_id], [TRACE, SPAN, 'ab'.repeat(8)]);
    assert.equal(traceparentOf(made), `00-${TRACE}-${'ab'.repeat(8)}-${good.slice(53, 55)}`);
  }
  const zeros = '0'.repeat(32);
  for (const bad of [
    undefined,
    '',
    'x',
    `00-${zeros}-${SPAN}-01`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  ]) {
    const made = childContext(bad, RANDOM);
    assert.deepEqual([made.trace_id, made.parent_span_id, made.flags], ['ab'.repeat(16), null, '01'], String(bad));
    assert.deepEqual(traceContextFrom(made), made);
  }
  for (const value of [null, 1, {}, { trace_id: zeros, span_id: SPAN }, { trace_id: `${TRACE}/home`, span_id: SPAN }])
    assert.equal(traceContextFrom(value), undefined);
});

for (const native of ['', 'off']) {
  const how = native === '' ? 'by the launcher' : 'without the launcher';

  test(`where a session is sent, its agent is told whose span it runs in, ${how}`, async () => {
    for (const [given, parent] of [
      [undefined, undefined],
      [`00-${TRACE}-${SPAN}-01`, SPAN],
      ['nonsense', undefined],
    ] as const) {
      const env = {
        SESSION_DIAGNOSTICS_NATIVE: native,
        SESSION_DIAGNOSTICS_OTLP_ENDPOINT: receiver.endpoint,
        TRACEPARENT: given,
      };
      const id = `traced-${receiver.spans.length}`;
      const script = 'echo $TRACEPARENT';
      const { stdout } = await runCli(['run', '--log-dir', root.path, '--id', id, '--', 'sh', '-c', script], { env });
      const span = receiver.spans.at(-1);
      assert.equal(stdout, `00-${span?.traceId}-${span?.spanId}-01\n`, String(given));
      assert.equal(span?.parentSpanId, parent);
      if (parent !== undefined) assert.equal(span?.traceId, TRACE);
    }
  });

  test(`where it is not, the agent's environment has nothing of ours but the mark, ${how}`, async () => {
    const env = { SESSION_DIAGNOSTICS_NATIVE: native, TRACEPARENT: `00-${TRACE}-${SPAN}-01` };
    const flags = ['--log-dir', root.path, '--id', `untraced-${native}`];
    const { stdout } = await runCli(['run', ...flags, '--', 'env'], { env });
    assert.match(stdout, new RegExp(`^TRACEPARENT=00-${TRACE}-${SPAN}-01$`, 'm'));
    assert.equal(root.json('sessions', `untraced-${native}`, 'summary.json')['trace'], undefined);
  });
}
