import { under, type FieldMeaning, type FieldMeanings, type ValueForm } from './fieldMeaning.ts';
import { SNAPSHOT_FIELDS } from './sampleFields.ts';
import type { SocketCounts } from '../words/socketCounts.ts';

/** What is told of one moment: lines of anomalies.jsonl, of the lifecycle logs and of devboy's trace.jsonl. */

/** What grows, as `initial_…`, `final_…` and `…_per_second`. */
const GROWING: Readonly<Record<string, readonly [ValueForm, ValueForm]>> = {
  rss_kb: ['kb', 'kb_per_second'],
  tree_rss_kb: ['kb', 'kb_per_second'],
  fd_count: ['count', 'number'],
  threads: ['count', 'number'],
  process_count: ['count', 'number'],
};

const GROWTH_FIELDS: FieldMeanings = Object.fromEntries(
  Object.entries(GROWING).flatMap(([unit, [form, slope]]) => [
    [`initial_${unit}`, { form, meaning: 'The amount at the beginning of the growth.' }],
    [`final_${unit}`, { form, meaning: 'The amount now.' }],
    [`${unit}_per_second`, { form: slope, meaning: 'How fast it grew.' }],
  ]),
);

const SOCKET_FIELDS: { readonly [field in keyof SocketCounts]: FieldMeaning } = {
  sockets_established_https: openTo('port 443, which is HTTPS'),
  sockets_established_http: openTo('port 80, which is HTTP'),
  sockets_established_dns: openTo('port 53, which is a name server'),
  sockets_established_other: openTo('any other port'),
  sockets_connecting: {
    form: 'count',
    meaning: 'Connections that it has asked for and nobody has answered.',
    source: '/proc/<pid>/net/tcp and tcp6, SYN_SENT',
    trap: 'Where a firewall drops packets, this takes minutes to become an error.',
  },
  sockets_close_wait: {
    form: 'count',
    meaning: 'Connections that the other end has closed and it has not.',
    source: '/proc/<pid>/net/tcp and tcp6, CLOSE_WAIT',
  },
  sockets_unix: {
    form: 'count',
    meaning: 'Local sockets.',
    source: '/proc/<pid>/net/unix',
    trap: 'Node gives its children local sockets as standard input and output.',
  },
};

function openTo(end: string): FieldMeaning {
  return {
    form: 'count',
    meaning: `Connections of the waiting process to ${end}, on which the other end can still send.`,
    source: '/proc/<pid>/net/tcp, tcp6, udp and udp6',
  };
}

