import { chosenRoot } from '../chosenRoot.ts';
import type { Command } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { loadBundle } from '../loadBundle.ts';
import type * as MetricsBundle from '../../telemetry/metrics/metricsBundle.ts';

/** Where OpenTelemetry's own Prometheus exporters listen unless told otherwise. */
const DEFAULT_PORT = 9464;

export const metrics: Command = {
  usage: '[--port P | --once]',
  summary: 'Serves Prometheus metrics on 127.0.0.1, or prints them once',
  takesNothing: true,
  flagHelp: [
    ['--port P', `where to listen (${DEFAULT_PORT}; 0: any free port)`],
    ['--once', 'prints them and ends'],
  ],
  flags: { port: { type: 'string' }, once: { type: 'boolean' } },
  run: async (context) => {
    const { args, terminal, env, programPath } = context;
    const isOnce = args.isSet('once');
    const port = args.number('port', 0);
    if (isOnce && port !== undefined) throw new UsageError('Either --port or --once.');
    if (port !== undefined && !(Number.isInteger(port) && port <= 65_535)) {
      throw new UsageError('--port takes a whole number up to 65535.');
    }
    const { createMetricsExporter, serveMetrics } = await loadBundle<typeof MetricsBundle>(programPath, 'metrics');
    const exporter = await createMetricsExporter(chosenRoot(context), env);
    if (isOnce) {
      terminal.out(args.isSet('json') ? JSON.stringify(await exporter.json()) : (await exporter.text()).trimEnd());
      return 0;
    }
    const served = await serveMetrics(exporter, port ?? DEFAULT_PORT);
    if (!served.ok) throw new CommandError(refusal(port ?? DEFAULT_PORT, served.code));
    // Started by an editor, it must not outlive it: the channel closes with the editor, however that ends.
    process.once('disconnect', () => process.exit(0));
    terminal.out(`http://127.0.0.1:${served.port}/metrics`);
    await served.closed;
    return 0;
  },
};

function refusal(port: number, code: string): string {
  if (code === 'EADDRINUSE') {
    return `Port ${port} of 127.0.0.1 is taken, perhaps by another \`metrics\`. Choose another with --port.`;
  }
  if (code === 'EACCES') return `Port ${port} may not be used by you. Choose one from 1024 up with --port.`;
  return `Port ${port} of 127.0.0.1 cannot be listened on (${code}).`;
}
