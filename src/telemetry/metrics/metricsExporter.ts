import type { LogRoot } from '../../logs/logRoot.ts';
import { createMetricsReader } from './metricsReader.ts';
import { createMetrics, type Metrics } from './metricsRegistry.ts';
import { openMetricsState } from './metricsState.ts';
import { countTmux } from './tmuxCounts.ts';

export interface MetricsExporter {
  readonly contentType: string;
  /** Reads what is new on the log root. */
  readonly text: () => Promise<string>;
  readonly json: () => Promise<unknown>;
}

/** tmux is asked by a process: not while a scrape waits, and not more often than this. */
const TMUX_AGE_MS = 10_000;

/** Reads the root once before it returns, so that the first scrape is as quick as the others. */
export async function createMetricsExporter(root: LogRoot, env: NodeJS.ProcessEnv): Promise<MetricsExporter> {
  const metrics = createMetrics();
  const state = openMetricsState(root, metrics);
  const reader = createMetricsReader(root, metrics, await state.restored());
  let askedMs = performance.now();
  await askTmux(metrics, env);
  reader.read();
  const update = (): void => {
    reader.read();
    // What has been told stays told after a restart. The scrape does not wait for the disk.
    setImmediate(() => void state.save(reader.counted()));
    if (performance.now() - askedMs < TMUX_AGE_MS) return;
    askedMs = performance.now();
    void askTmux(metrics, env);
  };
  return {
    contentType: metrics.registry.contentType,
    text: () => {
      update();
      return metrics.registry.metrics();
    },
    json: () => {
      update();
      return metrics.registry.getMetricsAsJSON();
    },
  };
}

async function askTmux({ tmuxProcesses, tmuxSessions }: Metrics, env: NodeJS.ProcessEnv): Promise<void> {
  const { servers, clients, sessions } = await countTmux(env);
  tmuxProcesses.set({ role: 'server' }, servers);
  tmuxProcesses.set({ role: 'client' }, clients);
  tmuxSessions.set(sessions);
}
