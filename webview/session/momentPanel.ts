import { displayText } from '../../src/core/words/displayText.ts';
import { humanSeconds } from '../../src/core/words/humanUnits.ts';
import type { CallView, EpisodeView, LifecycleView, MomentView } from '../../src/core/panel/sessionView.ts';
import { anomalySentence } from '../../src/core/anomalies/anomalySentence.ts';
import { kindWords, lifecycleWords, wordsOf } from '../../src/core/words/vocabularyWords.ts';
import { detailOf } from './episodeList.ts';
import { element, setShown, setText } from '../parts/element.ts';
import { momentValues } from './momentValues.ts';
import { treeTable } from './treeRows.ts';
import { clockOf, momentOf } from '../parts/timeFormat.ts';

export interface MomentContext {
  readonly episode: EpisodeView | undefined;
  /** What had happened by then. */
  readonly lifecycle: readonly LifecycleView[];
}

/** The last of a long life; the file holds the rest. */
const MOST_EVENTS = 12;

/** One sample with all its values and the process tree at that instant. */
export class MomentPanel {
  readonly element: HTMLElement;
  readonly #heading = element('h2', { attributes: { tabindex: '-1' } });
  readonly #cause = element('p', { class: 'moment-cause' });
  readonly #values = element('div', { class: 'values' });
  readonly #calls = element('div', { class: 'moment-list' });
  readonly #events = element('div', { class: 'moment-list' });
  readonly #tree = element('div', { class: 'tree' });

  constructor() {
    this.element = element('section', { class: 'moment', attributes: { 'aria-label': 'Moment' } }, [
      this.#heading,
      this.#cause,
      this.#calls,
      this.#tree,
      this.#values,
      this.#events,
    ]);
    this.element.hidden = true;
  }

  show(moment: MomentView, { episode, lifecycle }: MomentContext): void {
    setText(this.#heading, `${momentOf(moment.ms)}, sample ${moment.seq}`);
    setShown(this.#cause, episode !== undefined);
    if (episode !== undefined) {
      setText(this.#cause, causeOf(episode));
      this.#cause.className = `moment-cause severity-${episode.severity}`;
    }
    this.#values.replaceChildren(...momentValues(moment.snapshot));
    setShown(this.#calls, moment.openCalls.length > 0);
    this.#calls.replaceChildren(...callsOf(moment));
    setShown(this.#events, lifecycle.length > 0);
    this.#events.replaceChildren(...eventsOf(lifecycle));
    const scrolled = this.#tree.querySelector('.scroller')?.scrollTop ?? 0;
    this.#tree.replaceChildren(...treeTable(moment));
    // A replay builds the table anew at every sample; whoever has scrolled in it stays where they are.
    if (scrolled > 0) this.#tree.querySelector('.scroller')?.scrollTo({ top: scrolled });
  }

  focus(): void {
    this.#heading.focus({ preventScroll: true });
  }
}

function causeOf(episode: EpisodeView): string {
  const detail = anomalySentence(episode.kind, episode.detail) ?? detailOf(episode).replaceAll('\n', ' · ');
  return detail === '' ? kindWords(episode.kind) : `${kindWords(episode.kind)}. ${detail}`;
}

function callsOf({ openCalls, ms }: MomentView): readonly HTMLElement[] {
  const words = ({ tool_kind, startMs, endMs, asked }: CallView) =>
    `${wordsOf(tool_kind)} call${asked === undefined ? '' : `, ${displayText(asked, 200)}`}, open for ${humanSeconds((ms - startMs) / 1000)}${endMs === undefined ? ', no result is known' : ''}`;
  return listOf(
    `Open calls (${openCalls.length})`,
    openCalls.map((call) => words(call)),
  );
}

function eventsOf(lifecycle: readonly LifecycleView[]): readonly HTMLElement[] {
  return listOf(
    `Events so far (${lifecycle.length})`,
    lifecycle.slice(-MOST_EVENTS).map(({ ms, event }) => `${clockOf(ms, 1000)} ${lifecycleWords(event)}`),
  );
}

function listOf(title: string, items: readonly string[]): readonly HTMLElement[] {
  return [
    element('h3', { text: title }),
    element(
      'ul',
      {},
      items.map((text) => element('li', { text })),
    ),
  ];
}
