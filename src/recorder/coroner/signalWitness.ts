import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { ExitFacts, OomKill, OwnSignal } from '../../core/death/deathFacts.ts';
import { createRedactor, secretsOfEnvironment } from '../../core/privacy/redact.ts';
import { kernelReasonOf } from '../../core/death/signalSender.ts';
import type { SignalSender } from '../../core/death/deathFacts.ts';
import { signalNumber, signalOfExitCode, signalOfNumber } from '../../core/words/signals.ts';
import { isoFromMs } from '../../core/words/time.ts';
import type { SenderRelation } from '../../core/words/vocabulary.ts';
import { ancestorsOf } from './killers.ts';
import { statOf } from '../proc/ownProcess.ts';
import type { TraceReader } from './traceInstance.ts';
import { traceEvents, type TraceEvent } from './traceLines.ts';

type Sent = Extract<TraceEvent, { kind: 'signal' }>;

export interface Death {
  readonly exit: ExitFacts | undefined;
  readonly trackedPid: number;
  /** What was started: a wrapper around the tracked process, or that itself. */
  readonly rootPid: number;
  readonly ownSignal: OwnSignal | undefined;
  /** The launcher, where it is the parent: what it hands on, or takes along by its death, is not its doing. */
  readonly launcherPid: number | undefined;
  readonly memberPids: ReadonlySet<number>;
  /** Of the tracked process when it was seen last: signals are sent, and some got, by threads. */
  readonly threads: ReadonlySet<number>;
  /** Of the tracked process, while it lived. */
  readonly ancestors: ReadonlySet<number>;
}

export interface SignalsSeen {
  readonly sender: SignalSender | undefined;
  readonly oomKills: readonly OomKill[];
}

/** A signal that an agent handles may take this long to end it; an end after that has its own reason. */
const CLEAN_UP_SECONDS = 10;
/** USER_HZ, fixed at 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
/** What a start in /proc is rounded to. */
const TICK_SECONDS = 0.02;
const MOST_COMMAND = 300;

/** Who sent the signal that ended a session: read from the kernel's trace at the moment of death. */
export class SignalWitness {
  readonly #trace: TraceReader;

  constructor(trace: TraceReader) {
    this.#trace = trace;
  }

