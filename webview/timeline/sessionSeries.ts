import type { QueryFailure, SeriesQuery, SeriesSlice, SessionChanged } from '../../src/core/panel/serverProtocol.ts';
import type { SeriesSet, SessionRef } from '../../src/core/panel/sessionView.ts';
import type { HostLink } from '../parts/hostLink.ts';
import { SessionAreas } from './sessionAreas.ts';
import { SeriesBuffer } from './seriesBuffer.ts';
import { Turns } from '../parts/turns.ts';
import type { TimeSpan, Viewport } from './viewport.ts';

export interface SeriesHandlers {
  /** Width of the plots. */
  readonly pixels: () => number;
  /** There are other lines to draw. */
  readonly onLines: () => void;
  readonly onFailure: (failure: QueryFailure) => void;
}

/** The samples of one session and, as its areas, those of its processes: asked for as a whole, grown as they come, and asked for finely where somebody looks. */
export class SessionSeries {
  readonly #link: HostLink;
  readonly #session: SessionRef;
  readonly #viewport: Viewport;
  readonly #handlers: SeriesHandlers;
  readonly areas: SessionAreas;
  readonly #buffer = new SeriesBuffer();
  readonly #turns = new Turns();

  constructor(link: HostLink, shown: { session: SessionRef; viewport: Viewport }, handlers: SeriesHandlers) {
    this.#link = link;
    this.#session = shown.session;
    this.#viewport = shown.viewport;
    this.#handlers = handlers;
    this.areas = new SessionAreas(link, shown, { pixels: handlers.pixels, onAreas: handlers.onLines });
  }

  /** What is known of the visible stretch. */
  get lines(): SeriesSet {
    return this.#buffer.lines(this.#viewport.span);
  }

  /** What is known of all of it, for the overview. */
  get wholeLines(): SeriesSet {
    return this.#buffer.wholeLines();
  }

  async loadWhole(): Promise<void> {
    await this.#turns.take('whole', async () => {
      const slice = await this.#ask(undefined);
      if (slice === undefined) return;
      this.#buffer.setWhole(slice);
      this.#viewport.setWhole(slice);
      this.#handlers.onLines();
      if (this.#viewport.isZoomed) void this.#loadNear();
    });
  }

  /** False when the lines cannot be continued: they are then asked for anew. */
  append({ appended, lastMs, snapshotCount }: SessionChanged): boolean {
    // An answer that is on its way may have been drawn up before this change: it is asked for once more.
    const isContinued =
      appended !== undefined && lastMs !== undefined && this.#buffer.append(appended, lastMs, snapshotCount);
    if (!isContinued || this.#turns.isTaken('whole')) void this.loadWhole();
    if (isContinued) this.#viewport.setWhole({ fromMs: this.#viewport.whole.fromMs, toMs: lastMs });
    this.areas.grown();
    return isContinued;
  }

  /** After the viewport has moved: where the points are too coarse, finer ones are asked for. */
  refine(): void {
    this.areas.refine();
    if (!this.#viewport.isZoomed || this.#buffer.covers(this.#viewport.span)) return;
    this.#buffer.setNear(undefined);
    void this.#loadNear();
  }

  /** The finer points of what is visible, with a margin for the next pan. */
  async #loadNear(): Promise<void> {
    await this.#turns.take('near', async () => {
      const { span, isZoomed } = this.#viewport;
      if (!isZoomed || this.#buffer.covers(span)) return;
      const margin = (span.toMs - span.fromMs) / 2;
      const slice = await this.#ask({ fromMs: span.fromMs - margin, toMs: span.toMs + margin });
      if (slice === undefined) return;
      this.#buffer.setNear(slice);
      this.#handlers.onLines();
    });
  }

  async #ask(span: TimeSpan | undefined): Promise<SeriesSlice | undefined> {
    const pixels = Math.max(200, Math.round(this.#handlers.pixels()));
    const query: SeriesQuery = { session: this.#session, fromMs: span?.fromMs, toMs: span?.toMs, pixels };
    const reply = await this.#link.query('series', query);
    if (reply.ok) return reply.value;
    this.#handlers.onFailure(reply.failure);
    return undefined;
  }
}
