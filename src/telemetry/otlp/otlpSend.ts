import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import type { ISerializer } from '@opentelemetry/otlp-transformer';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { parseJson, recordOf } from '../../core/words/json.ts';
import type { OtlpRequest, Signal } from './otlpRequests.ts';
import { proxyFor } from './proxyFor.ts';

/** `isFinal`: what was refused is refused for good, and sending it again would change nothing. */
export type OtlpSent = { readonly ok: true } | { readonly ok: false; readonly why: string; readonly isFinal: boolean };

/** A recorder waits for this before it ends, whatever the receiver does; one that is busy is tried again until then. */
export const SEND_MS = 5000;

/** Sends what belongs together, in its order, until one fails. @param endpoint the base, to which /v1/traces is added */
export async function sendRequests(
  requests: readonly OtlpRequest[],
  endpoint: string,
  env: NodeJS.ProcessEnv,
  longestMs = SEND_MS,
): Promise<OtlpSent> {
  const deadline = performance.now() + longestMs;
  let isTaken = false;
  let nowhere: OtlpSent | undefined;
  for (const request of requests) {
    const leftMs = deadline - performance.now();
    const sent = leftMs <= 0 ? away('no answer in time') : await sendOne(request, endpoint, env, leftMs);
    if (sent.ok) isTaken = true;
    // Who takes traces alone, as Jaeger does, or metrics, as Prometheus does, has no place for the rest.
    else if (/^status (?:404|405|501)$/.test(sent.why)) nowhere ??= sent;
    else return sent;
  }
  return isTaken || nowhere === undefined ? { ok: true } : nowhere;
}

function away(why: string): OtlpSent {
  return { ok: false, why, isFinal: false };
}

async function sendOne(
  request: OtlpRequest,
  endpoint: string,
  env: NodeJS.ProcessEnv,
  leftMs: number,
): Promise<OtlpSent> {
  const answer = createAnswer();
  const { exporter, close } = exporterOf(request.signal, { endpoint, env, leftMs, answer });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<OtlpSent>((resolve) => {
    timer = setTimeout(() => resolve(away('no answer in time')), leftMs);
  });
  const exported = new Promise<OtlpSent>((resolve) => {
    exporter.export(request.body, ({ code, error }: { readonly code: number; readonly error?: Error }) => {
      // 0 is ExportResultCode.SUCCESS.
      resolve(code === 0 ? answer.judged() : failureOf(error));
    });
  });
  try {
    return await Promise.race([exported, late]);
  } finally {
    clearTimeout(timer);
    close(); // one that sends a byte now and then would keep us for ever
  }
}

/** The SDK's own transport with its variables: headers, certificates, compression, and when to try again. */
function exporterOf(signal: Signal, { endpoint, env, leftMs, answer }: Sending) {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/${signal}`;
  const options = convertLegacyHttpOptions({ url, timeoutMillis: leftMs }, signal.toUpperCase(), `v1/${signal}`, {
    'Content-Type': 'application/json',
  });
  const plain = options.agentFactory;
  const proxy = proxyFor(url, env);
  const used: { destroy(): void }[] = [];
  const agentFactory: typeof plain = async (protocol) => {
    const direct = await plain(protocol);
    const agent =
      proxy === undefined ? direct : protocol === 'http:' ? new HttpProxyAgent(proxy) : throughTunnel(proxy, direct);
    used.push(agent);
    return agent;
  };
  const serializer: ISerializer<string, undefined> = {
    serializeRequest: (body) => Buffer.from(body, 'utf8'),
    deserializeResponse: (bytes) => answer.take(Buffer.from(bytes).toString('utf8')),
  };
  const counting = { name: 'log', countItems: () => 1 } as const;
  const delegate = createOtlpHttpExportDelegate(
    { ...options, agentFactory },
    serializer,
    'otlp_http',
    counting,
    undefined,
  );
  return {
    exporter: new OTLPExporterBase(delegate),
    close: () => {
      for (const agent of used) agent.destroy();
    },
  };
}

interface Sending {
  readonly endpoint: string;
  readonly env: NodeJS.ProcessEnv;
  readonly leftMs: number;
  readonly answer: Answer;
}

/** Its constructor's options are for the way to the proxy; what is behind it is asked with those of the agent itself. */
function throughTunnel(proxy: string, direct: object): HttpsProxyAgent<string> {
  const agent = new HttpsProxyAgent(proxy);
  Object.assign(agent.options, tlsOf(direct));
  return agent;
}

/** The certificates that the SDK has read by its variables. */
function tlsOf(agent: object): Record<string, unknown> {
  const options = 'options' in agent ? recordOf(agent.options) : undefined;
  return { ca: options?.['ca'], cert: options?.['cert'], key: options?.['key'] };
}

interface Answer {
  readonly take: (text: string) => undefined;
  readonly judged: () => OtlpSent;
}

/** What a receiver says beside its 200: that it refused a part, or something that no receiver says. */
function createAnswer(): Answer {
  let judged: OtlpSent = { ok: true };
  return {
    judged: () => judged,
    take: (text) => {
      if (text.trim() === '') return;
      const parsed = parseJson(text);
      const reply = parsed.ok ? recordOf(parsed.value) : undefined;
      if (reply === undefined) judged = away('the answer is not that of a receiver');
      else if (tellsRefused(reply['partialSuccess'])) judged = { ok: false, why: 'a part was refused', isFinal: true };
    },
  };
}

/** `{"rejectedSpans":"3","errorMessage":"..."}`; with none rejected it is only advice. */
function tellsRefused(value: unknown): boolean {
  const partial = recordOf(value);
  return ['rejectedSpans', 'rejectedDataPoints', 'rejectedLogRecords'].some((key) => Number(partial?.[key] ?? 0) > 0);
}

/** An HTTP error has its status as its code, a connection's its system error; 400 says that the data is wrong. */
function failureOf(error: Error | undefined): OtlpSent {
  const code = error !== undefined && 'code' in error ? error.code : undefined;
  // The SDK tells no status of what it would try again: 429, 502, 503, 504 and a time-out.
  if (typeof code !== 'number' && typeof code !== 'string') return away('busy, or no answer in time');
  const why = typeof code === 'number' ? `status ${code}` : code;
  return { ok: false, why, isFinal: why === 'status 400' };
}
