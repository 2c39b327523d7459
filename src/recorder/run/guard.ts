import type { MemoryGauge, MemoryLevel } from './memoryGauge.ts';
import { statOf } from '../proc/ownProcess.ts';
import type { Sampler } from '../proc/sampler.ts';
import { checkedTarget, type Identification } from './checkedTarget.ts';
import type { SignalTarget } from './endAgent.ts';
import { GuardChoice, WATCHED_RATIO, type MeasuredProcess } from './guardChoice.ts';
import { startThawWatchdog } from './thawWatchdog.ts';

export const GUARD_MODES = ['tell', 'freeze', 'end'] as const;
export type GuardMode = (typeof GUARD_MODES)[number];

/** What the guard did, or would have done, and why. */
export interface GuardEvent {
  readonly event: 'process_frozen' | 'process_thawed' | 'process_ended' | 'anomaly_detected';
  readonly reason: 'memory_limit_near' | 'room_again' | 'unanswered' | 'session_end';
  readonly process: MeasuredProcess;
  readonly level: MemoryLevel | undefined;
}

export interface GuardOptions {
  readonly mode: GuardMode;
  readonly sampler: Sampler;
  readonly gauge: MemoryGauge;
  readonly by: Identification;
  readonly graceMs: number;
  readonly tell: (event: GuardEvent) => void;
}

/** Nobody has answered for so long: it goes on, and the kernel decides. */
const UNANSWERED_MS = 300_000;
/** What is only told is told again after this long. */
const TOLD_AGAIN_MS = 60_000;

interface Frozen {
  readonly process: MeasuredProcess;
  readonly target: SignalTarget;
  readonly sinceMs: number;
  readonly watchdog: ReturnType<typeof startThawWatchdog>;
  /** When it was asked to end. */
  readonly endingMs: number | undefined;
}

/**
 * Stops, before the memory is full, the process of the tree that fills it; never the agent, never two at once. A stopped
 * process keeps what it has, so `end` ends it after a time of grace, and `freeze` leaves that to whoever is told of it.
 */
export class Guard {
  readonly #options: GuardOptions;
  readonly #choice = new GuardChoice();
  #frozen: Frozen | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;
  /** Was thawed because nobody answered: it is only told of from now on. */
  readonly #spared = new Set<string>();

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  look(nowMs: number): void {
    const { gauge, sampler } = this.#options;
    const level = gauge.levelOf(sampler.tracked.pid);
    if (level === undefined) return;
    if (this.#frozen !== undefined) {
      this.#tend(this.#frozen, level, nowMs);
    } else if (level.usedKb < level.limitKb * WATCHED_RATIO) {
      this.#choice.forget();
    } else {
      const processes = sampler.started().map((process) => ({ ...process, rssKb: gauge.rssKbOnce(process.pid) ?? 0 }));
      const chosen = this.#choice.look(level, processes, nowMs);
      if (chosen !== undefined) this.#act(chosen, level, nowMs);
    }
  }

  /** Nothing stays frozen behind a session. */
  end(): void {
    if (this.#frozen === undefined) return;
    // What is being ended goes on already.
    if (this.#frozen.endingMs === undefined) this.#thaw(this.#frozen, 'session_end', undefined);
    else this.#letGo(this.#frozen);
  }

  #act(process: MeasuredProcess, level: MemoryLevel, nowMs: number): void {
    const { mode, by, tell } = this.#options;
    if (mode === 'tell' || this.#spared.has(identityOf(process))) {
      if (nowMs - this.#toldMs < TOLD_AGAIN_MS) return;
      this.#toldMs = nowMs;
      tell({ event: 'anomaly_detected', reason: 'memory_limit_near', process, level });
      return;
    }
    const watchdog = startThawWatchdog(process.pid, process.startTicks);
    if (watchdog === undefined) return; // nobody would thaw it: then it is better not frozen
    const target = checkedTarget(() => [{ pid: process.pid, starttime_ticks: process.startTicks }], by);
    if (!target.signal('SIGSTOP')) {
      watchdog.dismiss();
      return;
    }
    this.#frozen = { process, target, sinceMs: nowMs, watchdog, endingMs: undefined };
    tell({ event: 'process_frozen', reason: 'memory_limit_near', process, level });
  }

  #tend(frozen: Frozen, level: MemoryLevel, nowMs: number): void {
    const { mode, graceMs } = this.#options;
    const { process, target, sinceMs, endingMs } = frozen;
    const stat = statOf(process.pid);
    if (stat?.startTicks !== process.startTicks || stat.state === 'zombie') {
      this.#letGo(frozen); // ended, by us or by somebody else
    } else if (stat.state !== 'stopped' && endingMs === undefined) {
      this.#letGo(frozen); // somebody else has continued it, and knows why
      this.#spared.add(identityOf(process));
    } else if (endingMs !== undefined) {
      if (nowMs - endingMs >= graceMs) target.signal('SIGKILL');
    } else if (level.usedKb < level.limitKb * WATCHED_RATIO) {
      this.#thaw(frozen, 'room_again', level);
    } else if (mode === 'end' && nowMs - sinceMs >= graceMs) {
      this.#frozen = { ...frozen, endingMs: nowMs };
      this.#options.tell({ event: 'process_ended', reason: 'memory_limit_near', process, level });
      target.signal('SIGTERM');
      target.signal('SIGCONT'); // what is stopped gets nothing else
    } else if (mode === 'freeze' && nowMs - sinceMs >= UNANSWERED_MS) {
      this.#spared.add(identityOf(process));
      this.#thaw(frozen, 'unanswered', level);
    }
  }

  #thaw(frozen: Frozen, reason: GuardEvent['reason'], level: MemoryLevel | undefined): void {
    frozen.target.signal('SIGCONT');
    this.#letGo(frozen);
    this.#options.tell({ event: 'process_thawed', reason, process: frozen.process, level });
  }

  #letGo({ watchdog }: Frozen): void {
    watchdog?.dismiss();
    this.#frozen = undefined;
    this.#choice.forget();
  }
}

function identityOf({ pid, startTicks }: MeasuredProcess): string {
  return `${pid} ${startTicks}`;
}
