import { under, type FieldMeanings } from './fieldMeaning.ts';

/** What is told of a whole session: a line of sessions.jsonl, and summary.json. */

const VERDICT_FIELDS: FieldMeanings = {
  outcome: { form: 'word', meaning: 'How the session ended, in one word.' },
  cause: { form: 'word', meaning: 'What ended it, as far as the evidence allows to say.' },
  layer: {
    form: 'word',
    meaning: 'Where the cause lies: in the environment, a tool, the model, the life cycle or with a person.',
  },
  confidence: {
    form: 'word',
    meaning: 'How sure the verdict is.',
    trap: 'SIGKILL alone is never called an OOM kill: that needs the kernel’s own counter or log.',
  },
  evidence: { form: 'list', meaning: 'What the verdict rests on.' },
  'evidence.kind': { form: 'word', meaning: 'Which kind of evidence this is.' },
  'evidence.ts': { form: 'instant', meaning: 'When it was seen.' },
  'evidence.pid': { form: 'pid', meaning: 'The process it is about.' },
  'evidence.value': {
    form: 'number',
    meaning: 'The reading: an exit code, a count, kilobytes or seconds, by the kind of evidence.',
  },
  'evidence.limit': { form: 'number', meaning: 'What the value is to be compared with, in the same unit.' },
  'evidence.relation': { form: 'word', meaning: 'What the sender of the signal was to the process that got it.' },
  'evidence.command': { form: 'text', meaning: 'The command line of the sender, without credentials.' },
  'evidence.name': { form: 'text', meaning: 'A name from a closed list: a signal, a program that kills, a marker.' },
};

const FAILURE_FIELDS: FieldMeanings = {
  format: { form: 'text', meaning: 'Which agent’s log format the transcript has.' },
  total_lines: { form: 'count', meaning: 'Lines of the transcript.' },
  malformed_lines: { form: 'count', meaning: 'Lines of it that are no JSON.' },
  counts: { form: 'record', meaning: 'Failures by category.' },
  unclosed_turns: { form: 'record', meaning: 'Turns that began and never ended.' },
  'unclosed_turns.at_end': {
    form: 'count',
    meaning: 'Turns that the log ends in: the session stopped in their middle.',
  },
  'unclosed_turns.in_middle': { form: 'count', meaning: 'Turns that another one followed without their having ended.' },
  unclosed_calls: { form: 'count', meaning: 'Tool calls without a result.' },
  first_ts: { form: 'instant', meaning: 'The first time in the transcript.' },
  last_ts: { form: 'instant', meaning: 'The last time in the transcript.' },
  ended_by: { form: 'word', meaning: 'Category of the failure after which nothing went on.' },
  sources: { form: 'list', meaning: 'Every classified failure.' },
  'sources.category': { form: 'word', meaning: 'What kind of thing failed.' },
  'sources.rule': { form: 'text', meaning: 'The rule that decided the category.' },
  'sources.confidence': { form: 'word', meaning: 'How sure the category is.' },
  'sources.handle': {
    form: 'text',
    meaning:
      'Names the line without telling anything about the file: `session-diagnostics locate` finds it on the machine that recorded it.',
  },
  'sources.line': { form: 'count', meaning: 'Line of the transcript, from 1.' },
  'sources.ts': { form: 'instant', meaning: 'When it failed.' },
  'sources.exit_code': { form: 'exit_code', meaning: 'Exit code of the command that failed.' },
  'sources.tool_kind': { form: 'word', meaning: 'What kind of tool was called.' },
  suspect: {
    form: 'record',
    meaning: 'Whether the environment or the model is to be suspected, from the counts alone.',
  },
  'suspect.layer': { form: 'word', meaning: 'Where most failures lie.' },
  'suspect.confidence': { form: 'word', meaning: 'How sure that is.' },
  'suspect.because': { form: 'list', meaning: 'The categories that decided.' },
  'suspect.sentence': { form: 'text', meaning: 'The same as a sentence, made from the counts only.' },
};

const SESSION_ID = {
  form: 'text',
  meaning:
    'Name of the session: given by its caller, else made when it was recorded. Empty in AutoSkillit’s records of sessions that never told theirs.',
} as const;
const DIR_NAME = { form: 'text', meaning: 'The session’s folder under `sessions/`.' } as const;
const EXIT_CODE = {
  form: 'exit_code',
  meaning: 'Exit status of the tracked process; −n is a death by signal n.',
  unreadable: '`null`: a process that was attached to tells its status to its parent alone.',
  trap: '`success: true` with a negative code is a session that was killed after it had completed.',
} as const;

