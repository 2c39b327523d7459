import type { AreaBand, AreasView } from '../../src/core/panel/areasView.ts';
import { element, Section, setShown, setText } from '../parts/element.ts';
import { AREA_COLORS, bandKey, bandName, stackOf, type PaintedAreas } from './areaPainter.ts';
import type { Lane, LaneSeries } from './lanes.ts';
import { LineChart, type PlotView } from './lineChart.ts';
import { humanKb } from '../../src/core/words/humanUnits.ts';
import { LaneControls, type ControlHandlers } from './laneControls.ts';
import { LEAST_HEIGHT, MOST_HEIGHT } from './laneLayout.ts';
import { splitter } from '../parts/splitter.ts';
import { areaQuantity, quantityOf } from '../parts/quantity.ts';
import { highestIn, nearest, valueAt } from './seriesBuffer.ts';
import type { ChartColor, Theme } from '../parts/theme.ts';

export interface LaneViewHandlers extends ControlHandlers {
  readonly onHeight: (height: number, isDone: boolean) => void;
}

/** One lane: its title, a legend that reads out the crosshair, and the plot. */
export class LaneView {
  readonly element: HTMLElement;
  readonly lane: Lane;
  readonly #canvas = element('canvas', { attributes: { 'aria-hidden': 'true' } });
  readonly #legend: readonly { readonly line: LaneSeries; readonly item: HTMLElement; readonly value: HTMLElement }[];
  readonly #bands = element('div', { class: 'legend-bands' });
  readonly #bandSection: Section<readonly LegendBand[]>;
  #bandValues: readonly HTMLElement[] = [];
  readonly #chart: LineChart;
  readonly #controls: LaneControls;
  readonly #plot = element('div', { class: 'plot' }, [this.#canvas]);
  /** Who has which colour keeps it, whoever comes and grows. */
  readonly #places = new Map<string, number>();
  #painted: PaintedAreas | undefined;
  #view: PlotView | undefined;

