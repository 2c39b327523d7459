import { Chart, Filler, LinearScale, LineController, LineElement, PointElement, type ChartDataset } from 'chart.js';
import type { ForecastView, SeriesPoints, SeriesSet } from '../../src/core/panel/sessionView.ts';
import { highestStack, paintAreas, type PaintedAreas } from './areaPainter.ts';
import type { Lane, LaneSeries } from './lanes.ts';
import { axisStep, quantityOf } from '../parts/quantity.ts';
import { highestIn } from './seriesBuffer.ts';
import type { Theme } from '../parts/theme.ts';
import type { TimeTick } from '../parts/timeFormat.ts';
import type { TimeSpan } from './viewport.ts';

// Only what the lines need: the rest of Chart.js stays out of the bundle.
Chart.register(LineController, LineElement, PointElement, LinearScale, Filler);

/** All plots begin and end at the same pixels, so that one crosshair fits all. */
export const GUTTER_LEFT = 68;
export const GUTTER_RIGHT = 12;

const TICKS = 3;
const LIMIT_DASH = [2, 3];
const FORECAST_DASH = [7, 4];
/** Fewer points than this are marked, or a lone sample would be invisible. */
const FEW_POINTS = 40;

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlotView {
  readonly series: SeriesSet;
  readonly forecasts: readonly ForecastView[];
  readonly span: TimeSpan;
  readonly ticks: readonly TimeTick[];
  /** Of this lane, below its lines. */
  readonly areas: PaintedAreas | undefined;
}

/** One lane's plot. Interaction happens on the surface above all plots, so the chart itself listens to nothing. */
export class LineChart {
  readonly #lane: Lane;
  readonly #chart: Chart<'line', Point[]>;
  #ticks: readonly TimeTick[] = [];
  #areas: PaintedAreas | undefined;
  #theme: Theme;
  /** The axis begins at the lowest value in view, and not at nothing. */
  isFitted = false;

  constructor(canvas: HTMLCanvasElement, lane: Lane, theme: Theme) {
    this.#lane = lane;
    this.#theme = theme;
    const [first] = lane.series;
    const name = first?.name ?? 'threads';
    this.#chart = new Chart<'line', Point[]>(canvas, {
      type: 'line',
      data: { datasets: [] },
      plugins: [
        {
          id: 'areas',
          beforeDatasetsDraw: (chart) => {
            if (this.#areas !== undefined) paintAreas(chart, this.#areas, this.#theme);
          },
        },
      ],
      options: {
        animation: false,
        parsing: false,
        normalized: true,
        spanGaps: false,
        responsive: true,
        maintainAspectRatio: false,
        events: [],
        layout: { autoPadding: false, padding: { left: 0, right: GUTTER_RIGHT, top: 6, bottom: 4 } },
        elements: { point: { radius: 0 }, line: { borderWidth: 1.5, borderJoinStyle: 'round' } },
        scales: {
          x: {
            type: 'linear',
            ticks: { display: false },
            border: { display: false },
            grid: { drawTicks: false, color: theme.grid },
            afterBuildTicks: (axis) => {
              axis.ticks = this.#ticks.map(({ ms }) => ({ value: ms }));
            },
          },
          y: {
            type: 'linear',
            min: 0,
            border: { display: false },
            grid: { drawTicks: false, color: theme.grid },
            ticks: {
              padding: 8,
              color: theme.text,
              font: { family: theme.fontFamily, size: 11 },
              callback: (value) => quantityOf(name, Number(value)),
            },
            afterFit: (axis) => {
              axis.width = GUTTER_LEFT;
            },
          },
        },
      },
    });
    this.setTheme(theme);
  }

  draw({ series, forecasts, span, ticks, areas }: PlotView, theme: Theme): void {
    this.#ticks = ticks;
    this.#areas = areas;
    this.#theme = theme;
    const highest = this.#highest(series, span);
    const datasets = this.#lane.series.flatMap((line): ChartDataset<'line', Point[]>[] => {
      const points = series[line.name];
      if (areas !== undefined && line.isInAreas === true) return [];
      if (points === undefined || !isNear(line, points.v, highest)) return [];
      return [this.#dataset(line, pointsOf(points, span), theme)];
    });
    for (const line of this.#lane.series) {
      const forecast = forecasts.find((one) => one.series === line.name);
      if (forecast !== undefined)
        datasets.push(...forecastLines(forecast, span, { line: theme.colors[line.color], limit: theme.colors.red }));
    }
    this.#chart.data.datasets = datasets;
    const max = this.#max(datasets, span, highest);
    const { x, y } = this.#chart.options.scales ?? {};
    if (x !== undefined) [x.min, x.max] = [span.fromMs, span.toMs];
    if (y?.type === 'linear') {
      const step = axisStep(this.#lane.series[0]?.name ?? 'threads', max, TICKS);
      y.max = Math.ceil(max / step) * step;
      y.min = 0;
      Object.assign(y.ticks ?? {}, { stepSize: step });
      const lowest = this.isFitted ? lowestIn(datasets, span) : Number.POSITIVE_INFINITY;
      if (lowest < max) {
        const fine = axisStep(this.#lane.series[0]?.name ?? 'threads', max - lowest, TICKS);
        [y.min, y.max] = [Math.floor(lowest / fine) * fine, Math.ceil(max / fine) * fine];
        Object.assign(y.ticks ?? {}, { stepSize: fine });
      }
    }
    this.#chart.update('none');
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    const { x, y } = this.#chart.options.scales ?? {};
    if (x?.grid !== undefined) x.grid.color = theme.grid;
    if (y?.grid !== undefined) y.grid.color = theme.grid;
    if (y?.ticks !== undefined) y.ticks.color = theme.text;
  }

  /** Whether a limit line is left out because it is far away. */
  isOutOfReach(line: LaneSeries, { series, span }: PlotView): boolean {
    const points = series[line.name];
    return points !== undefined && !isNear(line, points.v, this.#highest(series, span));
  }

  destroy(): void {
    this.#chart.destroy();
  }

  #dataset(line: LaneSeries, data: Point[], theme: Theme): ChartDataset<'line', Point[]> {
    const color = theme.colors[line.color];
    return {
      data,
      borderColor: color,
      backgroundColor: color,
      ...(line.isArea === true && { fill: { target: 'origin', above: areaOf(color), below: areaOf(color) } }),
      borderWidth: theme.isHighContrast ? 2 : 1.5,
      ...(line.limitReach !== undefined && { borderDash: LIMIT_DASH }),
      ...(data.length <= FEW_POINTS && line.limitReach === undefined && { pointRadius: 2 }),
    };
  }

  /** The highest visible value that is no limit. */
  #highest(series: SeriesSet, span: TimeSpan): number {
    let highest = 0;
    for (const line of this.#lane.series) {
      const points = line.limitReach === undefined ? series[line.name] : undefined;
      if (points !== undefined) highest = Math.max(highest, highestIn(points, span));
    }
    const stack = this.#areas === undefined ? 0 : highestStack(this.#areas.areas, this.#areas.tops, span);
    return Math.max(highest, stack, this.#lane.leastMax);
  }

  #max(datasets: readonly ChartDataset<'line', Point[]>[], span: TimeSpan, highest: number): number {
    let max = highest;
    for (const { data } of datasets) {
      for (const { x, y } of data) if (x >= span.fromMs && x <= span.toMs && y > max) max = y;
    }
    return max * 1.04;
  }
}

