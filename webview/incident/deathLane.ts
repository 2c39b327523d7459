import type { IncidentSessionView } from '../../src/core/panel/incidentView.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import { causeWords } from '../../src/core/words/vocabularyWords.ts';
import { element } from '../parts/element.ts';
import type { Lane } from '../timeline/lanes.ts';
import type { LaneAxis } from '../timeline/lanePage.ts';
import { GUTTER_LEFT, GUTTER_RIGHT, LineChart } from '../timeline/lineChart.ts';
import type { Theme } from '../parts/theme.ts';
import { clockOf } from '../parts/timeFormat.ts';

/** One session of an incident: its name, what it died of, its memory and the mark of its death. */
export class DeathLane {
  readonly element: HTMLElement;
  readonly #session: IncidentSessionView;
  readonly #mark: HTMLElement;
  readonly #chart: LineChart | undefined;

  /** @param mostKb the highest value of all lanes: they are compared, so they share their scale */
  constructor(
    session: IncidentSessionView,
    { theme, mostKb, onOpen }: { readonly theme: Theme; readonly mostKb: number; readonly onOpen: () => void },
  ) {
    this.#session = session;
    const died = `${causeWords(session.cause)} at ${clockOf(session.deathMs, 100)}`;
    const open = element('button', {
      class: 'link',
      text: displayText(session.title, 120),
      title: 'Show this session',
      attributes: { type: 'button' },
    });
    open.addEventListener('click', onOpen);
    const canvas = element('canvas', { attributes: { 'aria-hidden': 'true' } });
    this.#mark = element('div', { class: 'death-mark', attributes: { 'aria-hidden': 'true' } });
    this.#chart = session.memory === undefined ? undefined : new LineChart(canvas, laneOf(mostKb), theme);
    this.element = element('li', { class: 'death-lane' }, [
      element('div', { class: 'death-head' }, [open, element('span', { class: 'quiet', text: died })]),
      this.#chart === undefined
        ? element('p', { class: 'quiet', text: 'No samples of its last minutes are there.' })
        : element('div', { class: 'plot' }, [canvas, this.#mark]),
    ]);
  }

  draw({ span, ticks }: LaneAxis, theme: Theme): void {
    const { memory, deathMs } = this.#session;
    if (memory === undefined) return;
    this.#chart?.setTheme(theme);
    this.#chart?.draw({ series: { tree_rss_kb: memory }, areas: undefined, forecasts: [], span, ticks }, theme);
    const share = (deathMs - span.fromMs) / (span.toMs - span.fromMs);
    this.#mark.style.left = `calc(${GUTTER_LEFT}px + (100% - ${GUTTER_LEFT + GUTTER_RIGHT}px) * ${share})`;
  }

  dispose(): void {
    this.#chart?.destroy();
  }
}

function laneOf(mostKb: number): Lane {
  return {
    id: 'incident',
    title: 'Memory',
    isOptional: false,
    leastMax: mostKb,
    series: [{ name: 'tree_rss_kb', label: 'Whole tree', color: 'purple', isArea: true }],
  };
}
