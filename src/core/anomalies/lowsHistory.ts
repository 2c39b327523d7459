/** The lowest value within a stretch of time. */
export interface Low {
  readonly startMs: number;
  readonly endMs: number;
  readonly value: number;
  /** The highest value within it. */
  readonly high: number;
}

/**
 * Lows, because a leak is what never comes back down: a garbage collector's sawtooth and a build's bursts are high at
 * their peaks only. Stretches of 5 s (the default interval), 20 s, 80 s ... 5.7 h, the last 32 of each: a bounded
 * memory of seven days in which every speed of climbing is near a straight line at some scale.
 */
const FIRST_WIDTH_MS = 5000;
const WIDER_BY = 4;
const SCALES = 7;
const KEPT = 32;

export class LowsHistory {
  readonly #scales: Scale[] = [];

  /** Returns the scales at which a stretch has just been completed. */
  push(nowMs: number, value: number): readonly (readonly Low[])[] {
    // Nearly every value only goes on with the narrowest stretch. Hours of samples are pushed at once: nothing is made.
    const narrowest = this.#scales[0]?.open;
    if (narrowest !== undefined && nowMs - narrowest.startMs < FIRST_WIDTH_MS) {
      goOn(narrowest, nowMs, { value, high: value });
      return NONE;
    }
    const completed: (readonly Low[])[] = [];
    let low: Low | undefined = { startMs: nowMs, endMs: nowMs, value, high: value };
    for (let i = 0; i < SCALES && low !== undefined; i++) {
      let scale = this.#scales[i];
      if (scale === undefined) {
        scale = { widthMs: FIRST_WIDTH_MS * WIDER_BY ** i, complete: [], open: undefined };
        this.#scales.push(scale);
      }
      low = take(scale, low);
      if (low !== undefined) completed.push(scale.complete);
    }
    return completed;
  }

  /** The completed stretches of every scale so far, the narrowest first. */
  get scales(): readonly (readonly Low[])[] {
    return this.#scales.map(({ complete }) => complete);
  }

  /** The highest low before an instant: what the process has already been through. */
  highBefore(ms: number): number {
    let high = Number.NEGATIVE_INFINITY;
    for (const { complete } of this.#scales) {
      for (const low of complete) if (low.endMs < ms && low.value > high) high = low.value;
    }
    return high;
  }
}

const NONE: readonly (readonly Low[])[] = [];

interface Scale {
  readonly widthMs: number;
  readonly complete: Low[];
  /** Its own until it is complete. */
  open: OpenLow | undefined;
}

type OpenLow = { -readonly [name in keyof Low]: Low[name] };

function goOn(open: OpenLow, endMs: number, { value, high }: Pick<Low, 'value' | 'high'>): void {
  open.endMs = endMs;
  open.value = Math.min(open.value, value);
  open.high = Math.max(open.high, high);
}

/** Adds a low to a scale and returns the stretch that this completes. */
function take(scale: Scale, low: Low): Low | undefined {
  const open = scale.open;
  if (open === undefined || low.startMs - open.startMs >= scale.widthMs) {
    scale.open = { ...low };
    if (open === undefined) return undefined;
    scale.complete.push(open);
    if (scale.complete.length > KEPT) scale.complete.shift();
    return open;
  }
  goOn(open, low.endMs, low);
  return undefined;
}