  constructor(lane: Lane, theme: Theme, handlers: LaneViewHandlers) {
    this.lane = lane;
    this.#legend = lane.series.map((line) => {
      const value = element('span', { class: 'legend-value' });
      const swatch = element('span', { class: `swatch swatch-${line.color} ${shapeOf(line)}` });
      const item = element('span', { class: `legend-item of-${line.name}` }, [
        swatch,
        element('span', { text: line.label }),
        value,
      ]);
      return { line, item, value };
    });
    this.#bandSection = new Section(this.#bands, (bands) => {
      this.#bandValues = bands.map(() => element('span', { class: 'legend-value' }));
      return bands.map(({ name, color, isFaint }, i) => bandItem({ name, color, isFaint }, this.#bandValues[i]));
    });
    this.#controls = new LaneControls(lane, handlers);
    this.element = element('div', { class: `lane lane-${lane.id}` }, [
      element('div', { class: 'lane-head' }, [
        this.#controls.fold,
        element('h3', { text: lane.title }),
        element('div', { class: 'legend' }, [...this.#legend.map(({ item }) => item), this.#bands]),
        this.#controls.more,
      ]),
      this.#plot,
      splitter({
        label: `Height of ${lane.title}`,
        orientation: () => 'horizontal',
        least: LEAST_HEIGHT,
        most: () => MOST_HEIGHT,
        isReversed: false,
        size: () => this.#plot.offsetHeight,
        onSize: handlers.onHeight,
      }),
    ]);
    this.#chart = new LineChart(this.#canvas, lane, theme);
  }

  draw(view: Omit<PlotView, 'areas'>, areas: AreasView | undefined, theme: Theme): void {
    this.#view = { ...view, areas: this.#paintedOf(areas) };
    this.#chart.draw(this.#view, theme);
    const bands = areas === undefined || areas.bands.length === 0 ? [] : areas.bands;
    this.#bandSection.update(bands.map((band) => ({ name: bandName(band), ...this.#colorOf(band) })));
  }

  arrange({ isFolded, isFitted, height }: { isFolded: boolean; isFitted: boolean; height: number | undefined }): void {
    this.element.classList.toggle('is-folded', isFolded);
    this.#controls.update(isFolded, isFitted);
    this.#chart.isFitted = isFitted;
    this.#plot.style.height = height === undefined ? '' : `${height}px`;
  }

  setTheme(theme: Theme): void {
    this.#chart.setTheme(theme);
    if (this.#view !== undefined) this.#chart.draw(this.#view, theme);
  }

  /** The values at a time, in the legend and as words for a screen reader; at rest with the highest that was. */
  readAt(ms: number, isAtRest: boolean): string {
    const view = this.#view;
    if (view === undefined) return '';
    const spoken: string[] = [];
    for (const { line, item, value } of this.#legend) {
      const points = view.series[line.name];
      setShown(item, points !== undefined && !(view.areas !== undefined && line.isInAreas === true));
      if (points === undefined) continue;
      const at = valueAt(points, ms);
      const peak = isAtRest && at === undefined ? highestIn(points, view.span) : undefined;
      const words =
        at === undefined
          ? peak === undefined
            ? 'not read'
            : `${line.limitReach === undefined ? 'peak ' : ''}${quantityOf(line.name, peak)}`
          : quantityOf(line.name, at);
      const note = this.#noteOf(line, { view, at, ms, isAtRest });
      setText(value, note === undefined ? words : `${words} ${note}`);
      if (at !== undefined && line.limitReach === undefined) spoken.push(`${line.label} ${words}`);
    }
    spoken.push(...this.#readBands(ms, isAtRest));
    return spoken.length === 0 ? '' : `${this.lane.title}: ${spoken.join(', ')}`;
  }

  destroy(): void {
    this.#chart.destroy();
    this.element.remove();
  }

  #paintedOf(areas: AreasView | undefined): PaintedAreas | undefined {
    if (areas === undefined || areas.bands.length === 0) return undefined;
    if (this.#painted?.areas !== areas) {
      this.#painted = { areas, tops: stackOf(areas), colorOf: (band) => this.#colorOf(band) };
    }
    return this.#painted;
  }

  #colorOf(band: AreaBand): { readonly color: ChartColor | undefined; readonly isFaint: boolean } {
    if (band.comm === undefined) return { color: undefined, isFaint: false };
    const key = bandKey(band);
    const place = this.#places.get(key) ?? this.#places.size;
    this.#places.set(key, place);
    const color = AREA_COLORS[place % AREA_COLORS.length];
    return { color, isFaint: Math.floor(place / AREA_COLORS.length) % 2 === 1 };
  }

  #noteOf(
    line: LaneSeries,
    {
      view,
      at,
      ms,
      isAtRest,
    }: { readonly view: PlotView; readonly at: number | undefined; readonly ms: number; readonly isAtRest: boolean },
  ): string | undefined {
    if (line.name === 'cgroup_memory_limit_kb' && at !== undefined) {
      const share = view.series.limit_share === undefined ? undefined : valueAt(view.series.limit_share, ms);
      if (share !== undefined) return `(${Math.round(share / 10)}% used, ${humanKb(at * (1 - share / 1000))} left)`;
    }
    if (this.#chart.isOutOfReach(line, view)) return '(off the chart)';
    if (!isAtRest || line.limitReach !== undefined || at === undefined) return undefined;
    const peak = highestIn(view.series[line.name], view.span);
    const words = quantityOf(line.name, peak);
    return words === quantityOf(line.name, at) ? undefined : `(peak ${words})`;
  }

  #readBands(ms: number, isAtRest: boolean): readonly string[] {
    const areas = this.#view?.areas?.areas;
    const kind = this.lane.areas;
    if (areas === undefined || kind === undefined) return [];
    const at = nearest(areas.t, ms);
    return areas.bands.flatMap((band, i) => {
      const value = band.values[at] ?? 0;
      const words = areaQuantity(kind, isAtRest ? band.peak : value);
      const target = this.#bandValues[i];
      if (target !== undefined) setText(target, isAtRest ? `peak ${words}` : words);
      return value > 0 ? [`${bandName(band)} ${areaQuantity(kind, value)}`] : [];
    });
  }
}

interface LegendBand {
  readonly name: string;
  readonly color: ChartColor | undefined;
  readonly isFaint: boolean;
}

function bandItem({ name, color, isFaint }: LegendBand, value: HTMLElement | undefined): HTMLElement {
  const swatch = element('span', {
    class: `swatch is-area swatch-${color ?? 'others'}${isFaint ? ' is-faint' : ''}`,
  });
  return element('span', { class: 'legend-item' }, [swatch, element('span', { text: name }), value]);
}

function shapeOf({ isArea, limitReach }: LaneSeries): string {
  if (limitReach !== undefined) return 'is-dotted';
  return isArea === true ? 'is-area' : 'is-line';
}