const HOST = { form: 'text', meaning: 'Name of the machine it ran on; never in a report.' } as const;

const SHARED: FieldMeanings = {
  session_id: SESSION_ID,
  dir_name: DIR_NAME,
  cwd: { form: 'text', meaning: 'Working directory of the agent.' },
  success: { form: 'flag', meaning: 'Whether the session did what it was started for, as far as its end tells.' },
  subtype: { form: 'word', meaning: 'How the session ended, in AutoSkillit’s words.' },
  exit_code: EXIT_CODE,
  snapshot_count: { form: 'count', meaning: 'Samples taken: lines of proc_trace.jsonl.' },
  anomaly_count: {
    form: 'count',
    meaning: 'Records in anomalies.jsonl.',
    trap: 'One record per sample: a leak of ten minutes is many records and one episode. The panel counts episodes.',
  },
  peak_rss_kb: {
    form: 'kb',
    meaning: 'The most memory the tracked process held in any sample. Its children are in `peak_tree_rss_kb`.',
  },
  peak_oom_score: {
    form: 'oom_score',
    meaning: 'The highest OOM score of any sample.',
    trap: 'On Linux 5.9 and later an idle process already reads 666.',
  },
  tracked_comm: { form: 'text', meaning: 'What the tracked process is called once it has settled.' },
  tracked_comm_drift: {
    form: 'flag',
    meaning: 'Whether it was ever called something else: another program may have taken its place.',
  },
  claude_code_log: {
    form: 'text',
    meaning: 'Claude Code’s own transcript of the session.',
    unreadable: '`null`: another agent, or not found.',
  },
  duration_seconds: { form: 'seconds', meaning: 'From the start of the recording to the end of the session.' },
  label: { form: 'text', meaning: 'The note that whoever started it gave it.' },
};

export const INDEX_FIELDS: FieldMeanings = {
  ...SHARED,
  timestamp: { form: 'instant', meaning: 'When the session started.' },
  skill_command: { form: 'text', meaning: 'What was run, redacted; its first 100 characters.' },
  cause: { form: 'word', meaning: 'What ended the session.' },
  suspect: {
    form: 'word',
    meaning: 'Where most of its failures lie.',
    unreadable: '`null`: no failures, or no transcript.',
  },
  host: HOST,
};

