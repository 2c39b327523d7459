import { evidenceClause } from './evidenceWords.ts';
import { unrecordedPhrase } from './machineWords.ts';
import { senderPhrase } from './signalSender.ts';
import { signalOfNumber } from '../words/signals.ts';
import { isExitEvidence, isOomKillEvidence, type Evidence, type Verdict } from '../session/verdict.ts';
import type { Activity, Cause, EvidenceKind, VerdictDetail } from '../words/vocabulary.ts';

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
  if (isUnfinished(verdict.cause)) return `${exitedText(status)}${UNFINISHED[verdict.cause]}`;
  return HAPPENED[verdict.cause];
}

/** Of an end that no failing status tells. */
const UNFINISHED = {
  ended_mid_task: ' in the middle of its work',
  did_nothing: ' without having done anything',
  blocked: '; everything it tried was denied',
  limit_reached: ' at a limit, before its work was finished',
} as const satisfies { readonly [cause in Cause]?: string };

function isUnfinished(cause: Cause): cause is keyof typeof UNFINISHED {
  return Object.hasOwn(UNFINISHED, cause);
}

/** It was ended after a result that is an error. */
function exitedText(status: Evidence | undefined): string {
  return (status?.value ?? 0) === 0 && status?.name === undefined ? 'Exited with code 0' : 'Ended';
}

/** "Exited with code 0, probably in the middle of its work": that it exited so is seen, only the rest may be a guess. */
export function unfinishedSentence({ cause, evidence }: Verdict, hedge: string): string | undefined {
  if (!isUnfinished(cause)) return undefined;
  const [, joint = '', clause = ''] = /^(; | )(.*)$/.exec(UNFINISHED[cause]) ?? [];
  const comma = hedge === '' || joint === '; ' ? joint : ', ';
  return `${exitedText(evidence.find(isExitEvidence))}${comma}${hedge}${clause}`;
}

const HAPPENED: {
  readonly [
    cause in Exclude<Cause, 'exit_nonzero' | 'terminated' | 'crashed' | 'interrupted' | keyof typeof UNFINISHED>
  ]: string;
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

function joined(clauses: readonly string[]): string {
  if (clauses.length < 3) return clauses.join(' and ');
  return `${clauses.slice(0, -1).join(', ')} and ${clauses.at(-1) ?? ''}`;
}
