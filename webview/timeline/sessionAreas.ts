import type { AreaKind, AreasView } from '../../src/core/panel/areasView.ts';
import type { SessionRef } from '../../src/core/panel/sessionView.ts';
import type { HostLink } from '../parts/hostLink.ts';
import { Turns } from '../parts/turns.ts';
import type { TimeSpan, Viewport } from './viewport.ts';

/** The lines grow with each sample; the picture below them follows this often. */
const LIVE_MS = 400;

export interface AreasHandlers {
  readonly pixels: () => number;
  readonly onAreas: () => void;
}

export type ShownAreas = Readonly<Partial<Record<AreaKind, AreasView>>>;

interface Near extends TimeSpan {
  readonly view: AreasView;
}

/** What each process of a session had, as a whole and, while zoomed, finely where somebody looks. */
export class SessionAreas {
  readonly #link: HostLink;
  readonly #session: SessionRef;
  readonly #viewport: Viewport;
  readonly #handlers: AreasHandlers;
  readonly #turns = new Turns();
  readonly #kinds = new Set<AreaKind>(['memory']);
  readonly #whole = new Map<AreaKind, AreasView>();
  readonly #near = new Map<AreaKind, Near>();
  #isDisposed = false;

  constructor(link: HostLink, shown: { session: SessionRef; viewport: Viewport }, handlers: AreasHandlers) {
    this.#link = link;
    this.#session = shown.session;
    this.#viewport = shown.viewport;
    this.#handlers = handlers;
  }

  get shown(): ShownAreas {
    const { span } = this.#viewport;
    const view = (kind: AreaKind): AreasView | undefined => {
      const near = this.#near.get(kind);
      return near !== undefined && covers(near, span) ? near.view : this.#whole.get(kind);
    };
    return Object.fromEntries([...this.#kinds].flatMap((kind) => [[kind, view(kind)] as const]));
  }

  want(kind: AreaKind, isWanted: boolean): void {
    if (!isWanted) this.#kinds.delete(kind);
    else if (!this.#kinds.has(kind)) {
      this.#kinds.add(kind);
      void this.load();
    }
    this.#handlers.onAreas();
  }

  async load(): Promise<void> {
    await this.#turns.take('whole', async () => {
      for (let isBehind = true; isBehind && !this.#isDisposed;) {
        isBehind = false;
        for (const kind of this.#kinds) isBehind = (await this.#loadWhole(kind)) || isBehind;
        this.#handlers.onAreas();
      }
    });
    this.refine();
  }

  /** The session has grown. */
  grown(): void {
    if (!this.#viewport.isFollowing || this.#isDisposed) return;
    void this.#turns.take('live', async () => {
      this.#near.clear();
      await this.load();
      await new Promise((resolve) => setTimeout(resolve, LIVE_MS));
    });
  }

  /** After the viewport has moved. */
  refine(): void {
    if (!this.#viewport.isZoomed || this.#isDisposed) return;
    void this.#turns.take('near', async () => {
      const { span, isZoomed } = this.#viewport;
      const missing = [...this.#kinds].filter((kind) => {
        const near = this.#near.get(kind);
        return near === undefined || !covers(near, span);
      });
      if (!isZoomed || missing.length === 0) return;
      const margin = (span.toMs - span.fromMs) / 2;
      const wide = { fromMs: span.fromMs - margin, toMs: span.toMs + margin };
      for (const kind of missing) {
        const view = await this.#ask(kind, wide);
        if (view !== undefined) this.#near.set(kind, { ...wide, view });
      }
      this.#handlers.onAreas();
    });
  }

  dispose(): void {
    this.#isDisposed = true;
  }

  /** Whether more of it is to be read. */
  async #loadWhole(kind: AreaKind): Promise<boolean> {
    const view = await this.#ask(kind, undefined);
    if (view === undefined) return false;
    this.#whole.set(kind, view);
    return view.isBehind;
  }

  async #ask(kind: AreaKind, span: TimeSpan | undefined): Promise<AreasView | undefined> {
    const pixels = Math.max(200, Math.round(this.#handlers.pixels()));
    const range = { fromMs: span?.fromMs, toMs: span?.toMs };
    const reply = await this.#link.query('areas', { session: this.#session, ...range, pixels, kind });
    return reply.ok && !this.#isDisposed ? reply.value : undefined; // what fails here fails the lines, which say so
  }
}

function covers({ fromMs, toMs }: TimeSpan, span: TimeSpan): boolean {
  return fromMs <= span.fromMs && toMs >= span.toMs;
}
