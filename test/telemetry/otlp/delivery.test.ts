import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deliver, flushSpool, type Send } from '../../../src/cli/fleet/spoolDelivery.ts';
import { logRootAt, type LogRoot } from '../../../src/logs/logRoot.ts';
import { spoolSize } from '../../../src/logs/spool.ts';
import { SIGNALS, type OtlpRequest } from '../../../src/telemetry/otlp/otlpRequests.ts';
import { sendRequests } from '../../../src/telemetry/otlp/otlpSend.ts';
import { proxyFor } from '../../../src/telemetry/otlp/proxyFor.ts';
import { published, runCli, startCli, testRoot, until } from '../../cli/builtCli.ts';
import { receive } from './otlpReceiver.ts';

type Answer = (response: ServerResponse, request: { readonly url: string }) => void;

interface Scripted {
  readonly endpoint: string;
  /** What came in whole, answered well or not. */
  readonly bodies: string[];
  readonly headers: Readonly<Record<string, unknown>>[];
  answer: Answer;
}

const fine: Answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}');

async function scripted(answer: Answer): Promise<Scripted> {
  const made: Scripted = { endpoint: '', bodies: [], headers: [], answer };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      made.bodies.push(body);
      made.headers.push(request.headers);
      made.answer(response, { url: request.url ?? '' });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return Object.assign(made, { endpoint: `http://127.0.0.1:${address.port}` });
}

function scratch(): LogRoot {
  const path = mkdtempSync(join(tmpdir(), 'session-diagnostics-delivery-'));
  after(() => rmSync(path, { recursive: true, force: true }));
  return logRootAt(path);
}

function requestsOf(id: string): readonly OtlpRequest[] {
  return SIGNALS.map((signal) => ({ signal, body: JSON.stringify({ id, signal }) }));
}

function sendTo(endpoint: string, longestMs: number): Send {
  return (requests) => sendRequests(requests as readonly OtlpRequest[], endpoint, {}, longestMs); // of our own spool
}

/** A tenth of what `npm run test:fleet` has. */
const RECORDERS = Number(process.env['RECORDERS'] ?? 20);

test(`${RECORDERS} recorders that end at once outlive no bound, and every session arrives when the receiver is well`, async () => {
  const root = scratch();
  let turn = 0;
  const ills: readonly Answer[] = [
    (response) => response.destroy(),
    () => undefined, // stalls
    (response) => response.writeHead(429, { 'retry-after': '60' }).end(),
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>'),
    (response) => response.writeHead(503).end(),
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
  ];
  const receiver = await scripted((response, request) => {
    turn += 1;
    (ills[turn % ills.length] ?? fine)(response, request);
  });
  const ids = Array.from({ length: RECORDERS }, (_, n) => `session-${n}`);
  const began = performance.now();
  const ended = await Promise.all(
    ids.map((id) => deliver({ root, id, requests: requestsOf(id), send: sendTo(receiver.endpoint, 1000) })),
  );
  assert.ok(performance.now() - began < 4000 + 20 * RECORDERS, `${performance.now() - began} ms`);
  assert.ok(ended.every((sent) => !sent.ok && sent.isKept));
  const reasons = [
    'ECONNRESET',
    'busy, or no answer in time',
    'no answer in time',
    'the answer is not that of a receiver',
  ];
  for (const sent of ended) assert.ok(!sent.ok && reasons.includes(sent.why), JSON.stringify(sent));
  assert.equal(spoolSize(root), ids.length);

  receiver.answer = fine;
  receiver.bodies.length = 0;
  // Two that send what waits at the same time take none from each other.
  const flushed = await Promise.all([1, 2].map(() => flushSpool(root, sendTo(receiver.endpoint, 5000), 60_000)));
  assert.equal(
    flushed.reduce((sum, { sent }) => sum + sent, 0),
    ids.length,
  );
  assert.equal(spoolSize(root), 0);
  const expected = ids.flatMap((id) => requestsOf(id).map(({ body }) => body));
  // What was given up on its way may still come in: the same bytes, and so the same ids.
  assert.deepEqual([...new Set(receiver.bodies)].toSorted(), expected.toSorted());
});

test('what a receiver refuses for good is not kept, and one that takes one signal alone has taken the session', async () => {
  const root = scratch();
  const refusing = await scripted((response) => response.writeHead(400).end());
  const refused = await deliver({ root, id: 'a', requests: requestsOf('a'), send: sendTo(refusing.endpoint, 3000) });
  assert.deepEqual(refused, { ok: false, why: 'status 400', isFinal: true, isKept: false });
  for (const only of ['traces', 'metrics', 'none']) {
    const choosy = await scripted((response, { url }) =>
      url === `/v1/${only}` ? fine(response, { url }) : response.writeHead(404).end(),
    );
    assert.equal((await sendRequests(requestsOf('b'), choosy.endpoint, {}, 3000)).ok, only !== 'none', only);
  }
  assert.deepEqual(readdirSync(root.spool), []);
});

