import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createProxy, type Server } from 'node:http';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { sendRequests } from '../../../src/telemetry/otlp/otlpSend.ts';

const folder = mkdtempSync(join(tmpdir(), 'session-diagnostics-tls-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
const FLAGS = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost';
const NAME = ['-addext', 'subjectAltName=DNS:localhost'];
const made = spawnSync('openssl', ['req', ...FLAGS.split(' '), ...NAME, '-keyout', key, '-out', cert]);
const skip = made.status !== 0 && 'no openssl to make a certificate';

async function portOf(server: Server | ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

test(
  'a certificate that OpenTelemetry’s variable names is trusted, directly and through a proxy; no other is',
  { skip },
  async () => {
    let taken = 0;
    const receiver = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      request.resume().on('end', () => {
        taken += 1;
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    const port = await portOf(receiver);
    const asked: string[] = [];
    const proxy = createProxy();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      const target = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        target.pipe(socket).pipe(target);
      });
      for (const end of [socket, target]) end.on('error', () => undefined);
    });
    const env = { https_proxy: `http://127.0.0.1:${await portOf(proxy)}` };
    const endpoint = `https://localhost:${port}`;
    const requests = [{ signal: 'traces', body: '{}' } as const];
    const refused = await sendRequests(requests, endpoint, {}, 2000);
    assert.deepEqual([refused.ok, !refused.ok && refused.isFinal, taken], [false, false, 0]);
    process.env['OTEL_EXPORTER_OTLP_CERTIFICATE'] = cert;
    try {
      assert.deepEqual(await sendRequests(requests, endpoint, {}, 5000), { ok: true });
      assert.deepEqual(await sendRequests(requests, endpoint, env, 5000), { ok: true });
    } finally {
      delete process.env['OTEL_EXPORTER_OTLP_CERTIFICATE'];
    }
    assert.deepEqual([taken, asked], [2, [`localhost:${port}`]]);
  },
);
