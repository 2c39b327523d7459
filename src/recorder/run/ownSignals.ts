import type { OwnSignal } from '../../core/death/deathFacts.ts';
import { isoFromMs } from '../../core/words/time.ts';
import { endAgent, type SignalTarget } from './endAgent.ts';

type EndReason = Extract<OwnSignal['why'], 'timeout' | 'stop' | 'after_result'>;

interface Options {
  readonly target: SignalTarget;
  readonly graceMs: number;
  /** Looks once more before a signal of ours changes what there is to see. */
  readonly beforeEnd: (why: EndReason) => Promise<void>;
}

/** What was sent to the agent by us or through us; the last of it may be why it ends. */
export class OwnSignals {
  readonly #options: Options;
  #last: OwnSignal | undefined;
  #isEnding = false;
  #isGone = false;
  #timeout: NodeJS.Timeout | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  get last(): OwnSignal | undefined {
    return this.#last;
  }

  /** Whoever passed it on to us meant the agent, and may be who ends it. */
  get isForwarded(): boolean {
    return this.#last?.why.endsWith('_forwarded') ?? false;
  }

  /** Passes a signal on to the agent and remembers that we did. */
  forward(signal: NodeJS.Signals): void {
    this.note(signal);
    this.#options.target.signal(signal);
  }

  /** A signal that reached the agent without our doing. */
  note(signal: string): void {
    const why = FORWARDED[signal] ?? 'terminate_forwarded';
    if (!this.#isEnding) this.#last = { signal, why, at: isoFromMs(Date.now()) };
  }

  endAt(ms: number): void {
    const leftMs = Math.max(0, ms - Date.now());
    // setTimeout holds 31 bits of milliseconds, 24.8 days; nobody waits longer for an agent.
    this.#timeout = setTimeout(() => void this.end('timeout'), Math.min(leftMs, 0x7fffffff));
  }

  /** Ends the agent: TERM, a time of grace, KILL. */
  async end(why: EndReason): Promise<void> {
    if (this.#isEnding || this.#isGone) return;
    this.#isEnding = true;
    await this.#options.beforeEnd(why);
    this.#last = { signal: 'SIGTERM', why, at: isoFromMs(Date.now()) };
    await endAgent(this.#options.target, this.#options.graceMs, () => this.#isGone);
  }

  /** The agent has ended: nothing more is sent to it. */
  gone(): void {
    this.#isGone = true;
    clearTimeout(this.#timeout);
  }

  /** Of a group that we were asked to end, some may be left. */
  endRest(): void {
    if (this.#isEnding) this.#options.target.signal('SIGKILL');
  }
}

const FORWARDED: Readonly<Record<string, OwnSignal['why']>> = {
  SIGINT: 'interrupt_forwarded',
  SIGHUP: 'hangup_forwarded',
};
