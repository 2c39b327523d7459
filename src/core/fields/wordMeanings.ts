import type { TmuxLoss } from '../session/tmuxLoss.ts';
import type {
  AnomalyKind,
  Cause,
  Confidence,
  EvidenceKind,
  FailureCategory,
  Layer,
  LifecycleEventName,
  Outcome,
  ProcessState,
  Severity,
  Subtype,
  TerminationReason,
} from '../words/vocabulary.ts';

/** What a word of a closed vocabulary says, for whoever meets it in a file. */

type Meanings<W extends string> = { readonly [word in W]: string };

const STATES: Meanings<ProcessState> = {
  running: 'on a processor, or ready for one',
  sleeping: 'waiting for something, and a signal can wake it',
  'disk-sleep':
    'waiting inside the kernel, mostly for a disk or a network file system; not even SIGKILL ends it before it wakes',
  stopped: 'stopped by SIGSTOP or by the terminal',
  'tracing-stop': 'stopped by a debugger',
  zombie: 'ended, but its parent has not collected its status: it holds no memory',
  dead: 'ending',
  'wake-kill': 'waiting inside the kernel, but SIGKILL can end it',
  waking: 'just being woken',
  idle: 'an idle kernel thread',
  parked: 'a parked kernel thread',
};

export const ANOMALY_MEANINGS: Meanings<AnomalyKind> = {
  oom_spike: 'the OOM score rose by more than 200 within one sample',
  oom_critical: 'the OOM score is so high that the kernel would choose this process first',
  zombie_detected: 'the tracked process has ended, and its parent has not collected its status',
  zombie_persistent: 'the tracked process has stayed a zombie: its parent hangs or has forgotten it',
  d_state_sustained: 'stuck inside the kernel, mostly on a disk or a network file system',
  high_cpu_sustained: 'computing at full speed for several samples: busy, or in an endless loop',
  signals_pending: 'a signal has arrived and is not taken',
  fd_high: 'more than 80% of the allowed file descriptors are open',
  rss_growth: 'the process holds more than twice the memory it began with',
  identity_drift: 'the tracked process is called something else than expected',
  tree_rss_growth: 'the memory of the whole process tree keeps growing',
  process_growth: 'the number of processes keeps growing',
  zombie_children: 'children have ended and nobody collects their status',
  fd_leak: 'the number of open file descriptors keeps growing',
  thread_growth: 'the number of threads keeps growing',
  memory_limit_near: 'little is left to the tightest memory limit',
  memory_pressure: 'processes of this machine wait for memory',
  oom_forecast: 'if it goes on as it does, the memory limit will be reached, or the disk be full, soon',
  stalled: 'a call is open, and there is neither output nor CPU time',
  oom_kill: 'the kernel killed a process of the session for memory',
  identity_lost: 'the tracked process is gone or its id belongs to another one now',
  leftover_processes: 'processes of the session outlived it',
  heartbeat_gap: 'nothing was recorded for a while: the machine slept or was overloaded',
};

const OUTCOMES: Meanings<Outcome> = {
  running: 'still running',
  succeeded: 'it did what it was started for',
  incomplete: 'it ended by itself with exit code 0, and its work was not finished',
  failed: 'it gave up by itself',
  died: 'something ended it',
  stopped: 'somebody ended it',
  lost: 'its end was not seen',
};

