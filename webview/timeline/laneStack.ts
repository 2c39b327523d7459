import type { ForecastView, SeriesSet } from '../../src/core/panel/sessionView.ts';
import { element } from '../parts/element.ts';
import type { Theme } from '../parts/theme.ts';
import { lanesInOrder, movedLane, toggled, type LaneLayout } from './laneLayout.ts';
import type { Lane } from './lanes.ts';
import { LaneView } from './laneView.ts';
import type { PlotView } from './lineChart.ts';
import type { ShownAreas } from './sessionAreas.ts';

export interface StackHandlers {
  /** A lane came, went, moved or has another size. */
  readonly onChange: () => void;
  readonly onLayout: () => void;
}

/** The lanes that there are, in the order and the sizes that a person gave them. */
export class LaneStack {
  readonly element = element('div', { class: 'lanes' });
  readonly #views = new Map<string, LaneView>();
  readonly #wanted = new Set<string>();
  readonly #handlers: StackHandlers;
  #layout: LaneLayout;
  #theme: Theme;

  constructor(theme: Theme, layout: LaneLayout, handlers: StackHandlers) {
    this.#theme = theme;
    this.#layout = layout;
    this.#handlers = handlers;
  }

  get layout(): LaneLayout {
    return this.#layout;
  }

  /** Optional lanes by their id. */
  want(id: string, isWanted: boolean): void {
    if (isWanted) this.#wanted.add(id);
    else this.#wanted.delete(id);
  }

  draw(view: Omit<PlotView, 'areas'>, areas: ShownAreas, theme: Theme): void {
    this.#theme = theme;
    this.#choose(view.series, view.forecasts);
    for (const [id, lane] of this.#views) {
      const kind = lane.lane.areas;
      if (!this.#layout.folded.includes(id)) lane.draw(view, kind && areas[kind], theme);
    }
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    for (const view of this.#views.values()) view.setTheme(theme);
  }

  readAt(ms: number, isAtRest: boolean): readonly string[] {
    return [...this.#views.values()].map((view) => view.readAt(ms, isAtRest)).filter((words) => words !== '');
  }

  dispose(): void {
    for (const view of this.#views.values()) view.destroy();
  }

  /** A lane exists while it is wanted and has something to show. */
  #choose(series: SeriesSet, forecasts: readonly ForecastView[]): void {
    const isAhead = (lane: Lane) => lane.series.some(({ name }) => forecasts.some((one) => one.series === name));
    const hasData = (lane: Lane) =>
      lane.series.some(({ name, limitReach }) => limitReach === undefined && series[name] !== undefined);
    let next = this.element.firstElementChild;
    for (const lane of lanesInOrder(this.#layout)) {
      const isShown = hasData(lane) && (!lane.isOptional || isAhead(lane) || this.#wanted.has(lane.id));
      const view = this.#views.get(lane.id);
      if (!isShown) {
        if (view !== undefined && next === view.element) next = next.nextElementSibling;
        view?.destroy();
        this.#views.delete(lane.id);
        continue;
      }
      const placed = view ?? this.#made(lane);
      if (placed.element === next) next = next.nextElementSibling;
      else this.element.insertBefore(placed.element, next);
    }
  }

  #made(lane: Lane): LaneView {
    const { id } = lane;
    const view = new LaneView(lane, this.#theme, {
      onFold: () => this.#change({ ...this.#layout, folded: toggled(this.#layout.folded, id) }, true),
      onFit: () => this.#change({ ...this.#layout, fitted: toggled(this.#layout.fitted, id) }, true),
      onMove: (by) => this.#change(movedLane(this.#layout, id, by, this.#shownIds()), true),
      onHeight: (height, isDone) =>
        this.#change({ ...this.#layout, heights: { ...this.#layout.heights, [id]: height } }, isDone),
    });
    this.#views.set(id, view);
    this.#arrange(view);
    return view;
  }

  #shownIds(): readonly string[] {
    return lanesInOrder(this.#layout).flatMap(({ id }) => (this.#views.has(id) ? [id] : []));
  }

  #change(layout: LaneLayout, isDone: boolean): void {
    const focused = document.activeElement;
    this.#layout = layout;
    for (const view of this.#views.values()) this.#arrange(view);
    this.#handlers.onChange();
    // An element that is moved in the page loses the focus.
    if (focused instanceof HTMLElement && this.element.contains(focused)) focused.focus();
    if (isDone) this.#handlers.onLayout();
  }

  #arrange(view: LaneView): void {
    const { folded, fitted, heights } = this.#layout;
    const { id } = view.lane;
    view.arrange({ isFolded: folded.includes(id), isFitted: fitted.includes(id), height: heights[id] });
  }
}
