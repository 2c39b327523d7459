import type { TimeSpan } from './viewport.ts';

export const REPLAY_SPEEDS = [1, 10, 60, 600] as const;
/** Until somebody chooses a speed, a session plays within about this time. */
const COMFORTABLE_MS = 60_000;
/** Who wants no motion gets one picture a second instead of one a frame. */
const CALM_TICK_MS = 1000;
/** A page that was held up goes on where it was; it does not jump. */
const LONGEST_TICK_MS = 1500;

export interface ReplayHandlers {
  /** What has been recorded: the cursor never leaves it. */
  readonly range: () => TimeSpan;
  /** The cursor stands at a time; `undefined` when the replay is over. */
  readonly onMove: (ms: number | undefined) => void;
  /** It has come to the newest sample by itself. */
  readonly onEnd: () => void;
}

/** A moment that moves: the time cursor of a session's page and its clock. */
export class Replay {
  readonly #handlers: ReplayHandlers;
  readonly #calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  #atMs: number | undefined;
  #chosenSpeed: number | undefined;
  #isPlaying = false;
  /** Grows with every start and stop: a tick of an earlier run is not one of this. */
  #run = 0;

  constructor(handlers: ReplayHandlers) {
    this.#handlers = handlers;
  }

  /** `undefined` while the page shows everything that is known. */
  get atMs(): number | undefined {
    return this.#atMs;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  get speed(): number {
    const { fromMs, toMs } = this.#handlers.range();
    return this.#chosenSpeed ?? REPLAY_SPEEDS.find((speed) => (toMs - fromMs) / speed <= COMFORTABLE_MS) ?? 600;
  }

  set speed(speed: number) {
    this.#chosenSpeed = speed;
  }

  moveTo(ms: number): void {
    const { fromMs, toMs } = this.#handlers.range();
    this.#atMs = Math.min(Math.max(ms, fromMs), toMs);
    this.#handlers.onMove(this.#atMs);
  }

  /** From the cursor on or, where there is none or nothing follows it, from the beginning. */
  play(): void {
    const { fromMs, toMs } = this.#handlers.range();
    this.#isPlaying = true;
    this.#run += 1;
    this.moveTo(this.#atMs === undefined || this.#atMs >= toMs ? fromMs : this.#atMs);
    this.#schedule(this.#run, performance.now());
  }

  pause(): void {
    if (!this.#isPlaying) return;
    this.#isPlaying = false;
    this.#run += 1;
    this.#handlers.onMove(this.#atMs);
  }

  leave(): void {
    this.#isPlaying = false;
    this.#run += 1;
    this.#atMs = undefined;
    this.#handlers.onMove(undefined);
  }

  /** Without a word to anybody: the page is going away. */
  dispose(): void {
    this.#isPlaying = false;
    this.#run += 1;
  }

  #schedule(run: number, sinceMs: number): void {
    const tick = () => this.#tick(run, sinceMs);
    if (this.#calm.matches) setTimeout(tick, CALM_TICK_MS);
    else requestAnimationFrame(tick);
  }

  #tick(run: number, sinceMs: number): void {
    if (run !== this.#run || this.#atMs === undefined) return;
    const nowMs = performance.now();
    this.moveTo(this.#atMs + Math.min(nowMs - sinceMs, LONGEST_TICK_MS) * this.speed);
    if (this.#atMs < this.#handlers.range().toMs) {
      this.#schedule(run, nowMs);
      return;
    }
    this.pause();
    this.#handlers.onEnd();
  }
}