  atDeath(death: Death): SignalsSeen {
    const events = ofProcesses(traceEvents(this.#trace.read()), death);
    const bootMs = Date.now() - uptimeSeconds() * 1000;
    const tsOf = (atSeconds: number): string => isoFromMs(Math.min(Date.now(), bootMs + atSeconds * 1000));
    const oomKills = events.flatMap((event): OomKill[] =>
      event.kind === 'victim' ? [{ pid: event.pid, comm: event.comm, ts: tsOf(event.atSeconds), scope: 'system' }] : [],
    );
    const sent = decidingSignal(events, death);
    const sender = sent && senderOf(sent, { events, death, ts: tsOf(sent.atSeconds) });
    return { sender, oomKills };
  }

  close(): Promise<void> {
    return this.#trace.close();
  }
}

/** What threads sent, got and started is their process's doing; afterwards nobody can tell whose they were. */
function ofProcesses(events: readonly TraceEvent[], { trackedPid, threads }: Death): readonly TraceEvent[] {
  const owners = new Map([...threads].map((thread) => [thread, trackedPid]));
  const ownerOf = (pid: number): number => owners.get(pid) ?? pid;
  return events.map((event) => {
    if (event.kind === 'signal') {
      return { ...event, receiver: ownerOf(event.receiver), by: { ...event.by, pid: ownerOf(event.by.pid) } };
    }
    if (event.kind !== 'fork') return event;
    const parent = ownerOf(event.parent);
    if (event.isThread) owners.set(event.child, parent);
    else owners.delete(event.child);
    return { ...event, parent };
  });
}

/**
 * The signal that decided: the last one delivered of the kind that the status tells, else (an agent that handles its
 * signal may end with any code) the first one shortly before. What was only handed on is traced back to its origin.
 */
function decidingSignal(events: readonly TraceEvent[], death: Death): Sent | undefined {
  const { exit, trackedPid, rootPid } = death;
  const receivers = exit?.signal === null || exit === undefined ? [trackedPid, rootPid] : [rootPid, trackedPid];
  const name = exit?.signal ?? (exit?.code == null ? undefined : signalOfExitCode(exit.code));
  const number = name === undefined ? undefined : signalNumber(name);
  const found = receivers.flatMap((receiver) => {
    const last = signalsTo(events, receiver).findLast((sent) =>
      exit === undefined ? sent.number === SIGKILL : sent.number === number,
    );
    return last === undefined ? [] : [last];
  });
  // timeout(1) and others end themselves as what they ran was ended.
  const deciding = found.find(({ by, receiver }) => by.pid !== receiver) ?? found[0];
  if (deciding !== undefined) return originOf(deciding, events, death);
  if (exit === undefined || exit.signal !== null) return undefined;
  const since = uptimeSeconds() - CLEAN_UP_SECONDS;
  const handled = signalsTo(events, trackedPid).find((sent) => ASKS_TO_END.has(sent.number) && sent.atSeconds >= since);
  return handled && originOf(handled, events, death);
}

const SIGKILL = 9;
/** SIGHUP, SIGINT, SIGQUIT, SIGTERM. */
const ASKS_TO_END: ReadonlySet<number> = new Set([1, 2, 3, 15]);

function signalsTo(events: readonly TraceEvent[], receiver: number): readonly Sent[] {
  return events.filter(
    (event): event is Sent => event.kind === 'signal' && event.receiver === receiver && event.isDelivered,
  );
}

/** The launcher sends what it was sent; and its death sends SIGKILL, whatever it died of. */
function originOf(sent: Sent, events: readonly TraceEvent[], { launcherPid, ownSignal }: Death): Sent | undefined {
  const isForwarded = ownSignal?.why.endsWith('_forwarded') ?? false;
  const handsOn = [launcherPid, isForwarded ? process.pid : undefined];
  if (!handsOn.includes(sent.by.pid) || sent.by.pid === sent.receiver) return sent;
  const before = signalsTo(events, sent.by.pid).filter(({ atSeconds }) => atSeconds <= sent.atSeconds);
  return before.findLast(({ number }) => number === sent.number) ?? before.at(-1);
}

interface Surroundings {
  readonly events: readonly TraceEvent[];
  readonly death: Death;
  readonly ts: string;
}

function senderOf(sent: Sent, around: Surroundings): SignalSender | undefined {
  const { ts, events, death } = around;
  const signal = signalOfNumber(sent.number);
  if (signal === undefined) return undefined;
  const isByReceiver = sent.by.pid === sent.receiver;
  const isForMemory = events.some((event) => event.kind === 'victim' && event.pid === sent.receiver);
  const reason = kernelReasonOf({ signal, code: sent.code, isByReceiver, isForMemory });
  const common = { signal, ts, code: sent.code };
  if (reason !== undefined) {
    const name = reason === 'unknown' ? undefined : reason;
    return { ...common, relation: 'kernel', pid: undefined, name, command: undefined };
  }
  const sender = describe(sent, events);
  return { ...common, ...sender, relation: relationOf({ ...sent, pid: sender.pid }, events, death) };
}

function relationOf(
  { pid, receiver, atSeconds }: Sent & { readonly pid: number },
  events: readonly TraceEvent[],
  { trackedPid, rootPid, ancestors, memberPids }: Death,
): SenderRelation {
  if (pid === process.pid) return 'recorder';
  if (pid === receiver || pid === trackedPid) return 'itself';
  if (ancestors.has(pid) || pid === rootPid) return 'ancestor';
  const seen = new Set<number>();
  for (
    let at: number | undefined = pid;
    at !== undefined && at > 1 && !seen.has(at);
    at = parentOf(at, events, atSeconds)
  ) {
    if (at === trackedPid) return 'descendant';
    if (at !== rootPid && !ancestors.has(at) && memberPids.has(at)) return 'descendant';
    seen.add(at);
  }
  return 'outside';
}

function parentOf(pid: number, events: readonly TraceEvent[], before: number): number | undefined {
  const fork = events.findLast((event) => event.kind === 'fork' && event.child === pid && event.atSeconds <= before);
  if (fork?.kind === 'fork') return processOf(fork.parent);
  const stat = statOf(pid);
  return stat !== undefined && stat.startTicks / TICKS_PER_SECOND <= before + TICK_SECONDS ? stat.ppid : undefined;
}

/** The process of a thread, while it lives. */
function processOf(thread: number): number {
  const process = /^Tgid:\s*(\d+)/m.exec(textOf(`/proc/${thread}/status`) ?? '')?.[1];
  return process === undefined ? thread : Number(process);
}

function describe(
  sent: Sent,
  events: readonly TraceEvent[],
): Pick<SignalSender, 'pid' | 'name' | 'command'> & { readonly pid: number } {
  const pid = processOf(sent.by.pid);
  const exec = events.findLast(
    (event) => event.kind === 'exec' && event.pid === pid && event.atSeconds <= sent.atSeconds,
  );
  const file = exec?.kind === 'exec' ? exec.file : undefined;
  const isAlive = isStartedBefore(pid, sent.atSeconds);
  const comm = isAlive
    ? textOf(`/proc/${pid}/comm`)?.trimEnd()
    : ((file && basename(file).slice(0, 15)) ?? sent.by.comm);
  const own = isAlive ? commandOf(pid) : file;
  const parent = parentOf(pid, events, sent.atSeconds);
  const starter =
    parent === undefined || !isStartedBefore(parent, sent.atSeconds) || parent <= 1 ? undefined : commandOf(parent);
  const command = [own, starter === undefined ? undefined : `started by ${starter}`]
    .filter((text) => text !== undefined)
    .join(', ');
  return {
    pid,
    name: programName(comm, isAlive ? pid : undefined, file),
    command: command === '' ? undefined : withoutCredentials(command),
  };
}

/** Node renames its first thread, tmux itself. */
function programName(comm: string | undefined, pid: number | undefined, file: string | undefined): string | undefined {
  if (comm === 'MainThread' || comm === 'node-MainThread') {
    return basename(file ?? (pid === undefined ? undefined : exeOf(pid)) ?? 'node');
  }
  return comm?.replace(/^tmux: (?:server|client)$/, 'tmux');
}

/** Another process may have its pid by now. */
function isStartedBefore(pid: number, atSeconds: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && stat.startTicks / TICKS_PER_SECOND <= atSeconds + TICK_SECONDS;
}

function commandOf(pid: number): string | undefined {
  const words = (textOf(`/proc/${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '');
  return words.length === 0 ? undefined : words.join(' ');
}

function withoutCredentials(command: string): string {
  const redactor = createRedactor({ identity: {}, secrets: secretsOfEnvironment(process.env) });
  const { text } = redactor.credentialsOnly(command.replaceAll(/\s+/g, ' ').slice(0, 4 * MOST_COMMAND));
  return text.length <= MOST_COMMAND ? text : `${text.slice(0, MOST_COMMAND - 1)}…`;
}

/** A sender that is known by its pid alone, as the launcher tells it: named while it lives. */
export function senderByPid(told: {
  readonly pid: number;
  readonly signal: string;
  readonly code: number;
  readonly trackedPid: number;
  readonly ancestors: ReadonlySet<number>;
  readonly memberPids: ReadonlySet<number>;
}): SignalSender {
  const { pid, signal, code } = told;
  const common = { signal, code, ts: isoFromMs(Date.now()) };
  const reason = kernelReasonOf({ signal, code, isByReceiver: false, isForMemory: false });
  if (reason !== undefined) {
    const name = reason === 'unknown' ? undefined : reason;
    return { ...common, relation: 'kernel', pid: undefined, name, command: undefined };
  }
  const comm = textOf(`/proc/${pid}/comm`)?.trimEnd();
  const command = commandOf(pid);
  const chain = ancestorsOf([pid], '/proc');
  const isOfTree = chain.some((one) => one === told.trackedPid || told.memberPids.has(one));
  return {
    ...common,
    pid,
    name: programName(comm, pid, undefined),
    command: command === undefined ? undefined : withoutCredentials(command),
    relation: told.ancestors.has(pid) ? 'ancestor' : isOfTree ? 'descendant' : 'outside',
  };
}

function exeOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined; // gone, or another user's
  }
}

function uptimeSeconds(): number {
  return Number.parseFloat(textOf('/proc/uptime') ?? '');
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // gone, or hidden from us
  }
}
