import type { Sample } from '../proc/sample.ts';

/** Timers of an idle node process take 0.1 to 0.5 per cent of a core. */
const IDLE_CPU_PERCENT = 1;
/** Samples in a row that show nothing: at the default interval fifteen seconds. */
const QUIET_SAMPLES = 3;
/** A gap of four intervals is a recorder that did not run (`heartbeat_gap`): a rest stays clear of it. */
const REST_FACTOR = 3;
/** Of four pulses a second: one is enough among many sessions, whose ends are told by the kernel. */
const PULSES_A_LOOK = 4;

/**
 * A session that waits for its person: nothing of it works, nothing begins or ends. It is sampled a third as often, and
 * wakes with the first look, one a second, that finds it at work.
 */
export class Rest {
  #quiet = 0;
  #pulses = 0;
  #pids = '';

  note({ snapshot, processes }: Sample): void {
    const pids = processes.map(({ pid }) => pid).join(' ');
    const percent = snapshot?.ours?.tree_cpu_percent;
    const isQuiet = percent !== undefined && percent < IDLE_CPU_PERCENT && pids === this.#pids;
    this.#quiet = isQuiet ? this.#quiet + 1 : 0;
    this.#pids = pids;
  }

  get isResting(): boolean {
    return this.#quiet >= QUIET_SAMPLES;
  }

  wake(): void {
    this.#quiet = 0;
  }

  /** Whether this look is due. */
  isLookDue(): boolean {
    this.#pulses += 1;
    return this.#pulses % PULSES_A_LOOK === 0;
  }

  /** Whether what is around a session that rests is to be looked at as well: less often than whether it stirs. */
  isAroundDue(): boolean {
    return this.#pulses % (4 * PULSES_A_LOOK) === 0;
  }

  delayMs(intervalMs: number): number {
    return this.isResting ? intervalMs * REST_FACTOR : intervalMs;
  }
}
