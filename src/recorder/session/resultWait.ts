/** A log is read at most so often. */
const LEAST_BETWEEN_MS = 1000;

export interface ResultWaitOptions {
  /** How long nothing may be printed after it. */
  readonly seconds: number;
  readonly outputBytes: () => number | undefined;
  /** Whether what it printed, or its own log, ends with its result. */
  readonly hasGivenResult: () => boolean;
}

/** Finds out that an agent has done its work and goes on living: then `--end-after-result` ends it. */
export class ResultWait {
  readonly #options: ResultWaitOptions;
  #bytes: number | undefined;
  #quietSinceMs: number | undefined;

  constructor(options: ResultWaitOptions) {
    this.#options = options;
  }

  isOver(nowMs: number): boolean {
    const { seconds, outputBytes, hasGivenResult } = this.#options;
    const bytes = outputBytes();
    if (bytes !== this.#bytes || this.#quietSinceMs === undefined) {
      this.#bytes = bytes;
      this.#quietSinceMs = nowMs;
    }
    if (nowMs - this.#quietSinceMs < Math.max(seconds * 1000, LEAST_BETWEEN_MS)) return false;
    this.#quietSinceMs = nowMs;
    return hasGivenResult();
  }
}
