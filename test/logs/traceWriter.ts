import { createRedactor } from '../../src/core/privacy/redact.ts';
import { openTraceStore } from '../../src/logs/traceStore.ts';

/** One shell of several: appends `count` calls with their results to a trace. */
const [root = '', sessionId = '', name = '', count = '0'] = process.argv.slice(2);
const store = openTraceStore({
  root,
  redactor: createRedactor({ identity: {}, secrets: [] }),
  nowMs: () => Date.now(),
});
for (let i = 0; i < Number(count); i += 1) {
  const call = store.append(sessionId, 'tool_call', { tool: 'bash', from: name, i, filler: 'x y '.repeat(200) });
  const result = store.append(sessionId, 'tool_result', { tool: 'bash', ok: i % 5 !== 0, from: name, i });
  if (!call.ok || !result.ok) process.exitCode = 1;
}
