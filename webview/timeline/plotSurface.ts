import { element, setAttribute, setShown } from '../parts/element.ts';
import { GUTTER_LEFT, GUTTER_RIGHT } from './lineChart.ts';
import type { Viewport } from './viewport.ts';

export interface SurfaceHandlers {
  readonly onViewport: () => void;
  /** The crosshair moved; `undefined` when it left. */
  readonly onCrosshair: (ms: number | undefined) => void;
  readonly onInspect: (ms: number) => void;
}

/** Less movement than this between press and release is a click. */
const DRAG_PIXELS = 5;
const ZOOM_STEP = 0.8;

/**
 * The invisible sheet over all plots. To assistive technology it is a slider over time: arrow keys move the crosshair
 * and what it crosses is read out.
 */
export class PlotSurface {
  readonly element = element('div', {
    class: 'plot-surface',
    attributes: {
      role: 'slider',
      tabindex: '0',
      'aria-label': 'Time on the timelines',
      'aria-describedby': 'plot-keys',
      'aria-orientation': 'horizontal',
    },
  });
  readonly #crosshair = element('div', { class: 'crosshair' });
  readonly #selection = element('div', { class: 'selection' });
  readonly #viewport: Viewport;
  readonly #handlers: SurfaceHandlers;
  #crosshairMs: number | undefined;
  #pressedX: number | undefined;

