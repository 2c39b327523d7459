import { displayText } from '../../src/core/words/displayText.ts';
import { humanKb, humanSeconds } from '../../src/core/words/humanUnits.ts';
import type { EpisodeView } from '../../src/core/panel/sessionView.ts';
import { anomalySentence } from '../../src/core/anomalies/anomalySentence.ts';
import { SEVERITIES } from '../../src/core/words/vocabulary.ts';
import { kindWords, severityWords } from '../../src/core/words/vocabularyWords.ts';
import { element, setAttribute, setShown, setText } from '../parts/element.ts';
import { KeyedList, moveFocus } from '../parts/keyedList.ts';
import { clockOf } from '../parts/timeFormat.ts';
import { button } from '../parts/toolkit.ts';
import { episodeKey } from '../parts/words.ts';

const PAGE = 30;

/** Anomalies as badges, a run of one kind as one; the worst first. */
export class EpisodeList {
  readonly element: HTMLElement;
  readonly #heading = element('h2');
  readonly #items = element('ul', { class: 'episodes' });
  readonly #more: HTMLElement;
  readonly #list: KeyedList<EpisodeView>;
  #episodes: readonly EpisodeView[] = [];
  #limit = PAGE;
  #selected: string | undefined;
  /** In a replay, the instant that is shown: what came later is told apart. */
  #replayMs: number | undefined;

  constructor(onSelect: (episode: EpisodeView) => void) {
    this.#more = button({
      label: 'Show all',
      onClick: () => {
        this.#limit = Number.POSITIVE_INFINITY;
        this.#show();
      },
    });
    this.#list = new KeyedList(this.#items, episodeKey, (first) => {
      let episode = first;
      const severity = element('span', { class: 'episode-severity' });
      const kind = element('span', { class: 'episode-kind' });
      const facts = element('span', { class: 'episode-facts' });
      const choose = element('button', { class: 'episode', attributes: { type: 'button' } }, [severity, kind, facts]);
      choose.addEventListener('click', () => onSelect(episode));
      const update = (next: EpisodeView) => {
        episode = next;
        const isLater = this.#replayMs !== undefined && episode.firstMs > this.#replayMs;
        choose.className = `episode severity-${episode.severity}${isLater ? ' is-later' : ''}`;
        setText(severity, severityWords(episode.severity));
        setText(kind, kindWords(episode.kind));
        setText(facts, isLater ? `${factsOf(episode)} · later` : factsOf(episode));
        choose.title = anomalySentence(episode.kind, episode.detail) ?? detailOf(episode);
        setAttribute(choose, 'aria-pressed', String(episodeKey(episode) === this.#selected));
      };
      return { element: element('li', {}, [choose]), update };
    });
    this.#items.addEventListener('keydown', (event) => moveFocus(this.#items, event));
    this.element = element('section', { class: 'anomalies', attributes: { 'aria-label': 'Anomalies' } }, [
      this.#heading,
      this.#items,
      this.#more,
    ]);
  }

  update(episodes: readonly EpisodeView[]): void {
    this.#episodes = [...episodes].sort(
      (a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || a.firstMs - b.firstMs,
    );
    this.#show();
  }

  select(episode: EpisodeView | undefined): void {
    this.#selected = episode === undefined ? undefined : episodeKey(episode);
    this.#show();
  }

  setReplayPoint(ms: number | undefined): void {
    if (ms === this.#replayMs) return;
    const before = this.#soFar;
    this.#replayMs = ms;
    if (this.#soFar !== before) this.#show();
  }

  /** Episodes that have begun by the instant shown. */
  get #soFar(): number {
    const ms = this.#replayMs ?? Infinity;
    return this.#episodes.filter(({ firstMs }) => firstMs <= ms).length;
  }

  #show(): void {
    const count = this.#episodes.length;
    const all = count === 1 ? '1 anomaly' : `${count} anomalies`;
    setShown(this.element, count > 0);
    setText(this.#heading, this.#soFar === count ? all : `${this.#soFar} of ${all} so far`);
    setShown(this.#more, count > this.#limit);
    this.#list.update(this.#episodes.slice(0, this.#limit));
  }
}

function factsOf({ firstMs, lastMs, count }: EpisodeView): string {
  const lasted = lastMs - firstMs;
  const parts = [clockOf(firstMs, 1000)];
  if (lasted >= 1000) parts.push(`for ${humanSeconds(lasted / 1000)}`);
  if (count > 1) parts.push(`${count} samples`);
  return parts.join(' · ');
}

/** The detail's numbers and words; it is a flat record by contract, anything deeper is left out. */
export function detailOf({ detail }: EpisodeView): string {
  const parts = Object.entries(detail).flatMap(([name, value]) => {
    // Where it began is where the badge leads.
    if (name === 'since_seq') return [];
    const words = (end: string) => kindWords(displayText(name.slice(0, -end.length), 60));
    if (typeof value === 'number' && name.endsWith('_kb')) return `${words('_kb')}: ${humanKb(value)}`;
    if (typeof value === 'number' && name.endsWith('kb_per_second'))
      return `${words('_kb_per_second') || 'Growth'}: ${humanKb(value)}/s`;
    return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
      ? `${kindWords(displayText(name, 60))}: ${displayText(String(value), 200)}`
      : [];
  });
  return parts.join('\n');
}
