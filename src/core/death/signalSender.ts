import type { DeathFacts } from './deathFacts.ts';
import type { Evidence } from '../session/verdict.ts';
import type { Confidence, SenderRelation } from '../words/vocabulary.ts';

/** Why the kernel itself sends a signal that ends a process, as far as the signal tells. */
export const KERNEL_REASONS = [
  'cpu_limit',
  'file_size_limit',
  'memory',
  'keyboard',
  'terminal',
  'alarm',
  'pipe_closed',
  'seccomp',
  'fault',
] as const;
export type KernelReason = (typeof KERNEL_REASONS)[number];

/** SI_KERNEL and SI_TIMER of siginfo.h. */
const FROM_KERNEL = 128;
const FROM_TIMER = -2;

export interface SentSignal {
  readonly signal: string;
  readonly code: number;
  /** Who ran while it was sent was its receiver. */
  readonly isByReceiver: boolean;
  /** The OOM killer marked the receiver. */
  readonly isForMemory: boolean;
}

const OF_SI_KERNEL: Readonly<Record<string, KernelReason>> = {
  SIGXCPU: 'cpu_limit',
  SIGINT: 'keyboard',
  SIGQUIT: 'keyboard',
  SIGHUP: 'terminal',
  SIGALRM: 'alarm',
  SIGVTALRM: 'alarm',
  SIGPROF: 'alarm',
};

/**
 * `undefined`: a process sent it; 'unknown': the kernel, for a reason that its signal does not tell. A broken pipe and a
 * file at its size limit are sent as if by the receiver (code 0), a timer's as if by whoever ran.
 */
export function kernelReasonOf({
  signal,
  code,
  isByReceiver,
  isForMemory,
}: SentSignal): KernelReason | 'unknown' | undefined {
  if (isByReceiver && code === 0 && signal === 'SIGPIPE') return 'pipe_closed';
  if (isByReceiver && code === 0 && signal === 'SIGXFSZ') return 'file_size_limit';
  if (code === FROM_TIMER) return 'alarm';
  if (code <= 0) return undefined;
  if (signal === 'SIGSYS') return 'seccomp';
  if (signal === 'SIGKILL')
    return isForMemory ? 'memory' : isByReceiver && code === FROM_KERNEL ? 'cpu_limit' : 'unknown';
  if (code === FROM_KERNEL) return OF_SI_KERNEL[signal] ?? (FAULTS.has(signal) ? 'fault' : 'unknown');
  return FAULTS.has(signal) ? 'fault' : 'unknown';
}

const FAULTS: ReadonlySet<string> = new Set(['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

export function senderEvidence({ sender }: DeathFacts): readonly Evidence[] {
  if (sender === undefined) return [];
  const { ts, pid, name, relation, code, command } = sender;
  return [
    {
      kind: 'signal_sender',
      ts,
      ...(pid !== undefined && { pid }),
      ...(name !== undefined && { name }),
      relation,
      value: code,
      ...(command !== undefined && { command }),
    },
  ];
}

/** A process sent that signal: whatever the kernel's counters say, it was not the kernel. */
export function isSentByProcess({ sender }: DeathFacts, signal: string): boolean {
  return sender !== undefined && sender.signal === signal && sender.relation !== 'kernel';
}

/** A signal that was seen sent makes one grade surer what only an exit status told. */
export function confidenceWithSender({ sender }: DeathFacts, signal: string, otherwise: Confidence): Confidence {
  if (sender?.signal !== signal) return otherwise;
  return otherwise === 'possible' ? 'likely' : 'certain';
}

/** What follows "Killed with SIGKILL" or "Ended by SIGTERM". "From outside" is said of a sender outside alone. */
export function senderPhrase(evidence: readonly Evidence[]): string {
  const sender = evidence.find(({ kind }) => kind === 'signal_sender');
  if (sender?.relation === undefined) return '';
  return sender.name === 'keyboard' && sender.relation === 'kernel' ? ' from the keyboard' : PHRASES[sender.relation];
}

const PHRASES: { readonly [relation in SenderRelation]: string } = {
  itself: ' by itself',
  descendant: ' by a process that it had started',
  ancestor: ' by a process that it ran under',
  recorder: ' by the recorder',
  kernel: ' by the kernel',
  outside: ' from outside',
};

export function senderClause({ relation, name, pid, command }: Evidence): string {
  if (relation === 'kernel') return KERNEL_CLAUSES[name ?? ''] ?? 'the kernel sent the signal, no process';
  if (relation === 'itself') return 'it sent the signal to itself';
  if (relation === 'recorder') return 'the recorder sent the signal';
  const details = [pid === undefined ? '' : `pid ${pid}`, command ?? ''].filter((text) => text !== '');
  return `${name ?? 'a process'}${details.length === 0 ? '' : ` (${details.join(': ')})`} sent the signal`;
}

const KERNEL_CLAUSES: { readonly [reason in KernelReason]: string } & Readonly<Record<string, string>> = {
  cpu_limit: 'it had used up its limit of CPU time',
  file_size_limit: 'it wrote a file up to its limit of file sizes',
  memory: 'the kernel chose it to free memory',
  keyboard: 'it was typed at its terminal',
  terminal: 'its terminal went away',
  alarm: 'a timer that it had set itself ran out',
  pipe_closed: 'it wrote into a pipe that nobody reads any more',
  seccomp: 'its seccomp filter forbids the system call that it made',
  fault: 'the processor refused what it did',
};
