import type { ShownAreas } from './sessionAreas.ts';
import type { EpisodeView, ForecastView, SeriesSet } from '../../src/core/panel/sessionView.ts';
import { element, setShown, setText } from '../parts/element.ts';
import { EventLanes, type LaneEvents } from './eventLanes.ts';
import type { LaneLayout } from './laneLayout.ts';
import { LaneStack } from './laneStack.ts';
import { OverviewStrip } from './overviewStrip.ts';
import { GUTTER_LEFT, GUTTER_RIGHT } from './lineChart.ts';
import { PlotSurface } from './plotSurface.ts';
import type { Theme } from '../parts/theme.ts';
import { clockOf, momentOf, sinceWords, timeTicks } from '../parts/timeFormat.ts';
import { throughMarkElement, throughMarks, type ThroughMark } from './throughMarks.ts';
import type { Viewport } from './viewport.ts';

export interface TimelinesHandlers {
  readonly onViewport: () => void;
  readonly onInspect: (ms: number) => void;
  readonly onEpisode: (episode: EpisodeView) => void;
  /** Of the session's life, its calls or its phases. */
  readonly onMark: (ms: number) => void;
  readonly layout: LaneLayout;
  readonly onLayout: () => void;
}

/** Room for one label of the time axis. */
const TICK_PIXELS = 90;

/** The stack of plots on one axis, with one crosshair, one selection and one highlighted moment. */
export class Timelines {
  readonly element: HTMLElement;
  readonly #viewport: Viewport;
  readonly #surface: PlotSurface;
  readonly #events: EventLanes;
  readonly #lanes: LaneStack;
  readonly #strip: OverviewStrip;
  readonly #axis = element('div', { class: 'axis', attributes: { 'aria-hidden': 'true' } });
  readonly #time = element('div', { class: 'axis-time', attributes: { 'aria-hidden': 'true' } });
  readonly #highlight = element('div', { class: 'highlight' });
  readonly #cursor = element('div', { class: 'cursor', attributes: { 'aria-hidden': 'true' } });
  readonly #through = element('div', { class: 'through' });
  #throughMarks: readonly ThroughMark[] = [];
  readonly #veil = element('div', { class: 'veil' });
  readonly #forecast = element('p', { class: 'forecast' });
  readonly #resize = new ResizeObserver(() => this.redraw());
  #theme: Theme;
  #series: SeriesSet = {};
  #forecasts: readonly ForecastView[] = [];
  #areas: ShownAreas = {};
  #cursorMs: number | undefined;
  #startMs: number | undefined;
  #isRelative = false;
  #whole: SeriesSet = {};
  #highlighted: { readonly fromMs: number; readonly toMs: number } | undefined;