const CAUSE_MEANINGS: Meanings<Cause> = {
  completed: 'it ended by itself with exit code 0',
  exit_nonzero: 'it ended by itself with an error code',
  oom_kill: 'the kernel killed it for memory: its counter or its log says so',
  heap_limit: 'its JavaScript engine ran into its own heap limit; the machine may have had memory left',
  killed: 'SIGKILL, not by the OOM killer as far as can be seen',
  terminated: 'SIGTERM or another signal that ends a program',
  interrupted: 'Ctrl+C or SIGINT',
  crashed: 'it died of its own fault, such as SIGSEGV or SIGABRT',
  timed_out: 'the recorder ended it because its time was up',
  stopped: 'somebody asked the recorder to stop it',
  launch_failed: 'the system could not start it',
  fd_exhaustion: 'no file descriptor was left',
  disk_full: 'the disk was full',
  vanished: 'it was attached to, and nobody but its parent knows how it ended',
  lost: 'the recorder ended before it did',
  terminal_lost: 'its terminal or tmux session went away',
  ended_mid_task: 'its log stops in the middle of its work, or with an error',
  did_nothing: 'it made no turn and wrote no text',
  blocked: 'everything that it tried was denied to it',
  limit_reached: 'its limit of turns, budget, context or output was reached',
  unknown: 'the evidence does not tell',
};

const LAYERS: Meanings<Layer> = {
  none: 'nothing is at fault',
  environment: 'the machine, the network or the sandbox, not the agent',
  tool: 'a tool that was called',
  model: 'what the model decided',
  lifecycle: 'how the session was started, kept or ended',
  user: 'somebody wanted it so',
  unknown: 'not known',
};

export const CATEGORY_MEANINGS: Meanings<FailureCategory> = {
  model: 'the model refused, ran out of context or decided wrongly',
  tool_schema: 'the tool was called with arguments that it does not take',
  command_exit: 'it ended with an error code, as a test that does not pass does',
  network: 'a remote service: name lookup, connection, certificate, rate limit, overload or credentials',
  sandbox_approval: 'the sandbox or an approval kept it from being done',
  missing_dependency: 'a program, module or file that is needed is not there',
  timeout: 'it took longer than it was given',
  background_job: 'a job in the background ended badly or was lost',
  resource: 'memory, disk, file descriptors or watchers ran out',
  unknown: 'it failed, and the log does not tell why',
};

const LIFECYCLE: Meanings<LifecycleEventName> = {
  session_created: 'the recorder has made the session’s folder',
  agent_spawned: 'the agent has been started',
  sampling_started: 'the tracked process is known, and is sampled from now on',
  anomaly_detected: 'the first anomaly of this kind; all of them are in anomalies.jsonl',
  attached: 'the recorder follows a process that was already running',
  heartbeat_missed: 'the recorder itself did not run for a while',
  stop_requested: 'somebody asked for the end, or time was up',
  session_death_detected: 'the tracked process has ended',
  session_finished: 'the session’s files are complete',
  session_recovered: 'another recorder took over from one that was gone',
  leftovers_found: 'processes of the session outlived it',
  tmux_health: 'the tmux session was looked at',
  tmux_lost: 'the tmux session is gone',
  simultaneous_deaths: 'several sessions died within seconds: look for one cause',
  process_protected: 'a tool of the agent goes before the agent when memory runs out, or that was undone at the end',
  limit_set: 'the session was given a limit of its own, or that was taken away at the end',
  process_frozen: 'the guard stopped a process that was about to fill the memory',
  process_thawed: 'what the guard had stopped goes on',
  process_ended:
    'the recorder ended a process as it was asked to: one that it had stopped, a helper that was left behind, or an agent that had given its result',
  sessions_pruned: 'the oldest finished sessions were removed',
  on_end_finished: 'the command of --on-end has got the verdict, and ended',
  spool_dropped: 'what waited for a receiver was given up: too much, too old, damaged, or refused for good',
};

const SUBTYPES: Meanings<Subtype> = {
  success: 'it completed',
  incomplete: 'exit code 0, and its work was not finished',
  error_during_execution: 'it gave up by itself',
  timeout: 'its time was up',
  interrupted: 'Ctrl+C or SIGINT ended it',
  crashed: 'it was ended without wanting to',
  stopped: 'somebody asked for its end',
  lost: 'its end was not seen',
};

const TERMINATIONS: Meanings<TerminationReason> = {
  natural_exit: 'it ended by itself',
  timed_out: 'its time was up',
  stopped: 'somebody asked for its end',
  killed: 'a signal ended it',
  crashed: 'it failed inside, or was lost',
};

