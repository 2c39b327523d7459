import type { ShownAreas } from './sessionAreas.ts';
import type { EpisodeView, ForecastView, SeriesSet } from '../../src/core/panel/sessionView.ts';
import { element, setShown, setText } from '../parts/element.ts';
import { EventLanes, type LaneEvents } from './eventLanes.ts';
import { LANES } from './lanes.ts';
import { LaneView } from './laneView.ts';
import { GUTTER_LEFT, GUTTER_RIGHT } from './lineChart.ts';
import { PlotSurface } from './plotSurface.ts';
import type { Theme } from '../parts/theme.ts';
import { clockOf, momentOf, timeTicks } from '../parts/timeFormat.ts';
import type { Viewport } from './viewport.ts';

export interface TimelinesHandlers {
  readonly onViewport: () => void;
  readonly onInspect: (ms: number) => void;
  readonly onEpisode: (episode: EpisodeView) => void;
  /** Of the session's life, its calls or its phases. */
  readonly onMark: (ms: number) => void;
}

/** Room for one label of the time axis. */
const TICK_PIXELS = 90;

/** The stack of plots on one axis, with one crosshair, one selection and one highlighted moment. */
export class Timelines {
  readonly element: HTMLElement;
  readonly #viewport: Viewport;
  readonly #surface: PlotSurface;
  readonly #events: EventLanes;
  readonly #lanes = element('div', { class: 'lanes' });
  readonly #axis = element('div', { class: 'axis', attributes: { 'aria-hidden': 'true' } });
  readonly #time = element('div', { class: 'axis-time', attributes: { 'aria-hidden': 'true' } });
  readonly #highlight = element('div', { class: 'highlight' });
  readonly #cursor = element('div', { class: 'cursor', attributes: { 'aria-hidden': 'true' } });
  readonly #veil = element('div', { class: 'veil' });
  readonly #forecast = element('p', { class: 'forecast' });
  readonly #views = new Map<string, LaneView>();
  readonly #wanted = new Set<string>();
  readonly #resize = new ResizeObserver(() => this.redraw());
  #theme: Theme;
  #series: SeriesSet = {};
  #forecasts: readonly ForecastView[] = [];
  #areas: ShownAreas = {};
  #cursorMs: number | undefined;
  #highlighted: { readonly fromMs: number; readonly toMs: number } | undefined;

  constructor(viewport: Viewport, theme: Theme, handlers: TimelinesHandlers) {
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
    const plots = element('div', { class: 'plots' }, [this.#lanes, this.#highlight, this.#surface.element]);
    this.element = element('div', { class: 'timelines-frame' }, [
      this.#forecast,
      element('div', { class: 'timelines' }, [
        this.#events.element,
        element('div', { class: 'axis-row' }, [this.#axis, this.#time]),
        plots,
        this.#veil,
        this.#cursor,
      ]),
    ]);
    this.#resize.observe(plots);
  }

  /** Optional lanes by their id. */
  showLane(id: string, isShown: boolean): void {
    if (isShown) this.#wanted.add(id);
    else this.#wanted.delete(id);
    this.redraw();
  }

  /** The lines, and the limits that are ahead of them at the instant that is shown. */
  setSeries(series: SeriesSet, forecasts: readonly ForecastView[]): void {
    this.#series = series;
    this.#forecasts = forecasts;
    setText(this.#forecast, forecasts.map(({ sentence }) => sentence).join(' '));
    setShown(this.#forecast, forecasts.length > 0);
    this.redraw();
  }

  /** Redrawn with the lines. */
  setAreas(areas: ShownAreas): void {
    this.#areas = areas;
  }

  setEvents(events: LaneEvents): void {
    this.#events.update(events, this.#viewport);
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
    this.#readAt(undefined);
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    for (const view of this.#views.values()) view.setTheme(theme);
  }

  redraw(): void {
    const { span } = this.#viewport;
    const ticks = timeTicks(span.fromMs, span.toMs, Math.floor(this.#plotWidth() / TICK_PIXELS));
    this.#chooseLanes();
    const shown = { series: this.#series, forecasts: this.#forecasts, span, ticks };
    for (const view of this.#views.values()) {
      const { areas } = view.lane;
      view.draw(shown, areas && this.#areas[areas], this.#theme);
    }
    this.#axis.replaceChildren(
      ...ticks.map(({ ms, label }) => {
        const tick = element('span', { class: 'tick', text: label });
        tick.style.left = `${GUTTER_LEFT + this.#surface.shareOf(ms) * this.#plotWidth()}px`;
        return tick;
      }),
    );
    this.#events.place(this.#viewport);
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
    for (const view of this.#views.values()) view.destroy();
    this.element.remove();
  }

  #plotWidth(): number {
    return Math.max(1, this.#lanes.clientWidth - GUTTER_LEFT - GUTTER_RIGHT);
  }

  /** A lane exists while it is wanted and has something to show. */
  #chooseLanes(): void {
    for (const lane of LANES) {
      const hasData = lane.series.some(
        ({ name, limitReach }) => limitReach === undefined && this.#series[name] !== undefined,
      );
      const isAhead = lane.series.some(({ name }) => this.#forecasts.some(({ series }) => series === name));
      const isShown = hasData && (!lane.isOptional || isAhead || this.#wanted.has(lane.id));
      const view = this.#views.get(lane.id);
      if (isShown === (view !== undefined)) continue;
      if (view !== undefined) {
        view.destroy();
        this.#views.delete(lane.id);
        continue;
      }
      const created = new LaneView(lane, this.#theme);
      this.#views.set(lane.id, created);
      const after = LANES.slice(LANES.indexOf(lane) + 1).flatMap(({ id }) => this.#views.get(id)?.element ?? []);
      this.#lanes.insertBefore(created.element, after[0] ?? null);
    }
  }

  /** Without a crosshair the legends tell the values under the cursor or else the newest visible ones. */
  #readAt(crosshairMs: number | undefined): void {
    const isAtRest = crosshairMs === undefined && this.#cursorMs === undefined;
    const ms = crosshairMs ?? this.#cursorMs ?? this.#viewport.span.toMs;
    const spoken = [...this.#views.values()].map((view) => view.readAt(ms, isAtRest)).filter((words) => words !== '');
    this.#surface.describe([momentOf(ms), ...spoken].join('. '));
    setShown(this.#time, crosshairMs !== undefined);
    if (crosshairMs === undefined) return;
    setText(this.#time, clockOf(crosshairMs, 500));
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
