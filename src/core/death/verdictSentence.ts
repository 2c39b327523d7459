import { SCRIPT_RUNNERS } from './deathFacts.ts';
import { LAST_WORD_NAMES } from './lastWords.ts';
import { humanBytes, humanKb, humanSeconds } from '../words/humanUnits.ts';
import { machineClause, unrecordedPhrase } from './machineWords.ts';
import { ownCommandClause } from './ownCommand.ts';
import { senderClause, senderPhrase } from './signalSender.ts';
import { signalOfNumber } from '../words/signals.ts';
import { isExitEvidence, isOomKillEvidence, type Evidence, type Verdict } from '../session/verdict.ts';
import type { TmuxLoss } from '../session/tmuxLoss.ts';
import type { Activity, Cause, EvidenceKind, TranscriptEndName, VerdictDetail } from '../words/vocabulary.ts';

const OOM_KINDS: ReadonlySet<EvidenceKind> = new Set(['kernel_oom_counter', 'cgroup_oom_counter', 'kernel_log']);

/** What happened, how sure that is, and what says so. */
export function verdictSentence(verdict: Verdict): string {
  if (verdict.outcome === 'running') {
    return verdict.cause === 'stopped' ? 'The recording was stopped; the process went on.' : running(verdict);
  }
  const reasons = reasonsOf(verdict).map((item) => evidenceClause(item));
  const because = reasons.length === 0 ? '' : `: ${joined(reasons)}`;
  const why = verdict.detail === undefined ? '' : `, because ${DETAIL_CLAUSES[verdict.detail]}`;
  return `${happened(verdict)}${why} (${verdict.confidence})${because}.`;
}

function running({ activity }: Verdict): string {
  return activity === undefined ? 'Still running.' : `Still running: ${ACTIVITY[activity]}.`;
}

export const ACTIVITY: { readonly [activity in Activity]: string } = {
  working: 'it is at work',
  idle: 'it waits, and nothing of it computes',
  waiting_child: 'it waits for a process that it started',
  waiting_network: 'it waits for the other end of a connection',
  waiting_disk: 'it is stuck in the kernel, mostly on a disk or a network file system',
  waiting_stdin: 'it waits for somebody to type',
  waiting_approval: 'it waits for somebody to allow what it wants to do',
  stopped: 'it is stopped by a signal or a debugger, and goes on with SIGCONT',
  frozen: 'its control group is frozen, and it does nothing until that is thawed',
  busy: 'it computes at full speed and prints nothing, as an endless loop does',
  deadlocked: 'its threads wait for one another',
  stalled: 'a call is open, and there is neither output nor CPU time',
  done_not_exited: 'it has given its result, and has not ended',
};

/** Why, as a clause of its own. */
export const DETAIL_CLAUSES: { readonly [detail in VerdictDetail]: string } = {
  memory_error: 'it could get no more memory',
  java_heap: "Java's heap was full",
  v8_heap: "its JavaScript engine's heap was full",
  stack_overflow: 'its stack was full',
  uncaught_exception: 'an error of its own was not caught',
  assertion: 'an assertion of its own failed',
  fork_limit: 'no more processes could be started',
  thread_limit: 'no more threads could be started',
  cpu_limit: 'its limit of CPU time was used up',
  file_size_limit: 'a file reached the largest size that it may have',
  seccomp: 'it made a system call that its sandbox forbids',
  read_only: 'the file system is read-only',
  quota: 'a quota was used up',
  inodes: 'the file system had no inodes left',
  inotify: 'the limit of file watchers was reached',
  dns: 'a host name could not be looked up',
  refused: 'a connection was refused',
  tls: 'a secure connection could not be made',
  auth: 'its login was not accepted',
  rate_limit: 'the service limits how often it may be asked',
  overloaded: 'the service was overloaded or out of order',
  missing_program: 'a program was missing',
  missing_module: 'a module was missing',
  missing_file: 'a file was missing',
  permission: 'it lacked a permission',
  parent_death: 'its parent had ended',
  pipe_closed: 'nobody read its output any more',
  alarm: 'an alarm that it had set itself ran out',
  wrapper_timeout: 'the time limit of a program around it was over',
  reboot: 'the machine was started again',
  suspend: 'the machine was suspended',
  own_limit: 'it reached its own limit, which it was started with',
};

