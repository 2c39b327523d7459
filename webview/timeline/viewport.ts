/** The part of a session that all timelines show. Pure: time and size come from outside. */

export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Closer than this there is nothing more to see: the recorder samples every 200 ms at most. */
const LEAST_SPAN_MS = 500;
/** This close to the newest sample, as a share of the span, the user is looking at the present. */
const LIVE_EDGE = 0.02;
/** Two fifths of the plot at most are for what has not happened. */
const MOST_AHEAD = 1.5;

export class Viewport {
  #whole: TimeSpan = { fromMs: 0, toMs: 1 };
  /** `undefined`: everything there is. */
  #window: TimeSpan | undefined;
  #isFollowing = true;
  #aheadMs = 0;

  get whole(): TimeSpan {
    return this.#whole;
  }

  get span(): TimeSpan {
    const { fromMs, toMs } = this.#whole;
    return this.#window ?? { fromMs, toMs: toMs + Math.min(this.#aheadMs, (toMs - fromMs) / MOST_AHEAD) };
  }

  get isZoomed(): boolean {
    return this.#window !== undefined;
  }

  /** Whether the newest sample stays in view as it comes. */
  get isFollowing(): boolean {
    return this.#isFollowing;
  }

  /** Room for what is foretold, while nobody has zoomed. */
  set aheadMs(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }

  /** What has been recorded so far; a window at the live edge moves along, one in the past stays. */
  setWhole(whole: TimeSpan): void {
    const grownBy = whole.toMs - this.#whole.toMs;
    const isFirst = this.#whole.toMs <= 1;
    this.#whole = { fromMs: whole.fromMs, toMs: Math.max(whole.toMs, whole.fromMs + LEAST_SPAN_MS) };
    if (this.#window !== undefined && this.#isFollowing && !isFirst && grownBy > 0) {
      this.#window = { fromMs: this.#window.fromMs + grownBy, toMs: this.#window.toMs + grownBy };
    }
  }

  show(span: TimeSpan): void {
    const whole = this.#whole;
    const length = Math.min(Math.max(span.toMs - span.fromMs, LEAST_SPAN_MS), whole.toMs - whole.fromMs);
    const centreMs = (span.fromMs + span.toMs) / 2;
    const fromMs = Math.min(Math.max(centreMs - length / 2, whole.fromMs), whole.toMs - length);
    const isWhole = length >= (whole.toMs - whole.fromMs) * 0.999;
    this.#window = isWhole ? undefined : { fromMs, toMs: fromMs + length };
    this.#isFollowing = isWhole || whole.toMs - (fromMs + length) <= length * LIVE_EDGE;
  }

  /** Below 1 comes closer; the given time stays where it is on the screen. */
  zoom(factor: number, aroundMs: number): void {
    const { fromMs, toMs } = this.span;
    this.show({ fromMs: aroundMs - (aroundMs - fromMs) * factor, toMs: aroundMs + (toMs - aroundMs) * factor });
  }

  /** By a share of what is visible. */
  pan(share: number): void {
    const { fromMs, toMs } = this.span;
    const byMs = (toMs - fromMs) * share;
    if (this.#window !== undefined) this.show({ fromMs: fromMs + byMs, toMs: toMs + byMs });
  }

  reset(): void {
    this.#window = undefined;
    this.#isFollowing = true;
  }

  /** To the newest sample, as close as before. */
  follow(): void {
    const { fromMs, toMs } = this.span;
    const length = toMs - fromMs;
    this.show({ fromMs: this.#whole.toMs - length, toMs: this.#whole.toMs });
    this.#isFollowing = true;
  }

  /** The user stands at a moment: the present moves on without them. */
  pause(): void {
    this.#window ??= this.#whole;
    this.#isFollowing = false;
  }
}
