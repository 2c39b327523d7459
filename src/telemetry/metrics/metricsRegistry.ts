import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { AGENT_KINDS, ANOMALY_KINDS, CAUSES, FAILURE_CATEGORIES, OUTCOMES } from '../../core/words/vocabulary.ts';

/** From a session that fails at once to one that works over night. */
export const LIFETIME_SECONDS = [1, 10, 60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * What is exported. Names end in their unit, and labels are words of closed lists: a session's id or a path in a label
 * would make a new series for each session, and tell more than numbers.
 */
export function createMetrics() {
  const registry = new Registry();
  const about = (name: string, help: string) => ({
    name: `session_diagnostics_${name}`,
    help,
    registers: [registry],
  });
  const metrics = {
    registry,
    active: new Gauge({
      ...about('sessions_active', 'Sessions that are being recorded now.'),
      labelNames: ['agent'],
    }),
    withoutRecorder: new Gauge(
      about('sessions_without_recorder', 'Sessions whose recorder is gone and that wait for recover.'),
    ),
    created: new Counter({
      ...about('sessions_created_total', 'Sessions that were begun.'),
      labelNames: ['agent'],
    }),
    finished: new Counter({
      ...about('sessions_finished_total', 'Sessions that ended, by what became of them.'),
      labelNames: ['outcome'],
    }),
    deaths: new Counter({
      ...about('session_deaths_total', 'Sessions that died or were lost, by cause.'),
      labelNames: ['cause'],
    }),
    lifetimes: new Histogram({
      ...about('session_lifetime_seconds', 'How long sessions ran that have ended.'),
      buckets: LIFETIME_SECONDS,
    }),
    anomalies: new Counter({
      ...about('anomalies_total', 'Episodes of anomalies, of running and of ended sessions.'),
      labelNames: ['kind'],
    }),
    failures: new Counter({
      ...about('failures_total', 'Failures in the logs of the agents of ended sessions.'),
      labelNames: ['category'],
    }),
    treeMemory: new Gauge({
      ...about('tree_resident_memory_bytes', 'Resident memory of the process trees of running sessions, summed.'),
      labelNames: ['agent'],
    }),
    treeDescriptors: new Gauge({
      ...about('tree_open_fds', 'Open file descriptors of the process trees of running sessions, summed.'),
      labelNames: ['agent'],
    }),
    treeProcesses: new Gauge({
      ...about('tree_processes', 'Processes of running sessions.'),
      labelNames: ['agent'],
    }),
    tmuxProcesses: new Gauge({
      ...about('tmux_processes', 'tmux servers and clients on this machine.'),
      labelNames: ['role'],
    }),
    tmuxSessions: new Gauge(about('tmux_sessions', "Sessions of this user's tmux servers.")),
    recorderCpu: new Counter(about('recorder_cpu_seconds_total', 'CPU time that recorders have used.')),
    recorderMemory: new Gauge(
      about('recorder_resident_memory_bytes', 'Resident memory of the recorders that run now, summed.'),
    ),
  };
  beginAtZero(metrics);
  return metrics;
}

/** Every series is there from the beginning: an increase from nothing to one would not be seen as one. */
function beginAtZero(metrics: {
  readonly created: Counter<'agent'>;
  readonly finished: Counter<'outcome'>;
  readonly deaths: Counter<'cause'>;
  readonly anomalies: Counter<'kind'>;
  readonly failures: Counter<'category'>;
}): void {
  for (const agent of AGENT_KINDS) metrics.created.inc({ agent }, 0);
  for (const outcome of OUTCOMES) if (outcome !== 'running') metrics.finished.inc({ outcome }, 0);
  for (const cause of CAUSES) if (cause !== 'completed') metrics.deaths.inc({ cause }, 0);
  for (const kind of [...ANOMALY_KINDS, 'other']) metrics.anomalies.inc({ kind }, 0);
  for (const category of FAILURE_CATEGORIES) metrics.failures.inc({ category }, 0);
}
