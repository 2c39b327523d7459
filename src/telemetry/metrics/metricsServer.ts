import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { MetricsExporter } from './metricsExporter.ts';

export type Served =
  | { readonly ok: true; readonly port: number; readonly closed: Promise<void> }
  | { readonly ok: false; readonly code: string };

/** Loopback only: whoever wants the numbers elsewhere puts a Prometheus, or a proxy of theirs, on this machine. */
const ADDRESS = '127.0.0.1';

/** Answers GET /metrics and nothing else. Port 0 is any that is free. */
export function serveMetrics(exporter: MetricsExporter, port: number): Promise<Served> {
  const server = createServer((request, response) => void answer(exporter, request, response));
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve({ ok: false, code: error.code ?? 'unknown' }));
    server.listen(port, ADDRESS, () => {
      const address = server.address();
      resolve({ ok: true, port: typeof address === 'object' && address !== null ? address.port : port, closed });
    });
  });
}

async function answer(exporter: MetricsExporter, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refuse = (status: number, why: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${why}\n`);
  };
  if (!isLoopbackHost(request.headers.host)) return refuse(403, 'Only for this machine: the Host is not its own.');
  if (request.url?.split('?')[0] !== '/metrics') return refuse(404, 'There is /metrics, and nothing else.');
  if (request.method !== 'GET') return refuse(405, 'Only GET.');
  try {
    const text = await exporter.text();
    response.writeHead(200, { 'content-type': exporter.contentType }).end(text);
  } catch (error) {
    refuse(500, error instanceof Error ? error.message : String(error));
  }
}

/** A web page whose own name was made to point at 127.0.0.1 comes with that name (DNS rebinding). */
function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host);
}
