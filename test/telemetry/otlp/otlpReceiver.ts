import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/**
 * A receiver of OTLP/HTTP in its JSON encoding, strict where the specification is: the protobuf messages of
 * opentelemetry-proto in protobuf's JSON mapping, but ids in hex; 64-bit integers may be strings.
 */
export interface Receiver {
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  readonly metrics: readonly ReceivedMetric[];
  readonly logs: readonly ReceivedLog[];
  readonly resources: readonly Attributes[];
  /** Everything that came in, headers included. */
  readonly bytes: () => string;
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly isError: boolean;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly ns: bigint; readonly attributes: Attributes }[];
}

export interface ReceivedMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'sum' | 'histogram';
  /** Of a histogram the sum of what it counted. */
  readonly points: readonly { readonly ns: bigint; readonly value: number; readonly attributes: Attributes }[];
}

export interface ReceivedLog {
  readonly event: string;
  readonly ns: bigint;
  readonly severity: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Attributes;
}

type Json = Readonly<Record<string, unknown>>;

export async function receive(status = 200, reply: object = {}): Promise<Receiver> {
  const spans: ReceivedSpan[] = [];
  const metrics: ReceivedMetric[] = [];
  const logs: ReceivedLog[] = [];
  const resources: Attributes[] = [];
  let bytes = '';
  let requests = 0;
  const problems: unknown[] = [];
  const take = (request: IncomingMessage, body: string): void => {
    assert.equal(request.method, 'POST');
    assert.equal(request.headers['content-type'], 'application/json');
    const parsed = JSON.parse(body) as Json;
    if (request.url === '/v1/traces') takeTraces(parsed, spans, resources);
    else if (request.url === '/v1/metrics') takeMetrics(parsed, metrics, resources);
    else if (request.url === '/v1/logs') takeLogs(parsed, logs, resources);
    else assert.fail(`${request.url} is no path of OTLP`);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    requests += 1;
    bytes += `${request.method} ${request.url} ${request.rawHeaders.join('\n')}\n${body}\n`;
    let answered = status;
    try {
      take(request, body);
    } catch (error) {
      problems.push(error);
      answered = 400;
    }
    response.writeHead(answered, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    spans,
    metrics,
    logs,
    resources,
    bytes: () => bytes,
    requests: () => requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      assert.deepEqual(problems, []);
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // without an encoding, chunks are buffers
  return Buffer.concat(chunks).toString('utf8');
}

function takeTraces(body: Json, spans: ReceivedSpan[], resources: Attributes[]): void {
  for (const resourceSpans of listOf(body, 'resourceSpans')) {
    resources.push(resourceOf(resourceSpans));
    for (const scopeSpans of listOf(resourceSpans, 'scopeSpans')) {
      textOf(recordOf(scopeSpans, 'scope'), 'name');
      for (const span of listOf(scopeSpans, 'spans')) spans.push(spanOf(span));
    }
  }
}

function spanOf(span: Json): ReceivedSpan {
  const parent = span['parentSpanId'];
  const [startNs, endNs] = [nsOf(span, 'startTimeUnixNano'), nsOf(span, 'endTimeUnixNano')];
  assert.ok(endNs >= startNs, 'a span ends after it began');
  assert.equal(span['kind'], 1, 'SPAN_KIND_INTERNAL');
  const code = recordOf(span, 'status')['code'];
  assert.ok(code === undefined || code === 0 || code === 2);
  assert.equal(span['droppedEventsCount'] ?? 0, 0);
  return {
    name: textOf(span, 'name'),
    traceId: idOf(span['traceId'], 32),
    spanId: idOf(span['spanId'], 16),
    parentSpanId: parent === undefined || parent === '' ? undefined : idOf(parent, 16),
    startNs,
    endNs,
    isError: code === 2,
    attributes: attributesOf(span),
    events: listOf(span, 'events').map((event) => ({
      name: textOf(event, 'name'),
      ns: nsOf(event, 'timeUnixNano'),
      attributes: attributesOf(event),
    })),
  };
}

function takeMetrics(body: Json, metrics: ReceivedMetric[], resources: Attributes[]): void {
  for (const resourceMetrics of listOf(body, 'resourceMetrics')) {
    resources.push(resourceOf(resourceMetrics));
    for (const scopeMetrics of listOf(resourceMetrics, 'scopeMetrics')) {
      for (const metric of listOf(scopeMetrics, 'metrics')) metrics.push(metricOf(metric));
    }
  }
}

function metricOf(metric: Json): ReceivedMetric {
  const kind = 'gauge' in metric ? 'gauge' : 'histogram' in metric ? 'histogram' : 'sum';
  const data = recordOf(metric, kind);
  if (kind !== 'gauge') assert.equal(data['aggregationTemporality'], 2, 'AGGREGATION_TEMPORALITY_CUMULATIVE');
  if (kind === 'sum') assert.equal(data['isMonotonic'], false);
  return {
    name: textOf(metric, 'name'),
    unit: textOf(metric, 'unit'),
    kind,
    points: listOf(data, 'dataPoints').map((point) => {
      if (kind === 'histogram') checkBuckets(point);
      const value = Number(point['asInt'] ?? point['asDouble'] ?? point['sum']);
      assert.ok(Number.isFinite(value), 'a number');
      if ('asInt' in point) assert.ok(Number.isInteger(value), 'asInt is an integer');
      assert.ok(nsOf(point, 'timeUnixNano') >= 0n && nsOf(point, 'startTimeUnixNano') >= 0n);
      return { ns: nsOf(point, 'timeUnixNano'), value, attributes: attributesOf(point) };
    }),
  };
}

function checkBuckets(point: Json): void {
  const [counts, bounds] = [point['bucketCounts'], point['explicitBounds']];
  assert.ok(Array.isArray(counts) && Array.isArray(bounds) && counts.length === bounds.length + 1);
  assert.equal(
    counts.reduce((sum: number, count) => sum + Number(count), 0),
    Number(point['count']),
  );
}

function takeLogs(body: Json, logs: ReceivedLog[], resources: Attributes[]): void {
  for (const resourceLogs of listOf(body, 'resourceLogs')) {
    resources.push(resourceOf(resourceLogs));
    for (const scopeLogs of listOf(resourceLogs, 'scopeLogs')) {
      for (const log of listOf(scopeLogs, 'logRecords')) {
        logs.push({
          event: textOf(log, 'eventName'),
          ns: nsOf(log, 'timeUnixNano'),
          severity: Number(log['severityNumber']),
          traceId: idOf(log['traceId'], 32),
          spanId: idOf(log['spanId'], 16),
          attributes: attributesOf(log),
        });
      }
    }
  }
}

function resourceOf(value: Json): Attributes {
  const attributes = attributesOf(recordOf(value, 'resource'));
  assert.ok(attributes['service.name'] !== undefined, 'the one attribute that a resource must have');
  return attributes;
}

function attributesOf(value: Json): Attributes {
  const attributes: Record<string, string | number | boolean> = {};
  for (const attribute of listOf(value, 'attributes')) {
    const held = recordOf(attribute, 'value');
    const [kind] = Object.keys(held);
    assert.ok(kind !== undefined && ['stringValue', 'boolValue', 'intValue', 'doubleValue'].includes(kind), kind);
    const found = held[kind];
    const key = textOf(attribute, 'key');
    assert.ok(!Object.hasOwn(attributes, key), `${key} is there once`);
    attributes[key] = kind === 'intValue' ? Number(found) : (found as string | number | boolean); // by its kind
  }
  return attributes;
}

function listOf(value: Json, key: string): readonly Json[] {
  const list = value[key] ?? [];
  assert.ok(Array.isArray(list), key);
  return list as readonly Json[]; // of messages, whose fields are checked one by one
}

function recordOf(value: Json, key: string): Json {
  const record = value[key];
  assert.ok(typeof record === 'object' && record !== null, key);
  return record as Json; // checked field by field
}

function textOf(value: Json, key: string): string {
  const text = value[key];
  assert.ok(typeof text === 'string' && text !== '', key);
  return text;
}

function idOf(value: unknown, digits: number): string {
  assert.ok(typeof value === 'string' && new RegExp(`^[0-9a-f]{${digits}}$`).test(value) && !/^0+$/.test(value));
  return value;
}

/** fixed64 is a decimal string in protobuf's JSON: a number would lose its last digits. */
function nsOf(value: Json, key: string): bigint {
  const text = value[key];
  assert.ok(typeof text === 'string' && /^\d{16,20}$/.test(text), `${key}: ${String(text)}`);
  return BigInt(text);
}