test('a receiver that is busy for a moment is asked again, and the next session takes along what waits', async () => {
  const root = scratch();
  const away = await scripted((response) => response.destroy());
  const { isKept } = await deliver({ root, id: 'old', requests: requestsOf('old'), send: sendTo(away.endpoint, 300) });
  assert.ok(isKept);
  let asked = 0;
  const busy = await scripted((response, request) => {
    asked += 1;
    if (asked === 1) response.writeHead(429, { 'retry-after': '1' }).end();
    else fine(response, request);
  });
  const sent = await deliver({ root, id: 'new', requests: requestsOf('new'), send: sendTo(busy.endpoint, 5000) });
  assert.ok(sent.ok);
  const ids = busy.bodies.map((body) => (JSON.parse(body) as { readonly id: string }).id);
  assert.deepEqual(ids, ['new', 'new', 'new', 'new', 'old', 'old', 'old']);
});

test('a session that could not be sent when it ended is sent by `export --spool`, the same to the byte', async () => {
  const root = testRoot();
  try {
    const away = await scripted((response) => response.writeHead(403).end());
    const flags = ['--log-dir', root.path, '--otlp-endpoint', away.endpoint];
    const ended = await runCli(['run', ...flags, '--id', 'one', '--', 'sh', '-c', 'exit 3']);
    assert.deepEqual([ended.code, ended.stderr], [3, '']);
    const failed = await runCli(['export', '--spool', ...flags]);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /Sent 0 waiting sessions .* 1 still wait \(status 403\)/);
    assert.equal(new Set(away.bodies).size, 1, 'one request, time and again');
    const receiver = await receive();
    const sent = await runCli(['export', '--spool', '--log-dir', root.path, '--otlp-endpoint', receiver.endpoint]);
    assert.deepEqual([sent.code, sent.stderr], [0, `Sent 1 waiting session to ${receiver.endpoint}.\n`]);
    assert.ok(receiver.bytes().includes(away.bodies[0] ?? 'nothing'));
    // A second time by hand: the same ids, by which it is known.
    const again = await runCli(['export', 'one', '--log-dir', root.path, '--otlp-endpoint', receiver.endpoint]);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual([receiver.spans.length, new Set(receiver.spans.map(({ spanId }) => spanId)).size], [2, 1]);
    await receiver.close();
    assert.ok(existsSync(join(root.path, 'sessions/one/summary.json')));
  } finally {
    root.remove();
  }
});

test('a receiver that takes and never answers holds up neither the agent’s caller nor, for long, the recorder', async () => {
  const root = testRoot();
  try {
    const silent = await scripted(() => undefined);
    const flags = ['--log-dir', root.path, '--otlp-endpoint', silent.endpoint, '--id', 'held'];
    const began = performance.now();
    const { code } = await startCli(['run', ...flags, '--', 'true']).finished;
    const ranMs = performance.now() - began;
    await until('the request', () => silent.bodies.length > 0);
    const asked = performance.now();
    await published(root.path);
    const heldMs = performance.now() - asked;
    assert.equal(code, 0);
    assert.ok(ranMs < asked - began, 'it was asked when `run` had long returned');
    // Its five seconds, and what a machine with much to do adds.
    assert.ok(heldMs > 3000 && heldMs < 12_000, `${heldMs} ms`);
    assert.equal(readdirSync(join(root.path, 'spool')).length, 1);
  } finally {
    root.remove();
  }
});

test('headers come from OpenTelemetry’s own variable, and a proxy from the usual ones', async () => {
  const proxy = await scripted(fine);
  process.env['OTEL_EXPORTER_OTLP_HEADERS'] = 'x-team=one';
  try {
    const env = { http_proxy: proxy.endpoint };
    const sent = await sendRequests(requestsOf('a'), 'http://receiver.invalid:4318', env, 3000);
    assert.deepEqual(sent, { ok: true });
  } finally {
    delete process.env['OTEL_EXPORTER_OTLP_HEADERS'];
  }
  assert.equal(proxy.bodies.length, 3);
  assert.deepEqual([proxy.headers[0]?.['host'], proxy.headers[0]?.['x-team']], ['receiver.invalid:4318', 'one']);
});

test('an address that the variables except is reached directly', () => {
  const proxy = 'http://proxy:3128';
  for (const [url, env, expected] of [
    ['http://a.example.com:4318', { http_proxy: proxy }, proxy],
    ['http://a.example.com:4318', { HTTP_PROXY: proxy, NO_PROXY: 'other.com' }, proxy],
    ['https://a.example.com', { http_proxy: proxy }, undefined],
    ['https://a.example.com', { ALL_PROXY: proxy }, proxy],
    ['http://a.example.com', { http_proxy: proxy, no_proxy: 'b.com, .example.com' }, undefined],
    ['http://example.com', { http_proxy: proxy, no_proxy: 'example.com' }, undefined],
    ['http://notexample.com', { http_proxy: proxy, no_proxy: 'example.com' }, proxy],
    ['http://a.com:4318', { http_proxy: proxy, no_proxy: 'a.com:4317' }, proxy],
    ['http://a.com:4318', { http_proxy: proxy, no_proxy: '*' }, undefined],
    ['http://a.com', { http_proxy: 'socks5://proxy' }, undefined],
  ] as const)
    assert.equal(proxyFor(url, env), expected, `${url} ${JSON.stringify(env)}`);
});
