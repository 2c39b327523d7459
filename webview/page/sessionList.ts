import { rowFacts, whenWords, type DayGroup } from '../../src/core/find/shownWords.ts';
import { QUERY_EXAMPLE } from '../../src/core/find/queryExample.ts';
import type { SessionFilter } from '../../src/core/panel/serverProtocol.ts';
import type { SessionPage } from '../../src/core/panel/serverProtocol.ts';
import { isSameSession, sessionKey, type SessionRef, type SessionRow } from '../../src/core/panel/sessionView.ts';
import { dayGroups } from '../../src/core/panel/dayGroups.ts';
import { withIncidents, type IncidentRef, type ListItem } from '../../src/core/panel/incidentView.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import { element, setAttribute, setShown, setText } from '../parts/element.ts';
import { KeyedList, moveFocus } from '../parts/keyedList.ts';
import { button, dropdown, textField } from '../parts/toolkit.ts';
import { stateOf } from '../parts/words.ts';

export interface ListWish {
  readonly filter: SessionFilter;
  readonly text: string;
  readonly limit: number;
}

export interface ListHandlers {
  readonly onWish: () => void;
  readonly onSelect: (row: SessionRow) => void;
  readonly onIncident: (incident: IncidentRef) => void;
}

/** A session or an incident, and the day under which it stands. */
type ListedItem = ListItem | { readonly type: 'day'; readonly name: DayGroup };

const PAGE = 100;
/** While somebody types, the list asks once per pause. */
const TYPING_PAUSE_MS = 120;

const FILTERS: readonly { readonly value: SessionFilter; readonly label: string }[] = [
  { value: 'all', label: 'All sessions' },
  { value: 'running', label: 'Running' },
  { value: 'failed', label: 'Failed' },
  { value: 'anomalous', label: 'With anomalies' },
];

/** The picker beside the session: running first, then the newest. */
export class SessionList {
  readonly element: HTMLElement;
  readonly #summary = element('span', { class: 'sessions-count' });
  readonly #items = element('ul', { class: 'session-items' });
  readonly #empty = element('p', { class: 'quiet', text: 'No session matches.' });
  readonly #more: HTMLElement;
  readonly #list: KeyedList<ListedItem>;
  #wish: ListWish = { filter: 'all', text: '', limit: PAGE };
  #selected: SessionRef | undefined;
  #selectedIncident: IncidentRef | undefined;
  #listed: readonly ListedItem[] = [];

  constructor({ onWish, onSelect, onIncident }: ListHandlers) {
    let typing = 0;
    const wish = (change: Partial<ListWish>) => {
      this.#wish = { ...this.#wish, ...change };
      onWish();
    };
    const search = textField('Search sessions', (text) => {
      window.clearTimeout(typing);
      typing = window.setTimeout(() => wish({ text, limit: PAGE }), TYPING_PAUSE_MS);
    });
    search.title = `Words, or facets: ${QUERY_EXAMPLE}`;
    const filter = dropdown({
      label: 'Which sessions',
      choices: FILTERS,
      onChange: (value) =>
        wish({ filter: FILTERS.find((entry) => entry.value === value)?.value ?? 'all', limit: PAGE }),
    });
    this.#more = button({ label: 'Show more', onClick: () => wish({ limit: this.#wish.limit + PAGE }) });
    this.#list = new KeyedList(this.#items, keyOf, (item) => {
      if (item.type === 'day') return dayHeading(item.name);
      return item.type === 'session' ? this.#item(item, onSelect) : this.#incidentItem(item, onIncident);
    });
    this.#items.addEventListener('keydown', (event) => moveFocus(this.#items, event));
    this.element = element('details', { class: 'sessions', attributes: { open: '' } }, [
      element('summary', {}, [element('h2', { text: 'Sessions' }), this.#summary]),
      element('div', { class: 'sessions-body' }, [
        element('div', { class: 'sessions-tools' }, [search, filter]),
        this.#items,
        this.#empty,
        this.#more,
      ]),
    ]);
  }

  get wish(): ListWish {
    return this.#wish;
  }

  update({ rows, incidents, matching, total, running, problem }: SessionPage): void {
    const { running: live, days } = dayGroups(withIncidents(rows, incidents), Date.now());
    this.#listed = [...live, ...days.flatMap(({ name, items }) => [{ type: 'day', name } as const, ...items])];
    const isNarrowed = this.#wish.filter !== 'all' || this.#wish.text.trim() !== '';
    const count = isNarrowed ? `${matching} of ${total}` : `${total}`;
    setText(this.#summary, running === 0 ? count : `${count}, ${running} running`);
    setText(this.#empty, problem ?? 'No session matches.');
    setShown(this.#empty, rows.length === 0);
    setShown(this.#more, matching > rows.length);
    this.#list.update(this.#listed);
  }

  select(ref: SessionRef | undefined, incident?: IncidentRef): void {
    this.#selected = ref;
    this.#selectedIncident = incident;
    this.#list.update(this.#listed);
  }

  #incidentItem(first: Extract<ListItem, { type: 'incident' }>, onIncident: (incident: IncidentRef) => void) {
    const title = element('span', { class: 'incident-sentence' });
    const facts = element('span', { class: 'session-facts' });
    const choose = element('button', { class: 'session-item', attributes: { type: 'button' } }, [
      element('span', { class: 'state-dot tone-incident' }),
      element('span', { class: 'session-lines' }, [title, facts]),
    ]);
    choose.addEventListener('click', () => onIncident(first.row.ref));
    const update = (next: ListedItem) => {
      if (next.type !== 'incident') return;
      const { row } = next;
      setText(title, displayText(row.sentence, 200));
      setText(facts, `Incident · ${whenWords(row.firstMs, Date.now(), true)}`);
      setAttribute(choose, 'aria-current', isSameSession(row.ref, this.#selectedIncident) ? 'true' : undefined);
    };
    return { element: element('li', {}, [choose]), update };
  }

  #item(first: Extract<ListItem, { type: 'session' }>, onSelect: (row: SessionRow) => void) {
    let { row } = first;
    const dot = element('span', { class: 'state-dot' });
    const title = element('span', { class: 'session-title' });
    const facts = element('span', { class: 'session-facts' });
    const badges = element('span', { class: 'session-badges' });
    const choose = element('button', { class: 'session-item', attributes: { type: 'button' } }, [
      dot,
      element('span', { class: 'session-lines' }, [title, facts]),
      badges,
    ]);
    choose.addEventListener('click', () => onSelect(row));
    const update = (next: ListedItem) => {
      if (next.type !== 'session') return;
      row = next.row;
      const state = stateOf(row);
      dot.className = `state-dot tone-${state.tone}`;
      setText(title, displayText(row.title, 120));
      setText(facts, rowFacts(row, Date.now()).join(' · '));
      setText(badges, badgesOf(row));
      choose.title = displayText(row.title, 500);
      setAttribute(choose, 'aria-current', isSameSession(row.ref, this.#selected) ? 'true' : undefined);
    };
    return { element: element('li', {}, [choose]), update };
  }
}

function keyOf(item: ListedItem): string {
  if (item.type === 'day') return `day ${item.name}`;
  return item.type === 'session' ? sessionKey(item.row.ref) : `incident ${sessionKey(item.row.ref)}`;
}

function dayHeading(name: DayGroup) {
  return { element: element('li', { class: 'day-heading', text: name }), update: () => undefined };
}

function badgesOf({ criticals, warnings }: SessionRow): string {
  const parts = [
    ...(criticals > 0 ? [`${criticals} critical`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
  ];
  return parts.join(', ');
}
