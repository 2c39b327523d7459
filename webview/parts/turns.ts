/**
 * One errand of a kind at a time. Whoever comes while it is under way shares one more turn afterwards, so that a fast
 * stream of changes costs as many questions as can be answered, and the last change is never missed.
 */
export class Turns {
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Promise<void>>();

  /** Whether an errand of a kind is under way: what it brings may be older than what has come since. */
  isTaken(kind: string): boolean {
    return this.#running.has(kind);
  }

  take(kind: string, errand: () => Promise<void>): Promise<void> {
    const running = this.#running.get(kind);
    if (running === undefined) return this.#start(kind, errand);
    let next = this.#next.get(kind);
    if (next === undefined) {
      next = running.then(() => {
        this.#next.delete(kind);
        return this.#start(kind, errand);
      });
      this.#next.set(kind, next);
    }
    return next;
  }

  #start(kind: string, errand: () => Promise<void>): Promise<void> {
    const done = errand().finally(() => this.#running.delete(kind));
    this.#running.set(kind, done);
    return done;
  }
}
