import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createMetricsProcess } from '../../src/host/metricsProcess.ts';
import { CLI, until } from '../cli/builtCli.ts';
import { receive } from '../telemetry/otlp/otlpReceiver.ts';
import { openEditor } from '../rig/editor.ts';

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });
}

async function freePort(): Promise<number> {
  const server = await listen(0);
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

async function metricsText(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

async function isServed(port: number): Promise<boolean> {
  try {
    return (await metricsText(port)).includes('session_diagnostics_sessions_active');
  } catch {
    return false;
  }
}

test('a window that finds the port taken stays quiet, says so once, and takes over when it is free', async () => {
  const port = await freePort();
  const other = await listen(port);
  const log: string[] = [];
  const metrics = createMetricsProcess({ cliPath: CLI, log: (line) => log.push(line), retryMs: 50 });
  const root = join(tmpdir(), 'session-diagnostics-no-root');
  metrics.serve({ command: 'metrics', flags: { port, 'log-dir': root } }, tmpdir());
  await until('the first refusal', () => log.length > 0);
  await new Promise((resolve) => other.close(resolve));
  await until('its turn', () => isServed(port));
  assert.equal(log.length, 1);
  assert.match(log[0] ?? '', /Port \d+ of 127\.0\.0\.1 is taken/);

  const second = await freePort();
  metrics.serve({ command: 'metrics', flags: { port: second, 'log-dir': root } }, tmpdir());
  await until('the other port', async () => (await isServed(second)) && !(await isServed(port)));
  metrics.serve(undefined, tmpdir());
  await until('the end', async () => !(await isServed(second)));
  metrics.dispose();
});

test('in the editor the settings serve metrics as long as it is there, and send what was run from it', async (t) => {
  const port = await freePort();
  const receiver = await receive();
  const editor = await openEditor({
    prepare: ({ home }) => {
      // The settings of the machine that the extension runs on; a browser's own have no say in them.
      mkdirSync(join(home, 'data/Machine'), { recursive: true });
      writeFileSync(
        join(home, 'data/Machine/settings.json'),
        JSON.stringify({
          'sessionDiagnostics.metricsPort': port,
          'sessionDiagnostics.otlpEndpoint': receiver.endpoint,
        }),
      );
    },
  });
  if ('missing' in editor) {
    await receiver.close();
    return t.skip(editor.missing);
  }
  try {
    await until('the metrics', () => isServed(port), 30_000);
    await editor.rig.command('Session Diagnostics: Run Agent Session');
    await editor.rig.pick('Command…');
    await editor.rig.enter('sh -c "exit 3"');
    await until(
      'the session to be sent',
      () => receiver.spans.some(({ name }) => name.startsWith('invoke_agent ')),
      30_000,
    );
    await until('its count', async () =>
      (await metricsText(port)).includes('session_diagnostics_sessions_finished_total{outcome="failed"} 1'),
    );
  } finally {
    await editor.rig.close();
    await receiver.close();
  }
  await until('their end', async () => !(await isServed(port)));
});
