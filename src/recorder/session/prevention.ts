import type { LifecycleEventName } from '../../core/words/vocabulary.ts';
import type { ProcessRecord } from '../proc/sample.ts';
import type { Sampler } from '../proc/sampler.ts';
import { MemoryGauge } from '../run/memoryGauge.ts';
import type { Identification } from '../run/checkedTarget.ts';
import { Guard, type GuardEvent, type GuardMode } from '../run/guard.ts';
import { reachedLimits, removeLimitGroups, type Limits, type ReachedLimits } from '../run/limitGroups.ts';
import { Protection } from '../run/protection.ts';
import { Reaper } from '../run/reaper.ts';
import { ResultWait } from './resultWait.ts';

/** What a person asked for, so that a session dies less often. Nothing of it is done unasked. */
export interface PreventionSettings {
  /** A tool of the agent goes before the agent when memory runs out. */
  readonly protects: boolean;
  readonly guard: GuardMode | undefined;
  /** What is left behind while it runs is ended. */
  readonly reaps: boolean;
  /** It is ended when it has given its result and goes on living for so long. */
  readonly endAfterResultSeconds: number | undefined;
  readonly limits: Limits;
  /** The control groups that hold it to them; empty without limits. */
  readonly limitGroups: readonly string[];
}

export interface PreventionOptions {
  readonly settings: PreventionSettings;
  readonly sampler: Sampler;
  readonly tell: Tell;
  readonly by: Identification;
  readonly graceMs: number;
  /** Takes a sample out of turn. */
  readonly sampleNow: () => Promise<void>;
  readonly outputBytes: () => number | undefined;
  /** Whether what the agent printed, or its own log, ends with its result. */
  readonly hasGivenResult: () => boolean;
}

export type Tell = (
  event: LifecycleEventName,
  details: { readonly reason: string; readonly context: Record<string, unknown> },
) => void;

/**
 * A tool that takes memory as fast as it can has 100 MB after some 60 ms. A look costs one listing of /proc, some 100 µs.
 */
const LOOK_MS = 50;

/** A build starts thousands of processes: these are told one by one, the rest as a number at the end. */
const MOST_TOLD = 20;

/** Does while a session runs what was asked for, tells of it in the lifecycle log, and undoes it at the end. */
export class Prevention {
  readonly #options: PreventionOptions;
  readonly #protection: Protection | undefined;
  readonly #guard: Guard | undefined;
  readonly #reaper: Reaper | undefined;
  readonly #resultWait: ResultWait | undefined;
  readonly #gauge = new MemoryGauge();
  #timer: NodeJS.Timeout | undefined;
  #told = 0;

  constructor(options: PreventionOptions) {
    this.#options = options;
    const { settings, sampler, by, graceMs } = options;
    const { endAfterResultSeconds: seconds } = settings;
    if (seconds !== undefined) this.#resultWait = new ResultWait({ seconds, ...options });
    if (process.platform !== 'linux') return;
    if (settings.protects) this.#protection = new Protection();
    if (settings.reaps) {
      this.#reaper = new Reaper({ sampler, by, graceMs, tell: (left) => this.#tellReaped(left) });
    }
    if (settings.guard !== undefined) {
      const tell = (event: GuardEvent): void => this.#tellGuard(event);
      this.#guard = new Guard({ mode: settings.guard, sampler, gauge: this.#gauge, by, graceMs, tell });
    }
  }

  start(): void {
    this.#tellLimits('set');
    if (this.#protection === undefined && this.#guard === undefined && this.#reaper === undefined) return;
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Undoes what can be undone. */
  end(): void {
    clearInterval(this.#timer);
    this.#guard?.end();
    this.#gauge.close();
    if (this.#protection === undefined) return;
    const { raised, restored, refused } = this.#protection.restore();
    if (raised === 0) return;
    const context = { raised_count: raised, restored_count: restored, refused_count: refused };
    this.#options.tell('process_protected', { reason: 'restored', context });
  }

  /** Which of its own limits it ran into; read before they are taken away. */
  get reached(): ReachedLimits {
    return reachedLimits(this.#options.settings.limitGroups);
  }

  /** After all that there was to be seen has been: takes the limits away from whoever is left. */
  close(): void {
    const { limitGroups } = this.#options.settings;
    if (limitGroups.length === 0) return;
    this.#tellLimits('removed');
    void removeLimitGroups(limitGroups);
  }

  /** It has given its result, and goes on living for longer than it may. */
  isDone(): boolean {
    return this.#resultWait?.isOver(performance.now()) === true;
  }

  tellEndAfterResult(): void {
    const { pid, comm } = this.#options.sampler.tracked;
    this.#options.tell('process_ended', { reason: 'result_given', context: { pid, comm } });
  }

  #tellLimits(reason: 'set' | 'removed'): void {
    const { limits, limitGroups } = this.#options.settings;
    if (limitGroups.length === 0) return;
    const context = {
      ...(limits.memoryKb !== undefined && { memory_limit_kb: limits.memoryKb }),
      ...(limits.pids !== undefined && { pids_limit: limits.pids }),
      ...(limits.cpus !== undefined && { cpu_limit: limits.cpus }),
    };
    this.#options.tell('limit_set', { reason, context });
  }

  #look(): void {
    if (this.#protection !== undefined) this.#protect(this.#protection);
    this.#guard?.look(performance.now());
    this.#reaper?.look(performance.now());
  }

  #protect(protection: Protection): void {
    const { sampler, tell } = this.#options;
    const processes = sampler.started(); // which looks anew who the agent is
    const agentPid = sampler.tracked.pid;
    const share = this.#gauge.shareOf(agentPid);
    for (const { pid, comm, from, to } of protection.look(agentPid, processes, share)) {
      this.#told += 1;
      if (this.#told > MOST_TOLD) continue;
      tell('process_protected', { reason: 'raised', context: { pid, comm, from, to } });
    }
  }

  #tellReaped({ pid, comm, rssKb, origin }: ProcessRecord): void {
    const context = { pid, comm, rss_kb: rssKb ?? null, parent_comm: origin.comm ?? null };
    this.#options.tell('process_ended', { reason: 'left_behind', context });
  }

  #tellGuard({ event, reason, process: { pid, comm, rssKb }, level }: GuardEvent): void {
    const around = level === undefined ? {} : { used_kb: level.usedKb, limit_kb: level.limitKb };
    this.#options.tell(event, { reason, context: { pid, comm, rss_kb: rssKb, ...around } });
    if (event === 'process_frozen') void this.#options.sampleNow();
  }
}
