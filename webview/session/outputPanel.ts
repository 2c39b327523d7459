import type { OutputView } from '../../src/core/panel/outputView.ts';
import type { QueryFailure } from '../../src/core/panel/serverProtocol.ts';
import type { SessionRef } from '../../src/core/panel/sessionView.ts';
import { element, setShown, setText } from '../parts/element.ts';
import type { HostLink } from '../parts/hostLink.ts';
import { button, textField } from '../parts/toolkit.ts';
import { Turns } from '../parts/turns.ts';
import { OutputLines } from './outputLines.ts';

export interface OutputHandlers {
  readonly link: HostLink;
  readonly session: SessionRef;
  readonly onInspect: (ms: number) => void;
  readonly onFailure: (failure: QueryFailure) => void;
}

/** Around what was found, this much comes before and after. */
const AROUND_BYTES = 24 * 1024;

type Place = { readonly from?: number; readonly to?: number; readonly atMs?: number };

/** What the agent printed: grows while it prints, follows the cursor, and leads from a line to its moment. */
export class OutputPanel {
  readonly element: HTMLElement;
  readonly #handlers: OutputHandlers;
  readonly #lines: OutputLines;
  readonly #status = element('span', { class: 'quiet', attributes: { role: 'status' } });
  readonly #turns = new Turns();
  #view: OutputView | undefined;
  #isShown = false;
  #cursorMs: number | undefined;
  #wanted = '';
  #foundAt: number | undefined;

  constructor(handlers: OutputHandlers) {
    this.#handlers = handlers;
    this.#lines = new OutputLines({
      onInspect: handlers.onInspect,
      onTop: () => void this.#more('before'),
      onBottom: () => void this.#more('after'),
    });
    const find = textField('Find in output', (text) => {
      [this.#wanted, this.#foundAt] = [text, undefined];
      this.#lines.mark(text);
      setText(this.#status, '');
    });
    find.addEventListener('keydown', (event) => {
      // VS Code's own select-all comes after the key and would take the next letters with it.
      if (event.ctrlKey || event.metaKey) event.stopPropagation();
      if (event.key === 'Enter') void this.#find(event.shiftKey);
    });
    this.element = element('section', { class: 'output', attributes: { 'aria-label': 'Output' } }, [
      element('div', { class: 'output-tools' }, [
        find,
        button({ label: '↑', description: 'Find ↑ the previous', onClick: () => void this.#find(true) }),
        button({ label: '↓', description: 'Find ↓ the next', onClick: () => void this.#find(false) }),
        button({ label: 'End', description: 'End of the output', onClick: () => void this.#load({}) }),
        this.#status,
      ]),
      this.#lines.element,
    ]);
    setShown(this.element, false);
  }

  set startMs(startMs: number | undefined) {
    this.#lines.startMs = startMs;
  }

  show(isShown: boolean): void {
    if (isShown === this.#isShown) return;
    this.#isShown = isShown;
    setShown(this.element, isShown);
    if (isShown) void this.#load(this.#cursorMs === undefined ? {} : { atMs: this.#cursorMs });
  }

  /** More was printed. */
  grown(): void {
    if (this.#isShown && this.#lines.isAtEnd && this.#cursorMs === undefined) void this.#load({});
  }

  /** The instant that the page shows; `undefined`: the present. */
  standAt(ms: number | undefined): void {
    if (ms === this.#cursorMs) return;
    this.#cursorMs = ms;
    if (!this.#isShown) return;
    if (ms === undefined) this.#lines.standAt(undefined);
    else if (this.#lines.covers(ms)) this.#lines.standAt(ms);
    else void this.#load({ atMs: ms });
  }

  focus(): void {
    this.#lines.element.focus({ preventScroll: true });
  }

  async #ask(place: Place): Promise<OutputView | undefined> {
    const { link, session, onFailure } = this.#handlers;
    const reply = await link.query('output', { session, from: place.from, to: place.to, atMs: place.atMs });
    if (reply.ok) return reply.value;
    onFailure(reply.failure);
    return undefined;
  }

  async #load(place: Place): Promise<void> {
    await this.#turns.take('window', async () => {
      const view = await this.#ask(place);
      if (view === undefined) return;
      this.#view = view;
      const isEnd = place.from === undefined && place.to === undefined && place.atMs === undefined;
      this.#lines.replace(view, isEnd);
      if (this.#cursorMs !== undefined && place.to === undefined) this.#lines.standAt(this.#cursorMs);
      if (this.#wanted !== '') this.#lines.mark(this.#wanted);
      if (view.lines.length === 0) this.#tellEmpty(view);
    });
  }

  #tellEmpty({ isKept }: OutputView): void {
    this.#lines.tell(isKept ? 'Nothing was printed.' : 'The output of this session was not captured.');
  }

  async #more(where: 'before' | 'after'): Promise<void> {
    await this.#turns.take('window', async () => {
      const view = this.#view;
      const isThere = view !== undefined && (where === 'before' ? view.from > view.dropped : view.to < view.total);
      if (!isThere) return;
      const more = await this.#ask(where === 'before' ? { to: view.from } : { from: view.to });
      if (more === undefined || more.lines.length === 0) return;
      const [from, to] = this.#lines.extend(more.lines, where);
      this.#view = { ...more, from: from ?? more.from, to: where === 'after' ? more.to : (to ?? view.to) };
    });
  }

  async #find(isBackward: boolean): Promise<void> {
    const { link, session, onFailure } = this.#handlers;
    if (this.#wanted === '') return;
    const edge = isBackward ? (this.#view?.to ?? 0) : -1;
    const from = this.#foundAt ?? edge;
    const reply = await link.query('findOutput', { session, text: this.#wanted, from, isBackward });
    if (!reply.ok) {
      onFailure(reply.failure);
      return;
    }
    const { at } = reply.value;
    setText(this.#status, at === undefined ? `Nothing ${isBackward ? 'above' : 'below'}` : '');
    if (at === undefined) return;
    this.#foundAt = at;
    if (!this.#lines.holds(at)) await this.#load({ to: at + AROUND_BYTES });
    this.#lines.reveal(at);
  }
}