/** What happened, without how sure that is and what says so. */
export function happenedSentence(verdict: Verdict): string {
  return happened(verdict);
}

/** One item of evidence as a sentence. */
export function evidenceSentence(item: Evidence): string {
  const clause = evidenceClause(item);
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}

function happened(verdict: Verdict): string {
  const unrecorded = unrecordedPhrase(verdict);
  if (unrecorded !== undefined) return unrecorded;
  const status = verdict.evidence.find(isExitEvidence);
  if (verdict.cause === 'exit_nonzero') {
    const exited = `Exited by itself with code ${status?.value ?? 'unknown'}`;
    return verdict.layer === 'environment' && verdict.evidence.some(isOomKillEvidence)
      ? `${exited} after the kernel's OOM killer took another process`
      : exited;
  }
  const sender = senderPhrase(verdict.evidence);
  if (verdict.cause === 'terminated') return `Ended by ${signalText(status, 'SIGTERM')}${sender}`;
  if (verdict.cause === 'killed' && sender !== '') return `Killed with SIGKILL${sender}`;
  if (verdict.cause === 'interrupted') {
    return sender === ''
      ? `Interrupted${interruptedBy(verdict, status)}`
      : `Interrupted by ${signalText(status, 'SIGINT')}${sender}`;
  }
  if (verdict.cause === 'lost' && !verdict.evidence.some(({ kind }) => kind === 'recorder_gap')) return LOST_STATUS;
  // AutoSkillit's and devboy's word, where nothing else is known.
  if (verdict.cause === 'unknown' && verdict.outcome === 'failed') return 'Failed, as its own record says';
  if (verdict.cause === 'crashed')
    return `Crashed with ${signalText(status, loggedSignal(verdict) ?? 'a fatal signal')}`;
  return HAPPENED[verdict.cause];
}

const HAPPENED: {
  readonly [cause in Exclude<Cause, 'exit_nonzero' | 'terminated' | 'crashed' | 'interrupted'>]: string;
} = {
  completed: 'Completed',
  oom_kill: "Killed by the kernel's OOM killer",
  heap_limit: 'Ran into the heap limit of its JavaScript engine',
  killed: 'Killed with SIGKILL, as far as can be seen not by the kernel for memory',
  timed_out: 'Ended because its time was up',
  stopped: 'Stopped on request',
  launch_failed: 'Could not be started',
  fd_exhaustion: 'Gave up because no file descriptor was left',
  disk_full: 'Gave up because the disk was full',
  vanished: 'Ended while it was attached, so its exit code is not known',
  lost: 'Lost: the recorder ended before the session did, so its end was not seen',
  terminal_lost: 'Ended because its terminal went away',
  ended_mid_task: 'Exited with code 0 in the middle of its work',
  did_nothing: 'Exited with code 0 without having done anything',
  blocked: 'Exited with code 0; everything it tried was denied',
  limit_reached: 'Exited with code 0 at a limit, before its work was finished',
  unknown: 'Ended for an unknown reason',
};

const LOST_STATUS = 'Lost: its end was seen, but the recorder that would have been told its exit status was gone';

/** A Ctrl-C that came through the recorder was typed, mostly; of any other signal nobody knows who sent it. */
function interruptedBy({ evidence }: Verdict, status: Evidence | undefined): string {
  const own = evidence.find(({ kind }) => kind === 'own_signal');
  if (own !== undefined)
    return own.name === 'SIGINT' ? ' from the keyboard or by SIGINT' : ` by ${own.name ?? 'a signal'}`;
  return ` by ${signalText(status, 'SIGINT')}`;
}