const DETAIL_FIELDS: FieldMeanings = {
  since_seq: { form: 'count', meaning: 'The sample with which it began: only a worsening is recorded again.' },
  from: { form: 'signals', meaning: 'The value before: a score, or a mask of signals.' },
  to: { form: 'signals', meaning: 'The value now: a score, or a mask of signals.' },
  delta: { form: 'number', meaning: 'By how much it rose.' },
  oom_score: { form: 'oom_score', meaning: 'The kernel’s OOM score.' },
  share_per_mille: {
    form: 'per_mille',
    meaning: 'Share of memory and swap that the process takes, computed back from its OOM score.',
  },
  state: { form: 'word', meaning: 'State in which the process was.' },
  wchan: { form: 'wchan', meaning: 'The kernel function in which it waits.' },
  consecutive_count: { form: 'count', meaning: 'For how many samples in a row.' },
  cpu_percent: { form: 'cpu_percent', meaning: 'CPU time; 100 is one core.' },
  cores: { form: 'count', meaning: 'Cores it could use.' },
  fd_count: { form: 'count', meaning: 'Open file descriptors.' },
  fd_soft_limit: { form: 'fd_limit', meaning: 'How many it may have open.' },
  ratio: { form: 'ratio', meaning: 'Descriptors in use, as a share of what is allowed.' },
  ...GROWTH_FIELDS,
  growth_factor: { form: 'number', meaning: 'How many times as much as at the beginning.' },
  span_seconds: { form: 'seconds', meaning: 'Over which time it grew.' },
  expected_comm: { form: 'text', meaning: 'What the process is called normally.' },
  actual_comm: { form: 'text', meaning: 'What it was called here.' },
  seq: { form: 'count', meaning: 'The sample.' },
  used_kb: { form: 'kb', meaning: 'Memory in use against the tightest limit, or what the disk holds.' },
  limit_kb: {
    form: 'kb',
    meaning: 'The tightest limit: the control group’s, or what the machine has; of a disk, its size.',
  },
  used_ratio: { form: 'ratio', meaning: 'Share of the tightest limit that is in use.' },
  mem_available_kb: { form: 'kb', meaning: 'Memory that programs can still get.' },
  psi_memory_some_avg10: {
    form: 'percent',
    meaning: 'Share of the last 10 seconds in which something waited for memory.',
  },
  zombie_count: { form: 'count', meaning: 'Children that ended and whose status nobody has collected.' },
  oldest_seconds: { form: 'seconds', meaning: 'For how long the oldest of them.' },
  parent_pid: { form: 'pid', meaning: 'The process that has not collected them.' },
  is_pid_reused: { form: 'flag', meaning: 'Whether another process has the tracked one’s id now.' },
  living_members: { form: 'count', meaning: 'Processes of the session that still live.' },
  quiet_seconds: { form: 'seconds', meaning: 'For how long there was neither output nor CPU time.' },
  waiting_pid: { form: 'pid', meaning: 'The process that the others wait for.' },
  waiting_comm: { form: 'text', meaning: 'What it is called.' },
  waiting_state: { form: 'text', meaning: 'Its state.' },
  waiting_wchan: { form: 'text', meaning: 'The function of the kernel that it waits in.' },
  ...SOCKET_FIELDS,
  gap_seconds: { form: 'seconds', meaning: 'For how long nothing was recorded.' },
  interval_seconds: { form: 'seconds', meaning: 'How often a sample was due.' },
  process_count: { form: 'count', meaning: 'Processes that were left behind.' },
  rss_kb: { form: 'kb', meaning: 'Memory that they hold together.' },
  oldest_age_seconds: { form: 'seconds', meaning: 'Age of the oldest of them.' },
  resource: { form: 'word', meaning: 'What runs out: `memory` or `disk`.' },
  seconds_to_limit: { form: 'seconds', meaning: 'Time to the limit if it goes on as it does.' },
  seconds_to_limit_earliest: {
    form: 'seconds',
    meaning: 'The least time it may be: nine ends in ten come between this and the most.',
  },
  seconds_to_limit_latest: { form: 'seconds', meaning: 'The most time it may be.' },
  kb_per_second: { form: 'kb_per_second', meaning: 'How fast it fills.' },
  snapshot_count: { form: 'count', meaning: 'Samples that were looked at.' },
};

export const ANOMALY_FIELDS: FieldMeanings = {
  ts: {
    form: 'instant',
    meaning: 'Time of the sample that showed it.',
    trap: 'AutoSkillit writes the time of detection here, often the end of the session: `seq` and `snapshot.captured_at` place it.',
  },
  seq: {
    form: 'count',
    meaning: 'Number of the sample that showed it: the line of proc_trace.jsonl with the same number.',
  },
  event: { form: 'word', meaning: 'Always `anomaly`.' },
  kind: { form: 'word', meaning: 'What was unusual.' },
  severity: {
    form: 'word',
    meaning: '`info` is worth knowing, `warning` worth a look, `critical` likely to end the session.',
  },
  pid: { form: 'pid', meaning: 'The process that showed it.' },
  detail: { form: 'record', meaning: 'The numbers that decided.' },
  ...under('detail', DETAIL_FIELDS),
  snapshot: { form: 'record', meaning: 'The whole sample, as in proc_trace.jsonl.' },
  ...under('snapshot', SNAPSHOT_FIELDS),
};

