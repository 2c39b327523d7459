import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { createDetector } from '../../../src/core/anomalies/findAnomalies.ts';
import { jsonLine } from '../../../src/core/words/json.ts';
import { stallSentence } from '../../../src/core/anomalies/stallSentence.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { logRootAt } from '../../../src/logs/logRoot.ts';
import { overviewOf } from '../../../src/server/panel/overviewOf.ts';
import { SessionReader } from '../../../src/server/panel/sessionReader.ts';
import { memberOf, momentAt, LARGE_MACHINE } from '../../core/anomalies/anomalySeries.ts';
import { liveSample } from '../../webview/scriptedSessions.ts';
import { ScriptedRoot, START_MS } from '../../webview/scriptedRoot.ts';

let root: ScriptedRoot;

beforeEach(() => {
  root = new ScriptedRoot();
});
afterEach(() => root.remove());

/** An agent whose shell waits for a child that waits for a pipe. */
const CHAIN = [
  memberOf(4000, { comm: 'claude', wchan: 'ep_poll', start_ticks: 10 }),
  memberOf(4100, { ppid: 4000, comm: 'bash', wchan: 'do_wait', start_ticks: 20 }),
  memberOf(4200, { ppid: 4100, comm: 'cat', state: 'sleeping', wchan: 'pipe_read', start_ticks: 30 }),
];

function stallOfChain(): Readonly<Record<string, unknown>> {
  const options = { expectedComm: 'node', cores: 4, intervalSeconds: 5 };
  const detector = createDetector({ mode: 'calibrated', pid: 4000, ...options });
  for (let seq = 0; seq < 150; seq += 1) {
    const scene = { ours: { tree_cpu_percent: 0 }, outputBytes: 10 };
    const moment = momentAt(seq * 5, seq, { scene, machine: LARGE_MACHINE });
    const tree = moment.tree === undefined ? undefined : { ...moment.tree, processes: CHAIN };
    const stall = detector.push({ ...moment, tree }).find(({ kind }) => kind === 'stalled');
    if (stall !== undefined) return stall.detail;
  }
  throw new Error('nothing stalled');
}

test('a stall names the process that the others wait for, and what it waits for', () => {
  assert.equal(
    stallSentence(stallOfChain()),
    'No output and no CPU time for 10 min 0 s. cat (pid 4200, sleeping): it waits for somebody to write into a pipe (pipe_read).',
  );
});

test('a stall with an open call of the agent says which kind and for how long', () => {
  const session = root.session('stalled');
  session.samples(Array.from({ length: 130 }, (_, seq) => ({ ...liveSample(0), seq, ms: START_MS + seq * 5000 })));
  const detail = { quiet_seconds: 600, since_seq: 120 };
  session.anomaly(120, START_MS + 600_000, { kind: 'stalled', severity: 'info', detail });
  const log = join(session.dir, 'agent.jsonl');
  const content = [{ type: 'tool_use', id: 'a', name: 'Bash', input: {} }];
  const call = { timestamp: isoFromMs(START_MS + 5000), sessionId: 's', uuid: 'u', type: 'assistant' };
  writeFileSync(log, `${jsonLine({ ...call, message: { id: 'a', role: 'assistant', content } })}\n`);
  session.finish({ transcript: log, anomaly_count: 1 });
  const reader = new SessionReader({ root: root.path, id: session.id }, logRootAt(root.path));
  assert.ok(reader.refresh());
  const [episode] = overviewOf(reader).episodes;
  assert.equal(
    stallSentence(episode?.detail ?? {}),
    'No output and no CPU time for 10 min 0 s. Shell call open for 9 min 55 s.',
  );
});
