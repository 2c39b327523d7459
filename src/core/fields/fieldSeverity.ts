import { wordOf, SEVERITIES, type Cause, type Severity } from '../words/vocabulary.ts';

/** How bad a field's value is by itself; `undefined` where nothing is wrong. Other writers' words count for nothing. */
export function fieldSeverity(name: string, value: unknown): Severity | undefined {
  if (name === 'severity') return wordOf(SEVERITIES, value);
  return typeof value === 'string' || typeof value === 'boolean' ? BY_VALUE[name]?.[String(value)] : undefined;
}

/** The names of fields that can be bad. Not exit codes: a process that was ended after its work was done has one. */
export const JUDGED_FIELDS = [
  'severity',
  'success',
  'is_error',
  'ok',
  'outcome',
  'cause',
  'subtype',
  'event',
  'state',
] as const;

const CAUSES: { readonly [cause in Cause]: Severity | undefined } = {
  completed: undefined,
  exit_nonzero: 'critical',
  oom_kill: 'critical',
  heap_limit: 'critical',
  killed: 'critical',
  terminated: 'warning',
  interrupted: 'warning',
  crashed: 'critical',
  timed_out: 'critical',
  stopped: undefined,
  launch_failed: 'critical',
  fd_exhaustion: 'critical',
  disk_full: 'critical',
  vanished: 'warning',
  lost: 'warning',
  terminal_lost: 'warning',
  ended_mid_task: 'critical',
  did_nothing: 'critical',
  blocked: 'critical',
  limit_reached: 'critical',
  unknown: undefined,
};

const BY_VALUE: Readonly<Record<string, Readonly<Record<string, Severity | undefined>>>> = {
  success: { false: 'critical' },
  is_error: { true: 'critical' },
  ok: { false: 'critical' },
  outcome: {
    incomplete: 'critical',
    failed: 'critical',
    failure: 'critical',
    died: 'critical',
    lost: 'warning',
    aborted: 'warning',
  },
  cause: CAUSES,
  subtype: {
    error_during_execution: 'critical',
    timeout: 'critical',
    crashed: 'critical',
    interrupted: 'warning',
    lost: 'warning',
    incomplete: 'critical',
  },
  event: {
    session_death_detected: 'critical',
    simultaneous_deaths: 'critical',
    tmux_lost: 'critical',
    heartbeat_missed: 'warning',
    leftovers_found: 'warning',
    process_frozen: 'warning',
    process_ended: 'warning',
    anomaly_detected: 'warning',
  },
  state: { zombie: 'warning', dead: 'warning', 'disk-sleep': 'warning' },
};