const EVIDENCE: Meanings<EvidenceKind> = {
  exit_status: 'what the process told its parent at its end',
  launch_error: 'why the system refused to start it',
  kernel_oom_counter: 'how often the kernel killed for memory on this machine meanwhile',
  cgroup_oom_counter: 'how often the kernel killed for memory in the session’s control group',
  kernel_log: 'the kernel’s log names the process: killed for memory or, with a signal’s number, crashed',
  own_signal: 'the recorder itself sent this signal',
  killer_process: 'a program that kills others was running',
  memory_pressure: 'memory was short',
  last_snapshot: 'the last values that were read',
  stderr_marker: 'a known last message in its error output',
  tmux: 'what became of its tmux session',
  simultaneous_deaths: 'how many sessions died at the same time',
  recorder_gap: 'for how long nothing had been recorded at the end',
  reboot: 'the machine was started again meanwhile',
  exit_notice: 'how it ended, as the kernel told the recorder, which is not its parent',
  signal_sender: 'who sent the signal, as the kernel or the launcher saw it',
  own_command: 'a command of the agent’s own ends processes, of which it can be one',
  transcript_end: 'how the agent’s own log, or what it printed, stops',
  machine_log: 'what the machine remembers of a session that nobody recorded',
};

const CONFIDENCES: Meanings<Confidence> = {
  certain: 'there is proof',
  likely: 'the evidence points there, without proof',
  possible: 'nothing speaks against it',
};

const SEVERITY_MEANINGS: Meanings<Severity> = {
  info: 'worth knowing',
  warning: 'worth a look',
  critical: 'likely to end the session',
};

const GAPS = {
  suspended: 'the machine slept',
  stopped: 'the recorder itself was stopped and continued',
  starved: 'the recorder was ready and got no processor: the machine was overloaded',
  busy: 'the recorder was at work on something else',
  unknown: 'why the recorder did not run cannot be told',
};

const TMUX: Meanings<TmuxLoss> = {
  server_gone: 'the tmux server died or was killed',
  server_stopped: 'the tmux server was told to end, with everything in it',
  session_closed: 'somebody closed the tmux session',
  session_ended: 'the last shell of the tmux session was left',
  session_gone: 'the tmux session went together with the program in it',
  pane_closed: 'somebody closed the tmux pane',
  pane_gone: 'the program of the tmux pane ended, and the pane with it',
  socket_gone: 'the tmux server runs, but nobody can reach it any more',
};

const RECOVERIES = {
  agent_alive: 'the agent was still running, and is recorded on',
  agent_gone: 'the agent was gone as well',
};

const SAMPLE_EVENTS = {
  snapshot: 'a sample taken while it ran',
  exit_snapshot: 'the last look at the process, at its end',
  anomaly: 'something unusual at one sample',
};

/** By the last name of a field; several vocabularies share one where files use the name for both. */
const BY_FIELD: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>> = {
  state: [STATES],
  kind: [ANOMALY_MEANINGS, EVIDENCE],
  outcome: [OUTCOMES],
  cause: [CAUSE_MEANINGS],
  reason: [CAUSE_MEANINGS, ANOMALY_MEANINGS, TMUX, RECOVERIES],
  gap: [GAPS],
  kill_reason: [CAUSE_MEANINGS],
  layer: [LAYERS],
  suspect: [LAYERS],
  category: [CATEGORY_MEANINGS],
  ended_by: [CATEGORY_MEANINGS],
  event: [LIFECYCLE, SAMPLE_EVENTS],
  subtype: [SUBTYPES],
  termination_reason: [TERMINATIONS],
  confidence: [CONFIDENCES],
  severity: [SEVERITY_MEANINGS],
};

/** What a word says in a field; `undefined` when it is no word of ours. */
export function wordMeaning(field: string, word: string): string | undefined {
  for (const words of Object.hasOwn(BY_FIELD, field) ? (BY_FIELD[field] ?? []) : []) {
    if (Object.hasOwn(words, word)) return words[word];
  }
  return undefined;
}
