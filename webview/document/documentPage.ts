import type { PageAction, PageContent } from '../../src/core/panel/pageContent.ts';
import { isSamePage, type PageRef, type ToldPageRef } from '../../src/core/panel/pageRef.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import { element, setShown } from '../parts/element.ts';
import type { HostLink } from '../parts/hostLink.ts';
import { button, progressRing } from '../parts/toolkit.ts';
import { blockElements } from './pageBlocks.ts';

const LABELS: { readonly [action in PageAction]: string } = {
  save: 'Save…',
  copy: 'Copy',
  issue: 'Open GitHub Issue…',
  add: 'Add…',
  refresh: 'Refresh',
};

/** A page whose content the host tells, with what can be done with it in its title. */
export class DocumentPage {
  readonly element: HTMLElement;
  readonly page: ToldPageRef;
  readonly #link: HostLink;
  readonly #ring = progressRing('Making the page');
  readonly #body = element('div', { class: 'session-body told-page' });
  #isNew = false;

  constructor(link: HostLink, page: ToldPageRef) {
    this.#link = link;
    this.page = page;
    this.element = element('article', { class: 'session' }, [this.#ring, this.#body]);
  }

  /** Whoever asks for it wants to go on with it: its first button has the focus. */
  load(): Promise<void> {
    this.#isNew = true;
    this.#link.post({ type: 'page', page: this.page });
    return Promise.resolve();
  }

  /** Of another page it says nothing: one has gone on meanwhile. */
  show(page: PageRef, content: PageContent): void {
    if (!isSamePage(page, this.page)) return;
    setShown(this.#ring, false);
    this.#body.replaceChildren(...(content.ok ? this.#told(content) : failed(content.why)));
    const first = this.#isNew ? this.#body.querySelector<HTMLElement>('vscode-button') : null;
    this.#isNew = false;
    first?.focus();
  }

  setTheme(): void {
    // its colours are the stylesheet's
  }

  dispose(): void {
    this.element.remove();
  }

  #told({ title, lead, about, blocks, actions }: Extract<PageContent, { ok: true }>): readonly HTMLElement[] {
    const act = (action: PageAction) => () => this.#link.post({ type: 'page', page: this.page, action });
    return [
      element('header', { class: 'session-header' }, [
        element('div', { class: 'title-row' }, [
          element('h1', { text: displayText(title, 200) }),
          element(
            'div',
            { class: 'actions', attributes: { role: 'group', 'aria-label': 'Actions on this page' } },
            actions.map((action) => button({ label: LABELS[action], onClick: act(action) })),
          ),
        ]),
        element('p', { class: 'verdict', text: displayText(lead, 2000), attributes: { role: 'status' } }),
        about === undefined ? undefined : element('p', { class: 'quiet told-about', text: displayText(about, 500) }),
      ]),
      ...blockElements(blocks),
    ];
  }
}

function failed(why: string): readonly HTMLElement[] {
  return [
    element('p', {
      class: 'notice notice-error',
      text: `This page could not be made. ${displayText(why)}`,
      attributes: { role: 'alert' },
    }),
  ];
}