  constructor(viewport: Viewport, handlers: SurfaceHandlers) {
    this.#viewport = viewport;
    this.#handlers = handlers;
    this.#crosshair.hidden = true;
    this.#selection.hidden = true;
    this.element.append(this.#selection, this.#crosshair);
    this.element.addEventListener('pointerdown', (event) => this.#press(event));
    this.element.addEventListener('pointermove', (event) => this.#move(event));
    this.element.addEventListener('pointerup', (event) => this.#release(event));
    this.element.addEventListener('pointercancel', () => this.#endDrag());
    this.element.addEventListener('pointerleave', () => {
      if (this.#pressedX === undefined && document.activeElement !== this.element) this.setCrosshair(undefined);
    });
    this.element.addEventListener('dblclick', () => this.#change(() => this.#viewport.reset()));
    this.element.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    this.element.addEventListener('keydown', (event) => this.#key(event));
    this.element.addEventListener('blur', () => this.setCrosshair(undefined));
  }

  /** Where a time is on the surface, as a share of the plot's width. */
  shareOf(ms: number): number {
    const { fromMs, toMs } = this.#viewport.span;
    return (ms - fromMs) / (toMs - fromMs);
  }

  setCrosshair(ms: number | undefined): void {
    this.#crosshairMs = ms;
    this.place();
    this.#handlers.onCrosshair(ms);
  }

  /** After the viewport or the size has changed. */
  place(): void {
    const { fromMs, toMs } = this.#viewport.span;
    const ms = this.#crosshairMs;
    const isVisible = ms !== undefined && ms >= fromMs && ms <= toMs;
    setShown(this.#crosshair, isVisible);
    if (isVisible) this.#crosshair.style.transform = `translateX(${this.#xOf(ms)}px)`;
    setAttribute(this.element, 'aria-valuemin', String(Math.round(fromMs)));
    setAttribute(this.element, 'aria-valuemax', String(Math.round(toMs)));
    setAttribute(this.element, 'aria-valuenow', String(Math.round(ms ?? toMs)));
  }

  describe(text: string): void {
    setAttribute(this.element, 'aria-valuetext', text);
  }

  #plotWidth(): number {
    return Math.max(1, this.element.clientWidth - GUTTER_LEFT - GUTTER_RIGHT);
  }

  #xOf(ms: number): number {
    return GUTTER_LEFT + this.shareOf(ms) * this.#plotWidth();
  }

  #msAt(event: MouseEvent): number {
    const { fromMs, toMs } = this.#viewport.span;
    const x = event.clientX - this.element.getBoundingClientRect().left - GUTTER_LEFT;
    return fromMs + Math.min(Math.max(x / this.#plotWidth(), 0), 1) * (toMs - fromMs);
  }

  #change(change: () => void): void {
    change();
    this.#handlers.onViewport();
    this.place();
  }

  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#pressedX = event.clientX;
    this.element.setPointerCapture(event.pointerId);
  }

  #move(event: PointerEvent): void {
    this.setCrosshair(this.#msAt(event));
    if (this.#pressedX === undefined || Math.abs(event.clientX - this.#pressedX) < DRAG_PIXELS) return;
    const left = this.element.getBoundingClientRect().left;
    const from = Math.max(Math.min(event.clientX, this.#pressedX) - left, GUTTER_LEFT);
    const to = Math.min(Math.max(event.clientX, this.#pressedX) - left, GUTTER_LEFT + this.#plotWidth());
    setShown(this.#selection, true);
    this.#selection.style.transform = `translateX(${from}px)`;
    this.#selection.style.width = `${Math.max(0, to - from)}px`;
  }

  #release(event: PointerEvent): void {
    const pressedX = this.#pressedX;
    this.#endDrag();
    if (pressedX === undefined) return;
    const ms = this.#msAt(event);
    if (Math.abs(event.clientX - pressedX) < DRAG_PIXELS) {
      this.#handlers.onInspect(ms);
      return;
    }
    const { fromMs, toMs } = this.#viewport.span;
    const otherMs = ms - ((event.clientX - pressedX) / this.#plotWidth()) * (toMs - fromMs);
    this.#change(() => this.#viewport.show({ fromMs: Math.min(ms, otherMs), toMs: Math.max(ms, otherMs) }));
  }

  #endDrag(): void {
    this.#pressedX = undefined;
    setShown(this.#selection, false);
  }

  /** The wheel scrolls the page until the timelines have the focus or a modifier says that they are meant. */
  #wheel(event: WheelEvent): void {
    const isMeant = event.ctrlKey || event.metaKey || event.altKey || document.activeElement === this.element;
    const sideways = event.shiftKey ? event.deltaY + event.deltaX : event.deltaX;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      if (!this.#viewport.isZoomed) return;
      event.preventDefault();
      this.#change(() => this.#viewport.pan(Math.sign(sideways) * 0.1));
    } else if (isMeant && event.deltaY !== 0) {
      event.preventDefault();
      const factor = event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP;
      this.#change(() => this.#viewport.zoom(factor, this.#msAt(event)));
      this.setCrosshair(this.#msAt(event));
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const action = this.#keyAction(event);
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  #keyAction({ key, shiftKey }: KeyboardEvent): (() => void) | undefined {
    const viewport = this.#viewport;
    const centreMs = this.#crosshairMs ?? (viewport.span.fromMs + viewport.span.toMs) / 2;
    switch (key) {
      case 'ArrowLeft':
        return () => this.#step(shiftKey ? -0.1 : -0.01);
      case 'ArrowRight':
        return () => this.#step(shiftKey ? 0.1 : 0.01);
      case 'PageUp':
        return () => this.#change(() => viewport.pan(-0.8));
      case 'PageDown':
        return () => this.#change(() => viewport.pan(0.8));
      case 'Home':
        return () => this.#moveTo(viewport.whole.fromMs);
      case 'End':
        return () => this.#moveTo(viewport.whole.toMs);
      // The keys of DevTools' Performance panel and of Perfetto.
      case 'a':
        return () => this.#change(() => viewport.pan(-0.2));
      case 'd':
        return () => this.#change(() => viewport.pan(0.2));
      case '+':
      case '=':
      case 'w':
        return () => this.#change(() => viewport.zoom(ZOOM_STEP, centreMs));
      case '-':
      case 's':
        return () => this.#change(() => viewport.zoom(1 / ZOOM_STEP, centreMs));
      case '0':
      case 'Escape':
        return () => this.#change(() => viewport.reset());
      case 'f':
        return () => this.#change(() => viewport.follow());
      case 'Enter':
      case ' ':
        return () => this.#handlers.onInspect(centreMs);
      default:
        return undefined;
    }
  }

  /** Moves the crosshair by a share of what is visible; at the edge the timelines follow. */
  #step(share: number): void {
    const { fromMs, toMs } = this.#viewport.span;
    this.#moveTo((this.#crosshairMs ?? (fromMs + toMs) / 2) + share * (toMs - fromMs));
  }

  #moveTo(ms: number): void {
    const { whole, span } = this.#viewport;
    const to = Math.min(Math.max(ms, whole.fromMs), whole.toMs);
    const beyondMs = to < span.fromMs ? to - span.fromMs : Math.max(0, to - span.toMs);
    if (beyondMs !== 0) this.#change(() => this.#viewport.pan(beyondMs / (span.toMs - span.fromMs)));
    this.setCrosshair(to);
  }
}
