import type { ComparedLane, CompareView } from '../../src/core/panel/compareView.ts';
import type { SeriesName } from '../../src/core/panel/sessionView.ts';
import { element } from '../parts/element.ts';
import type { Theme } from '../parts/theme.ts';
import type { LaneAxis } from '../timeline/lanePage.ts';
import type { Lane } from '../timeline/lanes.ts';
import { LineChart } from '../timeline/lineChart.ts';

interface Quantity {
  readonly title: string;
  readonly leastMax: number;
  /** Two series of one unit, in whose places the lines of A and of B are drawn. */
  readonly places: readonly [SeriesName, SeriesName];
}

const QUANTITIES: { readonly [lane in ComparedLane]: Quantity } = {
  memory: { title: 'Memory of the whole tree', leastMax: 16 * 1024, places: ['tree_rss_kb', 'vm_rss_kb'] },
  cpu: { title: 'CPU', leastMax: 20, places: ['tree_cpu_percent', 'cpu_percent'] },
  descriptors: { title: 'File descriptors', leastMax: 20, places: ['tree_fd_count', 'fd_count'] },
  processes: { title: 'Processes', leastMax: 4, places: ['tree_process_count', 'threads'] },
};

/** One quantity of both sessions: A as an area, B as a line, so that they are told apart by more than their colour. */
export class ComparedLaneView {
  readonly element: HTMLElement;
  readonly #chart: LineChart;
  readonly #quantity: Quantity;
  readonly #view: Pick<CompareView, 'a' | 'b'>;
  readonly #lane: ComparedLane;

  constructor(lane: ComparedLane, view: CompareView, theme: Theme) {
    this.#lane = lane;
    this.#view = view;
    this.#quantity = QUANTITIES[lane];
    const canvas = element('canvas', { attributes: { 'aria-hidden': 'true' } });
    this.#chart = new LineChart(canvas, laneOf(lane, this.#quantity), theme);
    this.element = element('li', { class: 'compared-lane' }, [
      element('h3', { class: 'quiet', text: this.#quantity.title }),
      element('div', { class: 'plot' }, [canvas]),
    ]);
  }

  draw({ span, ticks }: LaneAxis, theme: Theme): void {
    const [first, second] = this.#quantity.places;
    const { a, b } = this.#view;
    const [ofA, ofB] = [a.lanes[this.#lane], b.lanes[this.#lane]];
    const series = { ...(ofA !== undefined && { [first]: ofA }), ...(ofB !== undefined && { [second]: ofB }) };
    this.#chart.setTheme(theme);
    this.#chart.draw({ series, areas: undefined, forecasts: [], span, ticks }, theme);
  }

  dispose(): void {
    this.#chart.destroy();
  }
}

function laneOf(lane: ComparedLane, { title, leastMax, places: [first, second] }: Quantity): Lane {
  return {
    id: `compared-${lane}`,
    title,
    isOptional: false,
    leastMax,
    series: [
      { name: first, label: 'A', color: 'blue', isArea: true },
      { name: second, label: 'B', color: 'orange' },
    ],
  };
}
