import { COMPARED_LANES, type CompareSide, type CompareView } from '../../src/core/panel/compareView.ts';
import type { ComparePageRef } from '../../src/core/panel/pageRef.ts';
import type { SessionRef } from '../../src/core/panel/sessionView.ts';
import { NOTHING_DIFFERS } from '../../src/core/compare/differenceWords.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import { element } from '../parts/element.ts';
import type { HostLink } from '../parts/hostLink.ts';
import type { Theme } from '../parts/theme.ts';
import { LanePage, type LaneContent, type LaneSurroundings } from '../timeline/lanePage.ts';
import { GUTTER_LEFT, GUTTER_RIGHT } from '../timeline/lineChart.ts';
import { callBars } from './callBars.ts';
import { ComparedLaneView } from './comparedLane.ts';

/** What is in sight beside the charts; whoever wants all of it opens it. */
const FIRST_ROWS = 8;
/** Room behind the later end, so that its mark is seen. */
const AFTER = 0.03;

export interface ComparePageOptions {
  readonly theme: Theme;
  readonly onSession: (session: SessionRef) => void;
}

/** Two sessions of the same work: what differs, and both courses from the start of each. */
export class ComparePage extends LanePage<CompareView> {
  readonly page: ComparePageRef;

  constructor(link: HostLink, page: ComparePageRef, { theme, onSession }: ComparePageOptions) {
    super({
      name: 'compare',
      theme,
      ask: (pixels) => link.query('compare', { a: page.a, b: page.b, pixels }),
      build: (view, around) => contentOf(view, { ...around, onSession }),
      spanOf: (view) => ({ fromMs: 0, toMs: spanOf(view) }),
      originMs: 0,
    });
    this.page = page;
  }
}

interface Around extends LaneSurroundings {
  readonly onSession: (session: SessionRef) => void;
}

function contentOf(view: CompareView, { axis, theme, onSession }: Around): LaneContent {
  const hasLane = (lane: (typeof COMPARED_LANES)[number]): boolean =>
    view.a.lanes[lane] !== undefined || view.b.lanes[lane] !== undefined;
  const lanes = COMPARED_LANES.filter(hasLane).map((lane) => new ComparedLaneView(lane, view, theme));
  const content = [
    element('header', { class: 'session-header' }, [
      element('h1', { text: 'Compare two sessions' }),
      element('ul', { class: 'compared-sides' }, [sideOf('A', view.a, onSession), sideOf('B', view.b, onSession)]),
      element('p', {
        class: 'verdict',
        text: displayText(view.first ?? NOTHING_DIFFERS),
        attributes: { role: 'status' },
      }),
      ...(view.parting === undefined
        ? []
        : [element('p', { class: 'quiet', text: displayText(view.parting.sentence) })]),
    ]),
    ...differencesOf(view),
    element('section', { class: 'timeline-section', attributes: { 'aria-label': 'Both courses' } }, [
      element('h2', { text: 'From the start of each' }),
      element('div', { class: 'axis-row' }, [axis]),
      ...[callBars('A', view.a, spanOf(view)), callBars('B', view.b, spanOf(view))].filter(
        (lane) => lane !== undefined,
      ),
      element('div', { class: 'compared-plots' }, [
        element(
          'ul',
          { class: 'compared-lanes' },
          lanes.map((lane) => lane.element),
        ),
        ...marksOf(view),
      ]),
    ]),
  ];
  return { content, lanes };
}

function sideOf(letter: 'A' | 'B', side: CompareSide, onSession: Around['onSession']): HTMLElement {
  const open = element('button', {
    class: 'link',
    text: displayText(side.title, 120),
    title: 'Show this session',
    attributes: { type: 'button' },
  });
  open.addEventListener('click', () => onSession(side.ref));
  return element('li', { class: `compared-side side-${letter.toLowerCase()}` }, [
    element('span', { class: 'side-letter', text: letter }),
    open,
    element('span', { class: 'quiet', text: displayText(`${side.end} · ${side.ref.id}`, 300) }),
  ]);
}

function spanOf({ a, b }: CompareView): number {
  return Math.max(1000, a.durationMs, b.durationMs) * (1 + AFTER);
}

/** Where either ended, and where they part. */
function marksOf(view: CompareView): readonly HTMLElement[] {
  const mark = (name: string, text: string, ms: number): HTMLElement => {
    const line = element('div', { class: `compared-mark mark-${name}`, title: text });
    line.style.left = `calc(${GUTTER_LEFT}px + (100% - ${GUTTER_LEFT + GUTTER_RIGHT}px) * ${ms / spanOf(view)})`;
    return line;
  };
  const { a, b, parting } = view;
  return [
    mark('a', 'End of A', a.durationMs),
    mark('b', 'End of B', b.durationMs),
    ...(parting === undefined ? [] : [mark('parting', displayText(parting.sentence, 300), parting.aMs)]),
  ];
}

function differencesOf({ rows }: CompareView): readonly HTMLElement[] {
  if (rows.length === 0) return [];
  const more = rows.slice(FIRST_ROWS);
  return [
    element('section', { class: 'compared-table', attributes: { 'aria-label': 'What differs' } }, [
      element('h2', { text: `What differs (${rows.length})` }),
      table(rows.slice(0, FIRST_ROWS)),
      ...(more.length === 0
        ? []
        : [element('details', {}, [element('summary', { text: `${more.length} more` }), table(more)])]),
    ]),
  ];
}

function table(rows: CompareView['rows']): HTMLElement {
  const head = ['A', 'B'].map((text) => element('th', { text, attributes: { scope: 'col' } }));
  const lines = rows.map(({ name, a, b }) =>
    element('tr', {}, [
      element('th', { text: displayText(name, 200), attributes: { scope: 'row' } }),
      element('td', { text: displayText(a, 300) }),
      element('td', { text: displayText(b, 300) }),
    ]),
  );
  return element('table', {}, [
    element('thead', {}, [element('tr', {}, [element('td'), ...head])]),
    element('tbody', {}, lines),
  ]);
}
