import { KeptTexts } from '../proc/textReader.ts';

/** Why a recorder did not run for a while; none of these says anything of the agent. */
export type GapKind = 'suspended' | 'stopped' | 'starved' | 'busy' | 'unknown';

export interface Gap {
  readonly kind: GapKind;
  readonly gapMs: number;
}

/** What the kernel says of our own main thread: /proc/self/schedstat. */
interface Scheduling {
  readonly ranMs: number;
  /** Ready to run, on a run queue. */
  readonly waitedMs: number;
}

export interface Clocks {
  /** Stands still while the machine sleeps (CLOCK_MONOTONIC). */
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
  /** Runs on while the machine sleeps (CLOCK_BOOTTIME); `undefined` where there is none to read. */
  readonly bootMs: () => number | undefined;
  readonly scheduling: () => Scheduling | undefined;
  readonly close: () => void;
}

/** A pause of our own this long is a gap in the evidence. */
const GAP_MS = 5000;
/** What fills at least this part of a gap made it. */
const MOST = 0.5;

interface Beat {
  readonly monotonicMs: number;
  readonly wallMs: number;
  readonly scheduling: Scheduling | undefined;
}

/** Notices that the recorder itself did not run, and tells why, as far as that can be known. */
export class Heartbeat {
  readonly #clocks: Clocks;
  readonly #onContinue = (): void => {
    this.#wasContinued = true;
  };
  #last: Beat;
  /** By how much the clock that counts sleep is ahead of the one that does not. */
  #sleptMs: number | undefined;
  #wasContinued = false;
  #pending: { readonly gapMs: number; readonly kind: GapKind | undefined } | undefined;

  constructor(clocks: Clocks = kernelClocks()) {
    this.#clocks = clocks;
    this.#last = this.#now();
    this.#sleptMs = this.#sleepSoFar();
    process.on('SIGCONT', this.#onContinue);
  }

  /**
   * To be called several times a second. A gap is told one beat after it was found: the signal that ended a stop comes
   * to us through the event loop, behind the timer that found the gap.
   */
  beat(): Gap | undefined {
    const settled = this.settle();
    const now = this.#now();
    const ranMs = now.monotonicMs - this.#last.monotonicMs;
    const jumpMs = now.wallMs - this.#last.wallMs - ranMs;
    // Only when the wall clock jumped is there a sleep to be looked for: it may have been set instead.
    const sleptMs = jumpMs > GAP_MS ? this.#newSleepMs() : 0;
    const gapMs = ranMs + sleptMs;
    if (gapMs > GAP_MS) {
      const kind = sleptMs > MOST * gapMs ? 'suspended' : kindByScheduling(gapMs, this.#last, now);
      this.#pending = { gapMs, kind };
    } else {
      this.#wasContinued = false;
    }
    this.#last = now;
    return settled;
  }

  /** The gap that has been found and not been told yet. */
  settle(): Gap | undefined {
    const pending = this.#pending;
    if (pending === undefined) return undefined;
    this.#pending = undefined;
    const kind = pending.kind ?? (this.#wasContinued ? 'stopped' : 'unknown');
    this.#wasContinued = false;
    return { kind, gapMs: pending.gapMs };
  }

  close(): void {
    process.off('SIGCONT', this.#onContinue);
    this.#clocks.close();
  }

  #now(): Beat {
    const { monotonicMs, wallMs, scheduling } = this.#clocks;
    return { monotonicMs: monotonicMs(), wallMs: wallMs(), scheduling: scheduling() };
  }

  #newSleepMs(): number {
    const before = this.#sleptMs;
    this.#sleptMs = this.#sleepSoFar();
    return before === undefined || this.#sleptMs === undefined ? 0 : Math.max(0, this.#sleptMs - before);
  }

  #sleepSoFar(): number | undefined {
    const bootMs = this.#clocks.bootMs();
    return bootMs === undefined ? undefined : bootMs - this.#clocks.monotonicMs();
  }
}

/** A stopped or frozen process is on no run queue; a starved one waits there; a busy one runs, only not our timers. */
function kindByScheduling(gapMs: number, before: Beat, now: Beat): GapKind | undefined {
  if (before.scheduling === undefined || now.scheduling === undefined) return undefined;
  if (now.scheduling.waitedMs - before.scheduling.waitedMs > MOST * gapMs) return 'starved';
  return now.scheduling.ranMs - before.scheduling.ranMs > MOST * gapMs ? 'busy' : undefined;
}

function kernelClocks(): Clocks {
  const texts = new KeptTexts();
  return {
    monotonicMs: () => performance.now(),
    wallMs: Date.now,
    bootMs: () => {
      const uptime = Number.parseFloat(texts.read('/proc/uptime') ?? '');
      return Number.isNaN(uptime) ? undefined : uptime * 1000;
    },
    scheduling: () => {
      // `2450321 118342 57`: ns on a processor, ns on a run queue, time slices. 2 µs a reading.
      const [ran, waited] = (texts.read('/proc/self/schedstat') ?? '').split(' ').map(Number);
      if (ran === undefined || waited === undefined) return undefined;
      return { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
    },
    close: () => texts.close(),
  };
}