  constructor(viewport: Viewport, theme: Theme, handlers: TimelinesHandlers) {
    const { layout, onLayout } = handlers;
    this.#lanes = new LaneStack(theme, layout, { onChange: () => this.redraw(), onLayout });
    this.#strip = new OverviewStrip(viewport, handlers.onViewport);
    this.#viewport = viewport;
    this.#theme = theme;
    this.#events = new EventLanes({
      onEpisode: handlers.onEpisode,
      onInspect: handlers.onMark,
      onReveal: (ms) => {
        const { fromMs, toMs } = viewport.span;
        viewport.show({ fromMs: ms - (toMs - fromMs) / 2, toMs: ms + (toMs - fromMs) / 2 });
        handlers.onViewport();
      },
    });
    this.#surface = new PlotSurface(viewport, {
      onViewport: handlers.onViewport,
      onInspect: handlers.onInspect,
      onCrosshair: (ms) => this.#readAt(ms),
    });
    this.#highlight.hidden = true;
    this.#cursor.hidden = true;
    this.#forecast.hidden = true;
    this.#veil.hidden = true;
    const plots = element('div', { class: 'plots' }, [
      this.#lanes.element,
      this.#highlight,
      this.#through,
      this.#surface.element,
    ]);
    this.element = element('div', { class: 'timelines-frame' }, [
      this.#forecast,
      element('div', { class: 'timelines' }, [
        this.#strip.element,
        this.#events.element,
        element('div', { class: 'axis-row' }, [this.#axis, this.#time]),
        plots,
        this.#veil,
        this.#cursor,
      ]),
    ]);
    this.#resize.observe(plots);
  }

  get layout(): LaneLayout {
    return this.#lanes.layout;
  }

  /** Optional lanes by their id. */
  showLane(id: string, isShown: boolean): void {
    this.#lanes.want(id, isShown);
    this.redraw();
  }

  /** The axis tells the time of the day, or the time since the start. */
  setRelative(isRelative: boolean): void {
    this.#isRelative = isRelative;
    this.redraw();
  }

  /** The lines, and the limits that are ahead of them at the instant that is shown. */
  setSeries(series: SeriesSet, whole: SeriesSet, forecasts: readonly ForecastView[]): void {
    this.#series = series;
    this.#whole = whole;
    this.#forecasts = forecasts;
    setText(this.#forecast, forecasts.map(({ sentence }) => sentence).join(' '));
    setShown(this.#forecast, forecasts.length > 0);
    this.redraw();
  }

  /** Redrawn with the lines. */
  setAreas(areas: ShownAreas): void {
    this.#areas = areas;
  }

  setEvents(events: LaneEvents & { readonly startMs: number | undefined }): void {
    this.#startMs = events.startMs;
    this.#strip.setEpisodes(events.episodes);
    this.#events.update(events, this.#viewport);
    this.#throughMarks = throughMarks(events.lifecycle, events.episodes);
    this.#through.replaceChildren(...this.#throughMarks.map((mark) => throughMarkElement(mark)));
    this.#placeThrough();
  }

  /** The moment or episode that the user stands at. */
  setHighlight(span: { readonly fromMs: number; readonly toMs: number } | undefined): void {
    this.#highlighted = span;
    this.#placeHighlight();
  }

  /** In a replay, the instant that the page shows: what comes after it is veiled. */
  setCursor(ms: number | undefined): void {
    if (ms === this.#cursorMs) return;
    this.#cursorMs = ms;
    this.#placeCursor();
    this.#placeThrough();
    this.#readAt(undefined);
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.#lanes.setTheme(theme);
  }

  redraw(): void {
    const { span } = this.#viewport;
    const ticks = timeTicks(span.fromMs, span.toMs, Math.floor(this.#plotWidth() / TICK_PIXELS), this.#originMs);
    this.#lanes.draw({ series: this.#series, forecasts: this.#forecasts, span, ticks }, this.#areas, this.#theme);
    this.#strip.draw(this.#whole.tree_rss_kb ?? this.#whole.vm_rss_kb, this.#theme);
    this.#axis.replaceChildren(
      ...ticks.map(({ ms, label }) => {
        const tick = element('span', { class: 'tick', text: label });
        tick.style.left = `${GUTTER_LEFT + this.#surface.shareOf(ms) * this.#plotWidth()}px`;
        return tick;
      }),
    );
    this.#events.place(this.#viewport);
    this.#placeThrough();
    this.#surface.place();
    this.#placeHighlight();
    this.#placeCursor();
    this.#readAt(undefined);
  }

  focus(): void {
    this.#surface.element.focus();
  }

  dispose(): void {
    this.#resize.disconnect();
    this.#lanes.dispose();
    this.element.remove();
  }

  #plotWidth(): number {
    return Math.max(1, this.#lanes.element.clientWidth - GUTTER_LEFT - GUTTER_RIGHT);
  }

  get #originMs(): number | undefined {
    return this.#isRelative ? this.#startMs : undefined;
  }

  /** Without a crosshair the legends tell the values under the cursor, else the peaks or, live, the newest visible ones. */
  #readAt(crosshairMs: number | undefined): void {
    const isAtRest = crosshairMs === undefined && this.#cursorMs === undefined;
    const ms = crosshairMs ?? this.#cursorMs ?? this.#viewport.span.toMs;
    const spoken = this.#lanes.readAt(ms, isAtRest);
    this.#surface.describe([momentOf(ms), ...spoken].join('. '));
    setShown(this.#time, crosshairMs !== undefined);
    if (crosshairMs === undefined) return;
    const since = this.#startMs === undefined ? '' : ` · ${sinceWords(crosshairMs - this.#startMs)}`;
    setText(this.#time, `${clockOf(crosshairMs, 500)}${since}`);
    const x = GUTTER_LEFT + this.#surface.shareOf(crosshairMs) * this.#plotWidth();
    this.#time.style.transform = `translateX(${x}px) translateX(-50%)`;
  }

  #placeCursor(): void {
    const ms = this.#cursorMs;
    const { fromMs, toMs } = this.#viewport.span;
    const isVisible = ms !== undefined && ms >= fromMs && ms <= toMs;
    setShown(this.#cursor, isVisible);
    setShown(this.#veil, isVisible);
    if (!isVisible) return;
    const x = GUTTER_LEFT + this.#surface.shareOf(ms) * this.#plotWidth();
    this.#cursor.style.transform = `translateX(${x}px)`;
    this.#veil.style.left = `${x}px`;
  }

  /** A death may be told after the last sample: it stands at the edge. */
  #placeThrough(): void {
    const { whole, span } = this.#viewport;
    const width = this.#plotWidth();
    for (const [i, { ms, label }] of this.#throughMarks.entries()) {
      const mark = this.#through.children[i];
      if (!(mark instanceof HTMLElement)) continue;
      const at = Math.min(Math.max(ms, whole.fromMs), whole.toMs);
      // In a replay nobody knows yet what comes.
      const isKnown = this.#cursorMs === undefined || at <= this.#cursorMs;
      setShown(mark, isKnown && at >= span.fromMs && at <= span.toMs);
      if (mark.firstElementChild instanceof HTMLElement) setText(mark.firstElementChild, isKnown ? label : '');
      mark.style.transform = `translateX(${GUTTER_LEFT + this.#surface.shareOf(at) * width}px)`;
    }
  }

  #placeHighlight(): void {
    const at = this.#highlighted;
    const { fromMs, toMs } = this.#viewport.span;
    const isVisible = at !== undefined && at.toMs >= fromMs && at.fromMs <= toMs;
    setShown(this.#highlight, isVisible);
    if (!isVisible) return;
    const width = this.#plotWidth();
    const left = Math.max(0, this.#surface.shareOf(at.fromMs)) * width;
    const right = Math.min(1, this.#surface.shareOf(at.toMs)) * width;
    this.#highlight.style.transform = `translateX(${GUTTER_LEFT + left}px)`;
    this.#highlight.style.width = `${Math.max(2, right - left)}px`;
  }
}