/** The signal of a crash whose status nobody was told. */
function loggedSignal({ evidence }: Verdict): string | undefined {
  return signalOfNumber(evidence.find(({ kind }) => kind === 'kernel_log')?.value);
}

function signalText(status: Evidence | undefined, otherwise: string): string {
  return status?.name ?? (status?.value === undefined ? otherwise : `the signal of exit code ${status.value}`);
}

/** The evidence that carries this cause; the rest is for whoever reads on. */
function reasonsOf(verdict: Verdict): readonly Evidence[] {
  const status = verdict.evidence.find(isExitEvidence);
  const isTelling = (item: Evidence) => {
    // Of a success only this is worth a word.
    if (verdict.cause === 'completed') return isOomKillEvidence(item);
    if (isExitEvidence(item)) return item === status && item.name === undefined && verdict.cause !== 'exit_nonzero';
    if (item.relation === 'kernel' && verdict.detail !== undefined) return false; // which says the same
    if (OOM_KINDS.has(item.kind)) return isOomTelling(verdict, item);
    return item.kind !== 'last_snapshot' || verdict.cause === 'disk_full' || item.name === 'fd_count';
  };
  return verdict.evidence.filter(isTelling).slice(0, 3);
}

/** A counter that stood still says something only where it clears the kernel. */
function isOomTelling(verdict: Verdict, item: Evidence): boolean {
  if (item.kind === 'kernel_log' || (item.value ?? 0) > 0) return true;
  return verdict.cause === 'killed';
}

function evidenceClause(item: Evidence): string {
  return CLAUSES[item.kind](item);
}

const CLAUSES: { readonly [kind in EvidenceKind]: (item: Evidence) => string } = {
  exit_status: ({ name, value }) =>
    name === undefined ? `it exited with code ${value ?? 'unknown'}` : `it died of ${name}`,
  exit_notice: ({ pid, name, value }) => {
    const how = name === undefined ? `exited with code ${value ?? 'unknown'}` : `died of ${name}`;
    return `the kernel told the recorder that ${processText(pid)} ${how}`;
  },
  launch_error: ({ name }) => `the system refused to start the command with ${name ?? 'an error'}`,
  kernel_oom_counter: ({ value }) => `the kernel's count of OOM kills on this machine ${rose(value)}`,
  cgroup_oom_counter: ({ value }) => `the OOM kill counter of its memory group ${rose(value)}`,
  kernel_log: ({ pid, name, value, relation }) => {
    if (relation === 'recorder') return 'the kernel log says that the recorder was killed for memory';
    const who = `${processText(pid)}${name === undefined ? '' : ` (${name})`}`;
    return value === undefined
      ? `the kernel log names ${who} as killed for memory`
      : `the kernel log says that ${who} died of ${signalOfNumber(value) ?? 'a fault'}`;
  },
  // Of these three the recorder is never the source: it hands on what its terminal sent.
  own_signal: ({ name }) =>
    name === 'SIGINT' || name === 'SIGHUP' || name === 'SIGQUIT'
      ? `the recorder passed ${name} on`
      : `the recorder sent ${name ?? 'a signal'}`,
  killer_process: ({ name, pid }) => {
    const isScript = SCRIPT_RUNNERS.some((runner) => runner === name);
    const killer = isScript ? `a script of ${name ?? ''} that kills` : (name ?? 'a program that kills');
    return `${killer} was running at that moment${pid === undefined ? '' : ` (pid ${pid})`} and may have ended it`;
  },
  memory_pressure: pressureClause,
  last_snapshot: snapshotClause,
  stderr_marker: ({ name, value }) =>
    `it printed ${MARKERS[name ?? ''] ?? 'a known message'} at byte ${value ?? 0} of its error output`,
  tmux: ({ name }) => TMUX[name ?? ''] ?? 'its tmux session is gone',
  simultaneous_deaths: ({ value }) => `${value ?? 'several'} sessions died at the same time`,
  recorder_gap: ({ value }) =>
    value === undefined ? 'nobody was recording at the end' : `nothing was recorded in the last ${humanSeconds(value)}`,
  reboot: () => 'the machine was started again in between',
  signal_sender: senderClause,
  own_command: ownCommandClause,
  transcript_end: ({ name }) => ENDS[name ?? ''] ?? 'its log ends early',
  machine_log: machineClause,
};

