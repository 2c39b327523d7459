import { traceContextFrom } from '../words/traceContext.ts';
import {
  arrayOf,
  booleanOf,
  integerOf,
  isRecord,
  numberOf,
  recordOf,
  stringOf,
  type JsonRecord,
} from '../words/json.ts';
import type { Enrollment, IndexLine, Leftover, LifecycleEvent } from './session.ts';
import { AGENT_KINDS, LIFECYCLE_EVENTS, wordOf } from '../words/vocabulary.ts';

/** Reading the files of a session that anybody may have written: AutoSkillit, another version of us, a bad disk. */

export function indexLineFrom(value: unknown): IndexLine | undefined {
  if (!isRecord(value)) return undefined;
  const dirName = stringOf(value['dir_name']) ?? stringOf(value['session_id']);
  if (dirName === undefined || dirName === '') return undefined;
  return {
    session_id: stringOf(value['session_id']) ?? '',
    dir_name: dirName,
    timestamp: stringOf(value['timestamp']) ?? stringOf(value['start_ts']) ?? '',
    cwd: stringOf(value['cwd']) ?? '',
    skill_command: (stringOf(value['skill_command']) ?? '').slice(0, 100),
    success: booleanOf(value['success']) ?? false,
    subtype: stringOf(value['subtype']) ?? '',
    exit_code: integerOf(value['exit_code']) ?? null,
    snapshot_count: integerOf(value['snapshot_count']) ?? 0,
    anomaly_count: integerOf(value['anomaly_count']) ?? 0,
    peak_rss_kb: integerOf(value['peak_rss_kb']) ?? 0,
    peak_oom_score: integerOf(value['peak_oom_score']) ?? 0,
    tracked_comm: stringOf(value['tracked_comm']) ?? null,
    tracked_comm_drift: booleanOf(value['tracked_comm_drift']) ?? false,
    claude_code_log: stringOf(value['claude_code_log']) ?? null,
    duration_seconds: numberOf(value['duration_seconds']) ?? null,
    cause: stringOf(value['cause']) ?? stringOf(recordOf(value['verdict'])?.['cause']) ?? null,
    suspect:
      stringOf(value['suspect']) ?? stringOf(recordOf(recordOf(value['failures'])?.['suspect'])?.['layer']) ?? null,
    label: stringOf(value['label'])?.slice(0, 100) ?? null,
    ...hostFrom(value['host']),
  };
}

/** As long as Linux lets a machine's name be. */
function hostFrom(value: unknown): Pick<IndexLine, 'host'> {
  const host = stringOf(value)?.slice(0, 64);
  return host === undefined || host === '' ? {} : { host };
}

export function lifecycleEventFrom(value: unknown): LifecycleEvent | undefined {
  if (!isRecord(value)) return undefined;
  const event = wordOf(LIFECYCLE_EVENTS, value['event']);
  const timestamp = stringOf(value['timestamp']);
  if (event === undefined || timestamp === undefined) return undefined;
  const reason = stringOf(value['reason']);
  const context = recordOf(value['context']);
  return {
    timestamp,
    event,
    session_id: stringOf(value['session_id']) ?? '',
    ...(reason !== undefined && { reason }),
    ...(context !== undefined && { context }),
  };
}

/** Our own file; what AutoSkillit calls the same is read as far as it goes. */
export function enrollmentFrom(value: unknown): Enrollment | undefined {
  if (!isRecord(value)) return undefined;
  const sessionId = stringOf(value['session_id']);
  const enrolledAt = stringOf(value['enrolled_at']);
  if (sessionId === undefined || enrolledAt === undefined) return undefined;
  return {
    schema_version: integerOf(value['schema_version']) ?? 0,
    session_id: sessionId,
    enrolled_at: enrolledAt,
    boot_id: stringOf(value['boot_id']) ?? '',
    pid: integerOf(value['pid']) ?? null,
    starttime_ticks: integerOf(value['starttime_ticks']) ?? null,
    comm: stringOf(value['comm']) ?? null,
    via: arrayOf(value['via']).filter((name) => typeof name === 'string'),
    recorder: processFrom(value['recorder']) ?? { pid: 0, starttime_ticks: null },
    spawned: processFrom(value['spawned']) ?? null,
    ...attachedFrom(value['attached']),
    mode: value['mode'] === 'attach' ? 'attach' : 'run',
    ...(value['interactive'] === true && { interactive: true }),
    agent: wordOf(AGENT_KINDS, value['agent']) ?? 'other',
    cwd: stringOf(value['cwd']) ?? '',
    skill_command: stringOf(value['skill_command']) ?? '',
    label: stringOf(value['label']) ?? null,
    interval_seconds: numberOf(value['interval_seconds']) ?? 5,
    timeout_seconds: numberOf(value['timeout_seconds']) ?? null,
    cores: integerOf(value['cores']) ?? 1,
    ...tmuxFrom(value['tmux']),
    ...launcherFrom(value['launcher']),
    ...traceFrom(value['trace']),
  };
}

function traceFrom(value: unknown): Pick<Enrollment, 'trace'> {
  const trace = traceContextFrom(value);
  return trace === undefined ? {} : { trace };
}

function attachedFrom(value: unknown): Pick<Enrollment, 'attached'> {
  const attached = processFrom(value);
  return attached === undefined ? {} : { attached };
}

/** What a session holds on to: it ends when this does. */
export function rootOf({ spawned, attached, pid, starttime_ticks }: Enrollment): Enrollment['recorder'] {
  return spawned ?? attached ?? { pid: pid ?? 0, starttime_ticks };
}

function launcherFrom(value: unknown): Pick<Enrollment, 'launcher'> {
  const launcher = processFrom(value);
  return launcher === undefined ? {} : { launcher };
}

function tmuxFrom(value: unknown): Pick<Enrollment, 'tmux'> {
  const record = recordOf(value);
  const socket = stringOf(record?.['socket']);
  const server = processFrom(record?.['server']);
  if (socket === undefined || server === undefined) return {};
  const session = stringOf(record?.['session']) ?? '';
  return { tmux: { socket, server, session, pane: stringOf(record?.['pane']) ?? '' } };
}

function processFrom(value: unknown): Enrollment['recorder'] | undefined {
  const record = recordOf(value);
  const pid = integerOf(record?.['pid']);
  return pid === undefined ? undefined : { pid, starttime_ticks: integerOf(record?.['starttime_ticks']) ?? null };
}

export function leftoversFrom(summary: JsonRecord | undefined): readonly Leftover[] {
  return arrayOf(summary?.['leftover_processes']).flatMap((value) => {
    const record = recordOf(value);
    const pid = integerOf(record?.['pid']);
    const startTicks = integerOf(record?.['start_ticks']);
    // pid 1 and below would signal init, a group or everything.
    if (record === undefined || pid === undefined || pid <= 1 || startTicks === undefined) return [];
    return [
      {
        pid,
        start_ticks: startTicks,
        boot_id: stringOf(record['boot_id']) ?? '',
        comm: stringOf(record['comm']) ?? '',
        parent_pid: integerOf(record['parent_pid']) ?? null,
        parent_comm: stringOf(record['parent_comm']) ?? null,
        age_seconds: numberOf(record['age_seconds']) ?? 0,
        rss_kb: integerOf(record['rss_kb']) ?? null,
      },
    ];
  });
}