export const SUMMARY_FIELDS: FieldMeanings = {
  ...SHARED,
  schema_version: { form: 'count', meaning: 'Version of this file’s form.' },
  pid: { form: 'pid', meaning: 'Process id of the tracked process, which may run again as another by now.' },
  skill_command: { form: 'text', meaning: 'What was run, redacted.' },
  signal: { form: 'text', meaning: 'The signal that ended it.', unreadable: '`null`: it ended by itself.' },
  start_ts: { form: 'instant', meaning: 'When the recording began.' },
  end_ts: { form: 'instant', meaning: 'When the session ended.', trap: 'Of a lost session, when it was last seen.' },
  snapshot_interval_seconds: {
    form: 'seconds',
    meaning: 'The sampling interval that was asked for.',
    trap: 'Near a memory limit the recorder samples more often.',
  },
  peak_fd_ratio: { form: 'ratio', meaning: 'The most file descriptors in use, as a share of what was allowed.' },
  peak_tree_rss_kb: {
    form: 'kb',
    meaning: 'The most memory all processes of the session held together.',
    unreadable: '`null`.',
  },
  termination_reason: { form: 'word', meaning: 'Who ended it, in AutoSkillit’s words.' },
  kill_reason: { form: 'text', meaning: 'What killed it; empty when nothing did.' },
  transcript: { form: 'text', meaning: 'The agent’s own log of the session.', unreadable: '`null`: not found.' },
  transcript_candidates: {
    form: 'list',
    meaning: 'Logs that may be its own, where nothing proves which; `link` says it.',
  },
  agent: { form: 'word', meaning: 'Which agent ran.' },
  cores: { form: 'count', meaning: 'Processor cores it could use: high CPU is judged against them.' },
  verdict: { form: 'record', meaning: 'What happened to the process, and how that is known.' },
  ...under('verdict', VERDICT_FIELDS),
  failures: {
    form: 'record',
    meaning: 'What went wrong inside the session, from the agent’s own transcript.',
    unreadable: '`null`: no transcript was found.',
  },
  ...under('failures', FAILURE_FIELDS),
  leftover_processes: {
    form: 'list',
    meaning:
      'Processes that outlived the session. `session-diagnostics cleanup` ends them after checking that they are still the same.',
  },
  ...under('leftover_processes', {
    pid: { form: 'pid', meaning: 'Process id; the same process only with this start and this boot.' },
    start_ticks: { form: 'ticks', meaning: 'When it started, in hundredths of a second since the machine did.' },
    boot_id: { form: 'text', meaning: 'Which start of the machine it belongs to.' },
    comm: { form: 'text', meaning: 'Its name.' },
    parent_pid: { form: 'pid', meaning: 'The process that started it.' },
    parent_comm: { form: 'text', meaning: 'Name of the process that started it.' },
    age_seconds: { form: 'seconds', meaning: 'How long it had been running when the session ended.' },
    rss_kb: { form: 'kb', meaning: 'Memory that it held then.' },
  }),
  timeout_seconds: { form: 'seconds', meaning: 'The time limit that it was given.' },
  host: HOST,
  environment: { form: 'record', meaning: 'What it ran on: two sessions may differ for that alone.' },
  ...under('environment', {
    product: { form: 'text', meaning: 'Version of the recorder.', unreadable: '`null`: not told.' },
    node: { form: 'text', meaning: 'Version of Node that recorded it.' },
    os: { form: 'text', meaning: 'Operating system.' },
    kernel: { form: 'text', meaning: 'Version of the kernel.' },
    arch: { form: 'text', meaning: 'Architecture of the processor.' },
    cores: { form: 'count', meaning: 'Processor cores it could use.' },
    memory_kb: { form: 'kb', meaning: 'Memory of the machine.' },
    cgroup_limit_kb: { form: 'kb', meaning: 'The tightest limit of its memory groups.', unreadable: '`null`: none.' },
    agent_version: { form: 'text', meaning: 'Version of the agent, from its log.', unreadable: '`null`: not told.' },
    container: { form: 'flag', meaning: 'It ran in a container.', unreadable: '`null`: not known.' },
  }),
  limits: { form: 'record', meaning: 'Its soft limits, those that there were (`ulimit`).' },
  ...under('limits', {
    address_space_kb: { form: 'kb', meaning: 'The most address space a process of it may have (`ulimit -v`).' },
    data_kb: { form: 'kb', meaning: 'The most data (`ulimit -d`).' },
    stack_kb: { form: 'kb', meaning: 'The largest stack (`ulimit -s`).' },
    file_size_kb: { form: 'kb', meaning: 'The largest file it may write (`ulimit -f`).' },
    cpu_seconds: { form: 'seconds', meaning: 'The most CPU time of a process (`ulimit -t`).' },
    open_files: { form: 'count', meaning: 'The most open file descriptors (`ulimit -n`).' },
    processes: { form: 'count', meaning: 'The most processes and threads of its user (`ulimit -u`).' },
  }),
  trace: { form: 'record', meaning: 'The trace to which its spans belong, as its agent was told.' },
  ...under('trace', {
    trace_id: { form: 'text', meaning: 'The trace, in 32 hex digits.' },
    span_id: { form: 'text', meaning: 'The span of this session.' },
    parent_span_id: {
      form: 'text',
      meaning: 'The span of whoever started it.',
      unreadable: '`null`: nobody said one.',
    },
    flags: { form: 'text', meaning: 'Two hex digits: whether it is sampled.' },
  }),
  redactions: { form: 'record', meaning: 'How many secrets were removed before writing, by kind.' },
  recorder_id: {
    form: 'text',
    meaning: 'A UUID of who recorded it: one that records several sessions has the same in each.',
  },
  interactive: { form: 'flag', meaning: 'A person sat at its terminal; only `watch` tells.' },
};

/** devboy's meta.json. */
export const DEVBOY_META_FIELDS: FieldMeanings = {
  session_id: { form: 'text', meaning: 'Name of the session, a ULID: its first ten characters are its time.' },
  skill: { form: 'text', meaning: 'The skill that was traced.' },
  skill_version: { form: 'text', meaning: 'Version of the skill.' },
  started_at: { form: 'instant', meaning: 'When the trace began.' },
  ended_at: { form: 'instant', meaning: 'When it ended; left out while it goes on.' },
  outcome: { form: 'word', meaning: 'The skill’s own verdict.' },
  input_summary: { form: 'text', meaning: 'What it was asked to do.' },
  tool_calls: { form: 'count', meaning: 'Lines of trace.jsonl with the phase `tool_call`.' },
  errors: { form: 'count', meaning: 'Tool results with `ok` false.' },
  summary: { form: 'text', meaning: 'What came of it.' },
};