const MARKERS: Readonly<Record<string, string>> = {
  v8_heap_limit: 'that the JavaScript heap was out of memory',
  too_many_open_files: 'that too many files were open',
  no_space: 'that no space was left on the device',
  panic: 'a panic',
  ...Object.fromEntries(LAST_WORD_NAMES.map((name) => [name, 'its reason'])),
};

const TMUX: { readonly [loss in TmuxLoss]: string } & Readonly<Record<string, string>> = {
  server_gone: 'the tmux server died or was killed',
  server_stopped: 'the tmux server was told to end',
  session_closed: 'its tmux session was closed',
  session_ended: 'the last shell of its tmux session was left',
  session_gone: 'its tmux session is gone',
  pane_closed: 'its tmux pane was closed',
  pane_gone: 'its tmux pane is gone',
  socket_gone: 'the socket of the tmux server is gone',
};

const ENDS: { readonly [end in TranscriptEndName]: string } & Readonly<Record<string, string>> = {
  answered: 'its log ends with an answer',
  call_open: 'its log stops while a call is open',
  result_unanswered: "its log stops after a tool's result that nobody answered",
  turn_open: 'its log stops in a turn',
  cut_in_line: 'its output stops in the middle of a line',
  no_result: 'its output stops without the result that always ends it',
  error_result: 'its result is an error',
  turn_failed: 'its last turn failed',
  aborted: 'its last turn was aborted',
  nothing_done: 'there is no turn and no text of it',
  all_denied: 'what its last turn tried was denied',
  turn_limit: 'its limit of turns was reached',
  budget_limit: 'its budget was used up',
  context_limit: "the model's context was full",
  output_limit: 'an answer was cut off at the longest that the model may give',
};

const PLACES: Readonly<Record<string, string>> = {
  working_directory: 'the working directory',
  temporary_directory: 'the temporary directory',
  log_root: 'the log folder',
};

/** A report says which kind of process it was, never its pid. */
function processText(pid: number | undefined): string {
  return pid === undefined ? 'a process' : `pid ${pid}`;
}

function rose(value: number | undefined): string {
  return value === undefined || value === 0 ? 'did not rise' : `rose by ${value}`;
}

function pressureClause({ name, value = 0, limit = 0 }: Evidence): string {
  if (name === 'cgroup_memory_kb') return `its memory group used ${humanKb(value)} of ${humanKb(limit)}`;
  if (name === 'mem_available_kb') return `only ${humanKb(value)} of memory were available`;
  return `processes waited for memory ${Math.round(value)}% of the time`;
}

function snapshotClause({ name, value = 0, limit }: Evidence): string {
  const full = name?.endsWith('_inodes') === true ? PLACES[name.slice(0, -'_inodes'.length)] : undefined;
  if (full !== undefined) return `the file system of ${full} had no inodes left`;
  const place = PLACES[name ?? ''];
  if (place !== undefined) return `the file system of ${place} had ${humanBytes(value)} free`;
  if (name === 'fd_count') {
    return `it had ${value}${limit === undefined ? '' : ` of ${limit}`} file descriptors open when last seen`;
  }
  const of = limit === undefined ? '' : ` of ${humanKb(limit)}`;
  const who = name === 'tree_rss_kb' ? 'it and its processes' : 'it';
  return `${who} used ${humanKb(value)}${of} of memory when last seen`;
}

function joined(clauses: readonly string[]): string {
  if (clauses.length < 3) return clauses.join(' and ');
  return `${clauses.slice(0, -1).join(', ')} and ${clauses.at(-1) ?? ''}`;
}
