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
      setText(value, this.#chart.isOutOfReach(line, view) ? `${words} (above)` : words);
      if (at !== undefined && line.limitReach === undefined) spoken.push(`${line.label} ${words}`);
    }
    return spoken.length === 0 ? '' : `${this.lane.title}: ${spoken.join(', ')}`;
  }

  destroy(): void {
    this.#chart.destroy();
    this.element.remove();
  }
}

function shapeOf({ isArea, limitReach }: LaneSeries): string {
  if (limitReach !== undefined) return 'is-dotted';
  return isArea === true ? 'is-area' : 'is-line';
}
