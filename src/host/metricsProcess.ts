import { createKeptProcess, type KeptProcess, type KeptProcessOptions } from './keptProcess.ts';

/** Keeps `session-diagnostics metrics` running; another window may have the port. */
export function createMetricsProcess(options: Pick<KeptProcessOptions, 'cliPath' | 'log' | 'retryMs'>): KeptProcess {
  return createKeptProcess({
    ...options,
    failed: 'Metrics could not be served',
    ended: 'The metrics server ended.',
  });
}