function lowestIn(datasets: readonly ChartDataset<'line', Point[]>[], span: TimeSpan): number {
  let lowest = Number.POSITIVE_INFINITY;
  for (const { data } of datasets) {
    for (const { x, y } of data) if (x >= span.fromMs && x <= span.toMs && y < lowest) lowest = y;
  }
  return lowest;
}

/** Dashed, from the last sample to the limit; thinner on both sides, the earliest and the latest; and that limit. */
function forecastLines(
  forecast: ForecastView,
  span: TimeSpan,
  colors: { readonly line: string; readonly limit: string },
): ChartDataset<'line', Point[]>[] {
  const { fromMs, value, limit, earliestMs, reachedMs, latestMs } = forecast;
  const to = (ms: number): Point[] => {
    const endMs = Math.min(ms, span.toMs);
    const share = (endMs - fromMs) / (ms - fromMs);
    return [
      { x: fromMs, y: value },
      { x: endMs, y: value + (limit - value) * share },
    ];
  };
  if (fromMs >= span.toMs) return [];
  const line = { borderColor: colors.line, borderDash: FORECAST_DASH };
  const limitLine = [fromMs, Math.min(latestMs, span.toMs)].map((x): Point => ({ x, y: limit }));
  return [
    { data: limitLine, borderColor: colors.limit, borderDash: LIMIT_DASH },
    { ...line, data: to(reachedMs), borderWidth: 2 },
    { ...line, data: to(earliestMs), borderWidth: 0.75 },
    { ...line, data: to(latestMs), borderWidth: 0.75 },
  ];
}

function areaOf(color: string): string {
  return /^#[0-9a-f]{6}$/i.test(color) ? `${color}22` : 'transparent';
}

/** Whether a line is to be drawn: anything measured is, a limit when the values come near it. */
function isNear({ limitReach }: LaneSeries, limits: readonly (number | null)[], highest: number): boolean {
  if (limitReach === undefined) return true;
  const lowest = limits.reduce<number>((low, value) => (value === null ? low : Math.min(low, value)), Infinity);
  return lowest <= highest * limitReach;
}

/** The points of a span and one beyond each edge: what is out of sight costs nothing to draw. */
function pointsOf({ t, v }: SeriesPoints, span: TimeSpan): Point[] {
  const inside = t.findIndex((ms) => ms >= span.fromMs);
  const beyond = t.findIndex((ms) => ms > span.toMs);
  const first = Math.max(0, (inside < 0 ? t.length : inside) - 1);
  const end = beyond < 0 ? t.length : beyond + 1;
  // NaN is Chart.js' break of a line.
  return t.slice(first, end).map((x, i) => ({ x, y: v[first + i] ?? Number.NaN }));
}
