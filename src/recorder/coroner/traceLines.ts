/** The lines of a trace buffer, of the events that we ask for. */

export type TraceEvent =
  | {
      readonly kind: 'signal';
      readonly atSeconds: number;
      /** The thread that ran while it was sent. */
      readonly by: TracedTask;
      readonly number: number;
      readonly code: number;
      readonly receiver: number;
      /** TRACE_SIGNAL_DELIVERED, or already pending: what was ignored ended nobody. */
      readonly isDelivered: boolean;
    }
  | { readonly kind: 'victim'; readonly atSeconds: number; readonly pid: number; readonly comm: string }
  | {
      readonly kind: 'fork';
      readonly atSeconds: number;
      readonly parent: number;
      readonly child: number;
      readonly isThread: boolean;
    }
  | { readonly kind: 'exec'; readonly atSeconds: number; readonly pid: number; readonly file: string };

export interface TracedTask {
  readonly pid: number;
  /** `undefined`: the kernel has forgotten it. */
  readonly comm: string | undefined;
}

/**
 * "            kill-15897   [001] d..1.  5399.915346: signal_generate: sig=9 errno=0 code=0 comm=sleep pid=15896 grp=1 res=0"
 * A name may hold anything but is at most 15 bytes, too few to make up a line; the longest match finds its end.
 */
const LINE = /^ *(.{0,16})-(\d+) +\[\d+\] \S+ +(\d+\.\d+): (\w+): (.*)$/;
const SIGNAL = /^sig=(\d+) errno=-?\d+ code=(-?\d+) comm=.* pid=(\d+) grp=[01] res=(\d)$/;
const VICTIM = /^pid=(\d+)(?: comm=(.{0,16}) total-vm=.*)?$/;
const NEW_TASK = /^pid=(\d+) comm=.* clone_flags=([0-9a-f]+) oom_score_adj=-?\d+$/;
/** CLONE_THREAD of sched.h. */
const THREAD_FLAG = 0x10000;
const EXEC = /^filename=(.*) pid=(\d+) old_pid=\d+$/;

export function traceEvents(text: string): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  for (const line of text.split('\n')) {
    const [, comm, pid, at, name, rest] = LINE.exec(line) ?? [];
    if (rest === undefined) continue;
    const by = { pid: Number(pid), comm: comm === '<...>' ? undefined : comm };
    const event = eventOf(name ?? '', rest, { by, atSeconds: Number(at) });
    if (event !== undefined) events.push(event);
  }
  return events.sort((a, b) => a.atSeconds - b.atSeconds); // stable; the processors' buffers come merged already
}

interface Head {
  readonly by: TracedTask;
  readonly atSeconds: number;
}

function eventOf(name: string, rest: string, { by, atSeconds }: Head): TraceEvent | undefined {
  if (name === 'signal_generate') {
    const [, number, code, receiver, result] = SIGNAL.exec(rest) ?? [];
    if (result === undefined) return undefined;
    const isDelivered = result === '0' || result === '2';
    return {
      kind: 'signal',
      atSeconds,
      by,
      number: Number(number),
      code: Number(code),
      receiver: Number(receiver),
      isDelivered,
    };
  }
  if (name === 'mark_victim') {
    const [, pid, comm = ''] = VICTIM.exec(rest) ?? [];
    return pid === undefined ? undefined : { kind: 'victim', atSeconds, pid: Number(pid), comm };
  }
  if (name === 'task_newtask') {
    const [, child, flags] = NEW_TASK.exec(rest) ?? [];
    if (child === undefined || flags === undefined) return undefined;
    const isThread = Math.floor(Number.parseInt(flags, 16) / THREAD_FLAG) % 2 === 1;
    return { kind: 'fork', atSeconds, parent: by.pid, child: Number(child), isThread };
  }
  if (name === 'sched_process_exec') {
    const [, file, pid] = EXEC.exec(rest) ?? [];
    return pid === undefined ? undefined : { kind: 'exec', atSeconds, pid: Number(pid), file: file ?? '' };
  }
  return undefined;
}
