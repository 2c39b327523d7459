import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  METRIC_PROCESS_CPU_UTILIZATION,
  METRIC_PROCESS_MEMORY_USAGE,
  METRIC_PROCESS_THREAD_COUNT,
  METRIC_PROCESS_UNIX_FILE_DESCRIPTOR_COUNT,
  METRIC_PROCESS_UPTIME,
} from '@opentelemetry/semantic-conventions/incubating';
import { CLI, killAllOf, runCli, startCli, testRoot, until } from '../../cli/builtCli.ts';
import { receive, type ReceivedSpan, type Receiver } from './otlpReceiver.ts';

const root = testRoot();
const canaries: string[] = [];
let receiver: Receiver;

function canary(): string {
  const word = `canary${Math.random().toString(36).slice(2, 10)}x${canaries.length}`;
  canaries.push(word);
  return word;
}

/** A Claude transcript of one turn with a call that works, one that fails and one that never comes back. */
function transcript(): string {
  const startMs = Date.now();
  const lines = [
    { type: 'user', message: { role: 'user', content: canary() } },
    ...['ok', 'failed', 'open'].flatMap((status) => [
      {
        type: 'assistant',
        message: {
          role: 'assistant',
          id: canary(),
          model: canary(),
          content: [{ type: 'tool_use', id: status, name: 'Bash', input: { command: canary() } }],
        },
      },
      ...(status === 'open'
        ? []
        : [
            {
              type: 'user',
              message: {
                role: 'user',
                content: [
                  {
                    type: 'tool_result',
                    tool_use_id: status,
                    is_error: status === 'failed',
                    content: `Exit code 1\n/home/${canary()}/${canary()}`,
                  },
                ],
              },
            },
          ]),
    ]),
  ];
  const common = { sessionId: canary(), cwd: `/home/${canary()}`, gitBranch: canary(), version: '2.0.1' };
  return lines
    .map((line, n) => ({ ...common, uuid: canary(), timestamp: new Date(startMs + 50 * n).toISOString(), ...line }))
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

before(async () => {
  receiver = await receive();
  const log = join(root.path, '..', `${canary()}.jsonl`);
  writeFileSync(log, transcript());
  const sampled = `until [ "$(cat ${root.path}/running/*/proc_trace.jsonl | wc -l)" -ge 4 ]; do sleep 0.1; done 2>/dev/null`;
  const script = `cat ${log}; echo ${canary()} >&2; sleep 1; ${sampled}; : ${canary()}; kill -9 $$`;
  const flags = ['--log-dir', root.path, '--id', `private-${canary()}`, '--interval', '0.2', '--label', canary()];
  const ended = await runCli(
    ['run', ...flags, '--otlp-endpoint', receiver.endpoint, '--', 'sh', '-c', script],
    // Where the SDK's own configuration and detectors would find something to tell.
    { env: { SECRET_KEY: canary(), OTEL_RESOURCE_ATTRIBUTES: `team=${canary()}`, OTEL_SERVICE_NAME: canary() } },
  );
  assert.equal(ended.code, 137, ended.stderr);
});

after(async () => {
  await receiver.close();
  root.remove();
});

function isSession({ name }: Pick<ReceivedSpan, 'name'>): boolean {
  return name.startsWith('invoke_agent ');
}

test('a recorded session arrives as one trace: session, turn and calls, inside each other', () => {
  const session = receiver.spans.find(isSession);
  const others = receiver.spans.filter((span) => !isSession(span)).sort((a, b) => Number(a.startNs - b.startNs));
  assert.ok(session !== undefined && session.parentSpanId === undefined);
  assert.equal(session.isError, true);
  assert.equal(session.attributes['session_diagnostics.outcome'], 'died');
  assert.equal(session.attributes['session_diagnostics.cause'], 'killed');
  assert.equal(session.attributes['error.type'], 'killed');
  assert.equal(session.attributes['session_diagnostics.failures.command_exit'], 1);
  assert.ok(Number(session.endNs - session.startNs) >= 1e9);

  const turn = others.find(({ name }) => name === 'turn');
  assert.equal(turn?.parentSpanId, session.spanId);
  const calls = others.filter(({ name }) => name === 'execute_tool shell');
  assert.deepEqual(
    calls.map(({ attributes, isError }) => [
      attributes['session_diagnostics.call.status'],
      isError,
      attributes['error.type'],
    ]),
    [
      ['ok', false, undefined],
      ['failed', true, 'command_exit'],
      ['open', true, 'unanswered'],
    ],
  );
  for (const { attributes } of [session, ...calls]) {
    assert.equal(attributes['gen_ai.agent.name'], session.attributes['session_diagnostics.agent']);
    assert.match(String(attributes['gen_ai.conversation.id']), /^src:[0-9a-f]{12}:L1$/);
    assert.equal(attributes['session.id'], attributes['gen_ai.conversation.id']);
  }
  assert.deepEqual(
    [session, ...calls].map(({ attributes }) => [attributes['gen_ai.operation.name'], attributes['gen_ai.tool.name']]),
    [['invoke_agent', undefined], ...calls.map(() => ['execute_tool', 'shell'])],
  );
  assert.deepEqual([...new Set(calls.map(({ parentSpanId }) => parentSpanId))], [turn?.spanId]);
  assert.equal(new Set(receiver.spans.map(({ traceId }) => traceId)).size, 1);
  assert.equal(others.length, 4);
});

test('the death is an event of the session, at its end and with its evidence', () => {
  const session = receiver.spans.find(isSession);
  const death = session?.events.find(({ name }) => name === 'session_diagnostics.death');
  assert.equal(death?.ns, session?.endNs);
  assert.equal(death?.attributes['session_diagnostics.cause'], 'killed');
  assert.match(String(death?.attributes['session_diagnostics.evidence']), /exit_status/);

  const record = receiver.logs.find(({ event }) => event === 'session_diagnostics.death');
  assert.deepEqual([record?.ns, record?.traceId, record?.spanId], [death?.ns, session?.traceId, session?.spanId]);
  assert.deepEqual(
    { ...record?.attributes, 'log.record.uid': undefined },
    { ...death?.attributes, 'log.record.uid': undefined },
  );
  assert.match(String(record?.attributes['log.record.uid']), /^[0-9a-f]{32}$/);
});

test('how long the agent and each of its calls took are histograms, and tell the same as their spans', () => {
  const secondsOf = ({ startNs, endNs }: ReceivedSpan): number => Number((endNs - startNs) / 1_000_000n) / 1000;
  for (const [name, prefix] of [
    ['gen_ai.invoke_agent.duration', 'invoke_agent '],
    ['gen_ai.execute_tool.duration', 'execute_tool '],
  ] as const) {
    const metric = receiver.metrics.find((candidate) => candidate.name === name);
    const spans = receiver.spans.filter((span) => span.name.startsWith(prefix));
    assert.deepEqual([metric?.unit, metric?.kind, metric?.points.length], ['s', 'histogram', spans.length], name);
    const spent = spans.reduce((sum, span) => sum + secondsOf(span), 0);
    const told = metric?.points.reduce((sum, { value }) => sum + value, 0) ?? 0;
    assert.ok(Math.abs(spent - told) < 0.01, `${name}: ${told} of ${spent}`);
    for (const { attributes } of metric?.points ?? [])
      assert.ok(
        !Object.values(attributes).some((value) => String(value).startsWith('src:')),
        'no series for a session',
      );
  }
});

test('its samples arrive under the names of the semantic conventions, at the times when they were taken', () => {
  const session = receiver.spans.find(isSession);
  for (const [name, unit, kind] of [
    [METRIC_PROCESS_CPU_UTILIZATION, '1', 'gauge'],
    [METRIC_PROCESS_MEMORY_USAGE, 'By', 'sum'],
    [METRIC_PROCESS_UNIX_FILE_DESCRIPTOR_COUNT, '{file_descriptor}', 'sum'],
    [METRIC_PROCESS_UPTIME, 's', 'gauge'],
    [METRIC_PROCESS_THREAD_COUNT, '{thread}', 'sum'],
    ['session_diagnostics.tree.memory.usage', 'By', 'sum'],
  ] as const) {
    const metric = receiver.metrics.find((candidate) => candidate.name === name);
    assert.deepEqual([metric?.unit, metric?.kind], [unit, kind], name);
    assert.ok(metric !== undefined && metric.points.length >= 3, name);
    for (const { ns } of metric.points) {
      assert.ok(ns >= (session?.startNs ?? 0n) - 1_000_000n && ns <= (session?.endNs ?? 0n) + 1_000_000_000n, name);
    }
  }
  const memory = receiver.metrics.find(({ name }) => name === METRIC_PROCESS_MEMORY_USAGE);
  assert.ok(memory?.points.some(({ value }) => value > 100_000));
});

test('the resource says what made it, by a keyed handle, and nothing of the host', () => {
  for (const resource of receiver.resources) {
    assert.deepEqual(Object.keys(resource).sort(), [
      'host.arch',
      'host.id',
      'os.type',
      'service.instance.id',
      'service.name',
      'service.version',
      'session.id',
      'session_diagnostics.agent',
    ]);
    assert.match(String(resource['session.id']), /^src:[0-9a-f]{12}:L1$/);
    assert.match(String(resource['host.id']), /^src:[0-9a-f]{12}:L1$/);
    assert.match(String(resource['service.instance.id']), /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(resource['service.name'], 'session-diagnostics');
  }
});

/** In no form in which a word could be in a request. */
function assertNoCanary(bytes: string): void {
  for (const word of canaries) {
    for (const form of [word, Buffer.from(word).toString('base64').slice(0, -3)])
      assert.ok(!bytes.includes(form), word);
  }
  assert.ok(!bytes.includes(root.path));
  // A name of one or two letters is in every text.
  for (const name of [hostname(), userInfo().username]) assert.doesNotMatch(bytes, new RegExp(`"${name}"|/${name}/`));
}

test('not a byte of a request is of the command, the label, the output, the log, the environment or a path', () => {
  assert.ok(receiver.requests() >= 2);
  assertNoCanary(receiver.bytes());
});

/** Every string of a record becomes a secret, but what makes it a record at all. */
function poisoned(value: unknown, key = ''): unknown {
  const kept = new Set(['ts', 'timestamp', 'start_ts', 'end_ts', 'captured_at', 'event', 'transcript']);
  if (typeof value === 'string') return kept.has(key) ? value : canary();
  if (Array.isArray(value)) return [...value.map((item) => poisoned(item, key)), canary()];
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries([
    ...Object.entries(value).map(([name, item]) => [name, poisoned(item, name)]),
    [canary(), canary()],
  ]);
}

test('a session whose every string is hostile is exported without one of them', async () => {
  const id = root.sessionIds()[0] ?? '';
  const dir = join(root.path, 'sessions', id);
  for (const file of readdirSync(dir)) {
    const text = readFileSync(join(dir, file), 'utf8');
    if (file.endsWith('.jsonl')) {
      const lines = text.split('\n').filter((line) => line !== '');
      writeFileSync(join(dir, file), lines.map((line) => `${JSON.stringify(poisoned(JSON.parse(line)))}\n`).join(''));
    } else if (file === 'summary.json') {
      writeFileSync(join(dir, file), JSON.stringify(poisoned(JSON.parse(text))));
    }
  }
  const second = await receive();
  try {
    const sent = await runCli(['export', id, '--log-dir', root.path, '--otlp-endpoint', second.endpoint]);
    assert.equal(sent.code, 0, sent.stderr);
    assert.ok(second.spans.some(isSession));
    assert.ok(second.metrics.length > 0 && second.logs.length > 0);
    assertNoCanary(second.bytes());
  } finally {
    await second.close();
  }
});

test("a receiver that refuses costs neither the session nor the agent's exit code, and `export` says why", async () => {
  const refusing = await receive(403);
  const ended = await runCli(['run', '--log-dir', root.path, '--id', 'refused', '--', 'sh', '-c', 'exit 7'], {
    env: { SESSION_DIAGNOSTICS_OTLP_ENDPOINT: refusing.endpoint },
  });
  assert.equal(refusing.requests(), 1);
  assert.equal(readdirSync(join(root.path, 'spool')).length, 1, 'it waits');
  const told = await runCli(['export', 'refused', '--log-dir', root.path, '--otlp-endpoint', refusing.endpoint]);
  await refusing.close();
  assert.deepEqual([ended.code, ended.stderr, told.code], [7, '', 1]);
  assert.match(
    told.stderr,
    /^session-diagnostics: refused could not be sent to http:\/\/127\.0\.0\.1:\d+ \(status 403\)\..*\n$/,
  );
  assert.equal(root.json('sessions/refused/summary.json')['exit_code'], 7);
});

test('what a receiver takes only a part of is not called sent', async () => {
  const choosy = await receive(200, { partialSuccess: { rejectedSpans: '1', errorMessage: 'too old' } });
  const refused = await runCli(['export', 'refused', '--log-dir', root.path, '--otlp-endpoint', choosy.endpoint]);
  await choosy.close();
  const advising = await receive(200, { partialSuccess: { errorMessage: 'a newer version is out' } });
  const taken = await runCli(['export', 'refused', '--log-dir', root.path, '--otlp-endpoint', advising.endpoint]);
  await advising.close();
  assert.equal(taken.code, 0, taken.stderr);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^session-diagnostics: refused could not be sent to .* \(a part was refused\)/);
});

test('a session whose recorder was killed is sent when it is recovered', async () => {
  const own = testRoot();
  const run = startCli(['run', '--log-dir', own.path, '--id', 'lost', '--', 'sleep', '61']);
  await until('the session', () => own.runningIds().length > 0);
  killAllOf(own, 'lost', run);
  await run.finished;
  const taker = await receive();
  try {
    const recovered = await until('the recovery', async () => {
      const { stdout } = await runCli(['recover', '--log-dir', own.path, '--otlp-endpoint', taker.endpoint]);
      return stdout.includes('finished') && stdout;
    });
    assert.match(recovered, /^lost {2}finished/);
    assert.ok(taker.spans.some((span) => isSession(span) && span.isError));
  } finally {
    await taker.close();
    own.remove();
  }
});

test('nothing is sent unless an address is given, and a flag that is none is refused before an agent starts', async () => {
  const before = receiver.requests();
  await runCli(['run', '--log-dir', root.path, '--id', 'quiet', '--', 'true'], {
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint },
  });
  assert.equal(receiver.requests(), before);
  assert.equal((await runCli(['export', 'quiet', '--log-dir', root.path])).code, 2);
  for (const address of ['ftp://127.0.0.1', 'nowhere']) {
    const refused = await runCli(['run', '--log-dir', root.path, '--otlp-endpoint', address, '--', 'true']);
    assert.equal(refused.code, 2, address);
  }
  const misled = await runCli(['run', '--log-dir', root.path, '--id', 'misled', '--', 'sh', '-c', 'exit 5'], {
    env: { SESSION_DIAGNOSTICS_OTLP_ENDPOINT: 'nowhere' },
  });
  assert.equal(misled.code, 5, 'a variable that is wrong keeps no agent from running');
});

test('a running session is not exported', async () => {
  const run = startCli(['run', '--log-dir', root.path, '--id', 'live', '--', 'sleep', '60']);
  try {
    await until('the session', () => root.runningIds().includes('live'));
    const refused = await runCli(['export', 'live', '--log-dir', root.path, '--otlp-endpoint', receiver.endpoint]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /still runs/);
  } finally {
    run.child.kill('SIGTERM');
    await run.finished;
  }
});

test('a recorder carries neither the SDK nor the metrics library', () => {
  const program = readFileSync(CLI, 'utf8');
  for (const word of ['opentelemetry.io', 'OTLPTraceExporter', 'openMetricsContentType'])
    assert.ok(!program.includes(word));
});
