import { Heartbeat, type Gap } from './heartbeat.ts';

/**
 * Between samples the tracked process alone is looked at this often, at some tens of microseconds, so that the exit
 * snapshot is at most this old: a dead child is reaped by libuv before anyone could read it once more.
 */
const LOOK_MS = 250;

type Look = () => void;
type TellGap = (gap: Gap) => void;

/** Beats four times a second while somebody listens, for one session or for many: one timer, and one notice of gaps. */
export class Pulse {
  readonly #listeners = new Map<Look, TellGap>();
  #heartbeat: Heartbeat | undefined;
  #timer: NodeJS.Timeout | undefined;

  listen(look: Look, tellGap: TellGap): void {
    this.#listeners.set(look, tellGap);
    this.#heartbeat ??= new Heartbeat();
    this.#timer ??= setInterval(() => this.#beat(), LOOK_MS);
  }

  /** A gap that was found and not told yet is told first. */
  leave(look: Look): void {
    this.#tell(this.#heartbeat?.settle());
    this.#listeners.delete(look);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#heartbeat?.close();
    this.#heartbeat = undefined;
  }

  #beat(): void {
    this.#tell(this.#heartbeat?.beat());
    for (const look of this.#listeners.keys()) look();
  }

  #tell(gap: Gap | undefined): void {
    if (gap !== undefined) for (const tellGap of this.#listeners.values()) tellGap(gap);
  }
}
