import type { EpisodeView, SeriesPoints } from '../../src/core/panel/sessionView.ts';
import { element, setShown } from '../parts/element.ts';
import type { Theme } from '../parts/theme.ts';
import type { TimeSpan, Viewport } from './viewport.ts';

const EDGE_PIXELS = 6;
const DRAG_PIXELS = 3;
const HEIGHT = 28;

/** What is dragged: the window, one of its edges, or a new one. */
type Drag = { readonly kind: 'move' | 'from' | 'to' | 'new'; readonly startMs: number; readonly span: TimeSpan };

/**
 * The whole session, small, with the part that is in view as a window to drag. For the pointer alone: all that it does the
 * keys of the timelines do.
 */
export class OverviewStrip {
  readonly element: HTMLElement;
  readonly #canvas = element('canvas');
  readonly #window = element('div', { class: 'strip-window' });
  readonly #viewport: Viewport;
  readonly #onViewport: () => void;
  #points: SeriesPoints | undefined;
  #episodes: readonly EpisodeView[] = [];
  #drag: Drag | undefined;

  constructor(viewport: Viewport, onViewport: () => void) {
    this.#viewport = viewport;
    this.#onViewport = onViewport;
    this.element = element('div', { class: 'overview-strip', attributes: { 'aria-hidden': 'true' } }, [
      this.#canvas,
      this.#window,
    ]);
    this.element.addEventListener('pointerdown', (event) => this.#press(event));
    this.element.addEventListener('pointermove', (event) => this.#move(event));
    this.element.addEventListener('pointerup', () => {
      this.#drag = undefined;
    });
    this.element.addEventListener('dblclick', () => {
      viewport.reset();
      onViewport();
    });
  }

  setEpisodes(episodes: readonly EpisodeView[]): void {
    this.#episodes = episodes;
  }

  draw(points: SeriesPoints | undefined, theme: Theme): void {
    this.#points = points;
    const width = this.#width();
    const scale = window.devicePixelRatio;
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(HEIGHT * scale);
    const ctx = this.#canvas.getContext('2d');
    if (ctx === null) return;
    ctx.scale(scale, scale);
    this.#paintLine(ctx, width, theme);
    for (const { firstMs, lastMs, severity } of this.#episodes) {
      ctx.fillStyle = theme.colors[severity === 'critical' ? 'red' : severity === 'warning' ? 'yellow' : 'blue'];
      const x = this.#shareOf(firstMs) * width;
      ctx.fillRect(x, 0, Math.max(2, this.#shareOf(lastMs) * width - x), 4);
    }
    this.#placeWindow();
  }

  #paintLine(ctx: CanvasRenderingContext2D, width: number, theme: Theme): void {
    const { t = [], v = [] } = this.#points ?? {};
    const highest = v.reduce<number>((high, value) => Math.max(high, value ?? 0), 1);
    ctx.fillStyle = theme.colors.purple;
    ctx.globalAlpha = 0.5;
    ctx.beginPath();
    let isOpen = false;
    let x = 0;
    for (const [i, ms] of t.entries()) {
      const value = v[i];
      if (value === null || value === undefined) {
        if (isOpen) ctx.lineTo(x, HEIGHT);
        isOpen = false;
        continue;
      }
      x = this.#shareOf(ms) * width;
      if (!isOpen) ctx.moveTo(x, HEIGHT);
      isOpen = true;
      ctx.lineTo(x, HEIGHT - (value / highest) * (HEIGHT - 6));
    }
    if (isOpen) ctx.lineTo(x, HEIGHT);
    ctx.fill();
    ctx.globalAlpha = 1;
  }

  #placeWindow(): void {
    const { span, isZoomed } = this.#viewport;
    setShown(this.#window, isZoomed);
    this.#window.style.left = `${this.#shareOf(span.fromMs) * 100}%`;
    this.#window.style.width = `${(this.#shareOf(span.toMs) - this.#shareOf(span.fromMs)) * 100}%`;
  }

  #width(): number {
    return Math.max(1, this.element.clientWidth);
  }

  #shareOf(ms: number): number {
    const { fromMs, toMs } = this.#viewport.whole;
    return Math.min(Math.max((ms - fromMs) / (toMs - fromMs), 0), 1);
  }

  #msAt(event: PointerEvent): number {
    const { fromMs, toMs } = this.#viewport.whole;
    const x = event.clientX - this.element.getBoundingClientRect().left;
    return fromMs + (Math.min(Math.max(x, 0), this.#width()) / this.#width()) * (toMs - fromMs);
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    const startMs = this.#msAt(event);
    this.#drag = { kind: this.#kindAt(event, startMs), startMs, span: this.#viewport.span };
  }

  #kindAt(event: PointerEvent, ms: number): Drag['kind'] {
    const { span, isZoomed } = this.#viewport;
    if (!isZoomed) return 'new';
    const { left, right } = this.#window.getBoundingClientRect();
    if (Math.abs(event.clientX - left) <= EDGE_PIXELS) return 'from';
    if (Math.abs(event.clientX - right) <= EDGE_PIXELS) return 'to';
    return ms >= span.fromMs && ms <= span.toMs ? 'move' : 'new';
  }

  #move(event: PointerEvent): void {
    const drag = this.#drag;
    if (drag === undefined) return;
    const ms = this.#msAt(event);
    const byMs = ms - drag.startMs;
    const { fromMs, toMs } = drag.span;
    if (drag.kind === 'new') {
      const { whole } = this.#viewport;
      if (Math.abs(byMs) < ((whole.toMs - whole.fromMs) * DRAG_PIXELS) / this.#width()) return;
      this.#viewport.show({ fromMs: Math.min(drag.startMs, ms), toMs: Math.max(drag.startMs, ms) });
    } else if (drag.kind === 'move') this.#viewport.show({ fromMs: fromMs + byMs, toMs: toMs + byMs });
    else if (drag.kind === 'from') this.#viewport.show({ fromMs: Math.min(ms, toMs), toMs });
    else this.#viewport.show({ fromMs, toMs: Math.max(ms, fromMs) });
    this.#onViewport();
  }
}
