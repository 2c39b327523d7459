import type { Chart } from 'chart.js';
import type { AreaBand, AreasView } from '../../src/core/panel/areasView.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import type { ChartColor, Theme } from '../parts/theme.ts';
import type { TimeSpan } from './viewport.ts';

/** Red is for limits and deaths. Who comes after these has one of them again, and fainter. */
export const AREA_COLORS: readonly ChartColor[] = ['blue', 'orange', 'green', 'purple', 'yellow'];
const FILL_ALPHA = 0.45;
const FAINT_ALPHA = 0.22;
const OTHERS_ALPHA = 0.3;
const NAME_PIXELS = 11;

export function bandName({ comm, pid, count }: AreaBand): string {
  if (comm === undefined) return 'Others';
  const name = comm === '' ? 'unnamed' : displayText(comm, 40);
  return pid === undefined && count > 1 ? `${name} × ${count}` : name;
}

export function bandKey({ pid, comm }: AreaBand): string {
  return `${pid ?? ''} ${comm ?? '\n'}`;
}

/** The top of each band at each instant, above those before it. */
export function stackOf({ t, bands }: AreasView): readonly (readonly number[])[] {
  const tops: number[][] = [];
  for (const [i, { values }] of bands.entries())
    tops.push(t.map((_, at) => (tops[i - 1]?.[at] ?? 0) + (values[at] ?? 0)));
  return tops;
}

export function highestStack(areas: AreasView, tops: readonly (readonly number[])[], span: TimeSpan): number {
  const top = tops.at(-1) ?? [];
  return areas.t.reduce(
    (high, ms, at) => (ms < span.fromMs || ms > span.toMs ? high : Math.max(high, top[at] ?? 0)),
    0,
  );
}

export interface PaintedAreas {
  readonly areas: AreasView;
  readonly tops: readonly (readonly number[])[];
  readonly colorOf: (band: AreaBand) => { readonly color: ChartColor | undefined; readonly isFaint: boolean };
}

/** Below the lines of the chart: one band upon the other, with its name where there is room for it. */
export function paintAreas(chart: Chart<'line', unknown>, { areas, tops, colorOf }: PaintedAreas, theme: Theme): void {
  const { ctx, chartArea, scales } = chart;
  const { x, y } = scales;
  if (x === undefined || y === undefined || areas.bands.length === 0) return;
  const xs = areas.t.map((ms) => x.getPixelForValue(ms));
  const ys = tops.map((top) => top.map((value) => y.getPixelForValue(value)));
  const floor = areas.t.map(() => y.getPixelForValue(0));
  ctx.save();
  ctx.beginPath();
  ctx.rect(chartArea.left, chartArea.top, chartArea.width, chartArea.height);
  ctx.clip();
  const pieces = piecesOf(areas);
  for (const [i, band] of areas.bands.entries()) {
    const { color, isFaint } = colorOf(band);
    const [upper = floor, lower = floor] = [ys[i], ys[i - 1]];
    ctx.fillStyle = color === undefined ? theme.text : theme.colors[color];
    ctx.strokeStyle = ctx.fillStyle;
    for (const piece of pieces) paintBand(ctx, { xs, upper, lower, ...piece, alpha: alphaOf(color, isFaint) });
  }
  ctx.globalAlpha = 1;
  for (const [i, band] of areas.bands.entries()) {
    paintName(ctx, bandName(band), { xs, upper: ys[i] ?? floor, lower: ys[i - 1] ?? floor, area: chartArea }, theme);
  }
  ctx.restore();
}

function alphaOf(color: ChartColor | undefined, isFaint: boolean): number {
  return color === undefined ? OTHERS_ALPHA : isFaint ? FAINT_ALPHA : FILL_ALPHA;
}

interface Piece {
  readonly from: number;
  readonly to: number;
}

/** From gap to gap. */
function piecesOf({ t, breaks }: AreasView): readonly Piece[] {
  const starts = [0, ...breaks];
  return starts.map((from, i) => ({ from, to: starts[i + 1] ?? t.length }));
}

interface BandShape extends Piece {
  readonly xs: readonly number[];
  readonly upper: readonly number[];
  readonly lower: readonly number[];
  readonly alpha: number;
}

function paintBand(ctx: CanvasRenderingContext2D, { xs, upper, lower, from, to, alpha }: BandShape): void {
  ctx.beginPath();
  for (let i = from; i < to; i += 1) ctx.lineTo(xs[i] ?? 0, upper[i] ?? 0);
  ctx.lineWidth = 1;
  ctx.globalAlpha = Math.min(1, alpha * 2);
  ctx.stroke();
  for (let i = to - 1; i >= from; i -= 1) ctx.lineTo(xs[i] ?? 0, lower[i] ?? 0);
  ctx.closePath();
  ctx.globalAlpha = alpha;
  ctx.fill();
}

interface NamePlace {
  readonly xs: readonly number[];
  readonly upper: readonly number[];
  readonly lower: readonly number[];
  readonly area: { readonly left: number; readonly right: number };
}

/** Where the band is thickest, if the whole name fits into it there. */
function paintName(ctx: CanvasRenderingContext2D, name: string, place: NamePlace, theme: Theme): void {
  ctx.font = `${NAME_PIXELS}px ${theme.fontFamily}`;
  const width = ctx.measureText(name).width + 6;
  const { xs, upper, lower, area } = place;
  let best = -1;
  let thickest = NAME_PIXELS + 2;
  for (const [i, x] of xs.entries()) {
    const thickness = (lower[i] ?? 0) - (upper[i] ?? 0);
    if (x >= area.left && x <= area.right && thickness > thickest) [best, thickest] = [i, thickness];
  }
  if (best < 0) return;
  for (const share of [0.5, 1, 0]) {
    const left = Math.min(Math.max((xs[best] ?? 0) - width * share, area.left), area.right - width);
    const middle = middleOf(place, left, left + width);
    if (middle === undefined) continue;
    ctx.textBaseline = 'middle';
    ctx.lineWidth = 3;
    ctx.strokeStyle = theme.background;
    ctx.strokeText(name, left + 3, middle);
    ctx.fillStyle = theme.foreground;
    ctx.fillText(name, left + 3, middle);
    return;
  }
}

/** Of what is inside the band all the way between two places; `undefined` where a line of text has no room. */
function middleOf({ xs, upper, lower }: NamePlace, left: number, right: number): number | undefined {
  let top = Number.NEGATIVE_INFINITY;
  let bottom = Number.POSITIVE_INFINITY;
  let isMet = false;
  for (const [i, x] of xs.entries()) {
    const [before = x, after = x] = [xs[i - 1], xs[i + 1]];
    if (after < left || before > right) continue;
    isMet = true;
    top = Math.max(top, upper[i] ?? 0);
    bottom = Math.min(bottom, lower[i] ?? 0);
  }
  return isMet && bottom - top >= NAME_PIXELS ? (top + bottom) / 2 : undefined;
}
