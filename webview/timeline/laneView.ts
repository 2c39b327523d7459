import { element, setShown, setText } from '../parts/element.ts';
import type { Lane, LaneSeries } from './lanes.ts';
import { LineChart, type PlotView } from './lineChart.ts';
import { quantityOf } from './quantity.ts';
import { valueAt } from './seriesBuffer.ts';
import type { Theme } from '../parts/theme.ts';

/** One lane: its title, a legend that reads out the crosshair, and the plot. */
export class LaneView {
  readonly element: HTMLElement;
  readonly lane: Lane;
  readonly #canvas = element('canvas', { attributes: { 'aria-hidden': 'true' } });
  readonly #legend: readonly { readonly line: LaneSeries; readonly item: HTMLElement; readonly value: HTMLElement }[];
  readonly #chart: LineChart;
  #view: PlotView | undefined;

  constructor(lane: Lane, theme: Theme) {
    this.lane = lane;
    this.#legend = lane.series.map((line) => {
      const value = element('span', { class: 'legend-value' });
      const swatch = element('span', { class: `swatch swatch-${line.color} ${shapeOf(line)}` });
      const item = element('span', { class: 'legend-item' }, [swatch, element('span', { text: line.label }), value]);
      return { line, item, value };
    });
    this.element = element('div', { class: 'lane' }, [
      element('div', { class: 'lane-head' }, [
        element('h3', { text: lane.title }),
        element(
          'div',
          { class: 'legend' },
          this.#legend.map(({ item }) => item),
        ),
      ]),
      element('div', { class: 'plot' }, [this.#canvas]),
    ]);
    this.#chart = new LineChart(this.#canvas, lane, theme);
  }

  draw(view: PlotView, theme: Theme): void {
    this.#view = view;
    this.#chart.draw(view, theme);
  }

  setTheme(theme: Theme): void {
    this.#chart.setTheme(theme);
    if (this.#view !== undefined) this.draw(this.#view, theme);
  }

  /** Of a session that has ended, while nobody points at an instant: the most, or what was left at least, of what is in view. */
  readPeaks({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): void {
    const view = this.#view;
    if (view === undefined) return;
    for (const { line, item, value } of this.#legend) {
      const points = view.series[line.name];
      const seen = points?.v.filter(
        (at, i) => at !== null && (points.t[i] ?? 0) >= fromMs && (points.t[i] ?? 0) <= toMs,
      );
      const isRest = RESTS.has(line.name);
      const peak = (seen ?? []).reduce<number | undefined>(
        (most, at) => (at === null || (most !== undefined && (isRest ? at >= most : at <= most)) ? most : at),
        undefined,
      );
      setShown(item, peak !== undefined);
      if (peak === undefined) continue;
      const which = isRest ? 'least ' : line.limitReach === undefined ? 'peak ' : '';
      const words = `${which}${quantityOf(line.name, peak)}`;
      setText(value, this.#chart.isOutOfReach(line, view) ? `${words} (off the chart)` : words);
    }
  }

  /** The values at a time, in the legend and as words for a screen reader. */
  readAt(ms: number): string {
    const view = this.#view;
    if (view === undefined) return '';
    const spoken: string[] = [];
    for (const { line, item, value } of this.#legend) {
      const points = view.series[line.name];
      setShown(item, points !== undefined);
      if (points === undefined) continue;
      const at = valueAt(points, ms);
      const words = at === undefined ? 'not read' : quantityOf(line.name, at);
      setText(value, this.#chart.isOutOfReach(line, view) ? `${words} (off the chart)` : words);
      if (at !== undefined && line.limitReach === undefined) spoken.push(`${line.label} ${words}`);
    }
    return spoken.length === 0 ? '' : `${this.lane.title}: ${spoken.join(', ')}`;
  }

  destroy(): void {
    this.#chart.destroy();
    this.element.remove();
  }
}

/** Of these what is left is told. */
const RESTS: ReadonlySet<string> = new Set(['mem_available_kb', 'disk_free_kb']);

function shapeOf({ isArea, limitReach }: LaneSeries): string {
  if (limitReach !== undefined) return 'is-dotted';
  return isArea === true ? 'is-area' : 'is-line';
}