export const LIFECYCLE_FIELDS: FieldMeanings = {
  timestamp: { form: 'instant', meaning: 'When it happened.' },
  event: { form: 'word', meaning: 'What happened.' },
  session_id: { form: 'text', meaning: 'The session it happened to.' },
  reason: { form: 'word', meaning: 'Why: a cause, a kind of anomaly, or what was asked for.' },
  context: { form: 'record', meaning: 'What else was known at that instant.' },
  ...under('context', {
    exit_code: { form: 'exit_code', meaning: 'Exit status; the signal is beside it.' },
    signal: { form: 'text', meaning: 'The signal that ended it.', unreadable: '`null`: it ended by itself.' },
    age_seconds: { form: 'seconds', meaning: 'How long the session had been running.' },
    last_snapshot_age_seconds: {
      form: 'seconds',
      meaning: 'How long before its death it was last sampled.',
      trap: 'A large number means that nobody saw the end coming.',
    },
    snapshot_count: { form: 'count', meaning: 'Samples until then.' },
    output_size_bytes: {
      form: 'bytes',
      meaning: 'What it had written.',
      unreadable: '`null`: output is not captured.',
    },
    active_sessions_count: { form: 'count', meaning: 'Sessions that were running on this machine.' },
    system_memory_mb: { form: 'mb', meaning: 'Memory of the machine.' },
    system_cpu_percent: { form: 'percent', meaning: 'CPU in use over the whole machine; 100 is all cores.' },
    mem_available_kb: { form: 'kb', meaning: 'Memory that programs could still get.' },
    oom_kill_delta: {
      form: 'count',
      meaning: 'How many processes the kernel killed for memory while the session ran.',
      source: '/proc/vmstat, oom_kill',
      trap: 'It counts the whole machine: another process may have been the victim.',
    },
    agent: { form: 'word', meaning: 'Which agent runs.' },
    mode: { form: 'word', meaning: '`run`: started by the recorder. `attach`: it was running already.' },
    pid: { form: 'pid', meaning: 'Its process id.' },
    pids: { form: 'list', meaning: 'Processes that were left behind.' },
    interval_seconds: { form: 'seconds', meaning: 'The sampling interval that was asked for.' },
    gap_seconds: {
      form: 'seconds',
      meaning: 'For how long the recorder itself did not run: the machine slept or was overloaded.',
    },
    severity: { form: 'word', meaning: 'How bad the anomaly is.' },
    incident_id: {
      form: 'text',
      meaning: 'The sessions that died together: `session-diagnostics show` tells of them.',
    },
    confidence: { form: 'word', meaning: 'How sure their common cause is.' },
    server_alive: { form: 'flag', meaning: 'Whether the tmux server lives.' },
    server_pid: { form: 'pid', meaning: 'Process id of the tmux server.' },
    sessions: { form: 'list', meaning: 'How many tmux sessions there are or, of an incident, which sessions it took.' },
    clients: { form: 'count', meaning: 'Terminals that are attached to the tmux server.' },
    killers: { form: 'list', meaning: 'Programs that end others and were running at that moment.' },
    'killers.name': { form: 'text', meaning: 'Name of the program.' },
    'killers.pid': { form: 'pid', meaning: 'Its process id.' },
    'killers.role': {
      form: 'text',
      meaning:
        '`command`: it was there at this moment. `daemon`: it is always there. `wrapper`: the session runs under it.',
    },
    seq: { form: 'count', meaning: 'The sample that showed it.' },
    comm: { form: 'text', meaning: 'What the process is called.' },
    from: { form: 'number', meaning: 'Its oom_score_adj before.' },
    to: { form: 'number', meaning: 'Its oom_score_adj from now on.' },
    rss_kb: { form: 'kb', meaning: 'Memory that the process holds.' },
    used_kb: { form: 'kb', meaning: 'Memory in use of what it may run out of.' },
    limit_kb: { form: 'kb', meaning: 'That limit.' },
    memory_limit_kb: { form: 'kb', meaning: 'What the session may take of memory.' },
    pids_limit: { form: 'count', meaning: 'How many processes and threads it may be.' },
    cpu_limit: { form: 'number', meaning: 'How many cores it may use.' },
    raised_count: { form: 'count', meaning: 'Processes of the session whose oom_score_adj was raised.' },
    restored_count: { form: 'count', meaning: 'Of those that still lived at the end: who got back what it had.' },
    refused_count: { form: 'count', meaning: 'Of those that still lived at the end: where the kernel refused that.' },
  }),
};

export const DEVBOY_FIELDS: FieldMeanings = {
  ts: { form: 'instant', meaning: 'When it happened.' },
  skill: { form: 'text', meaning: 'The skill that is traced.' },
  session_id: { form: 'text', meaning: 'Name of the trace, a ULID: its first ten characters are its time.' },
  phase: {
    form: 'word',
    meaning:
      'What kind of step this is: `start`, `decision`, `tool_call`, `tool_result`, `verify`, `artifact`, `note` or `end`.',
  },
  payload: { form: 'record', meaning: 'What the skill says about the step; its form depends on the phase.' },
  'payload.ok': { form: 'flag', meaning: 'Whether the tool did what it was called for.' },
  'payload.tool': { form: 'text', meaning: 'The tool that was called.' },
  'payload.exit_code': { form: 'exit_code', meaning: 'Exit code of the command.' },
  'payload.outcome': { form: 'word', meaning: 'The skill’s own verdict: `success`, `failure` or `aborted`.' },
  'payload.summary': { form: 'text', meaning: 'What came of it.' },
};
