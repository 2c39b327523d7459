import { element, setAttribute, setShown, setText } from '../parts/element.ts';
import { splitter } from '../parts/splitter.ts';
import { button } from '../parts/toolkit.ts';
import type { DrawerLayout } from '../timeline/panelMemory.ts';
import type { OutputPanel } from './outputPanel.ts';

export interface DrawerHandlers {
  readonly onClose: () => void;
  readonly onLayout: () => void;
}

const LEAST_HEIGHT = 120;
const LEAST_WIDTH = 280;
/** The charts stay in sight. */
const MOST_SHARE = 0.75;

/** The moment and the output, over the page's lower edge or beside the charts: opening it moves no chart. */
export class Drawer {
  readonly element = element('div', { class: 'drawer' });
  readonly #moment: HTMLElement;
  readonly #output: OutputPanel;
  readonly #turn: HTMLElement;
  readonly #momentTab: HTMLButtonElement;
  readonly #outputTab: HTMLButtonElement;
  #layout: DrawerLayout;
  #hasMoment = false;

  constructor(
    parts: { readonly moment: HTMLElement; readonly output: OutputPanel },
    layout: DrawerLayout,
    handlers: DrawerHandlers,
  ) {
    this.#moment = parts.moment;
    this.#output = parts.output;
    this.#layout = layout;
    const change = (next: Partial<DrawerLayout>): void => {
      this.#layout = { ...this.#layout, ...next };
      this.#place();
      handlers.onLayout();
    };
    this.#turn = button({
      label: '',
      onClick: () => change({ side: this.#layout.side === 'right' ? 'below' : 'right' }),
    });
    this.#turn.classList.add('drawer-turn');
    this.#momentTab = tab('Moment', () => change({ isOutput: false }));
    this.#outputTab = tab('Output', () => change({ isOutput: true }));
    const tabs = element('div', { class: 'drawer-tabs', attributes: { role: 'tablist', 'aria-label': 'Drawer' } }, [
      this.#momentTab,
      this.#outputTab,
    ]);
    tabs.addEventListener('keydown', ({ key }) => {
      if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
      const other = this.#layout.isOutput ? this.#momentTab : this.#outputTab;
      if (other.disabled) return;
      other.click();
      other.focus();
    });
    const close = (): void => {
      this.#layout = { ...this.#layout, isOutput: false };
      handlers.onClose();
      this.#place();
      handlers.onLayout();
    };
    this.element.append(
      this.#sizer(change),
      element('div', { class: 'drawer-head' }, [
        tabs,
        this.#turn,
        button({ label: 'Close', description: 'Close the moment', onClick: close }),
      ]),
      element(
        'div',
        {
          class: 'drawer-content',
          attributes: { tabindex: '0', role: 'region', 'aria-label': 'Moment and process tree' },
        },
        [this.#moment],
      ),
      this.#output.element,
    );
    this.#place();
  }

  get layout(): DrawerLayout {
    return this.#layout;
  }

  /** @param isAsked it is the moment that somebody wants to see, not the output of that instant */
  showMoment(isAsked: boolean): void {
    this.#hasMoment = true;
    if (isAsked) this.#layout = { ...this.#layout, isOutput: false };
    this.#place();
  }

  hideMoment(): void {
    this.#hasMoment = false;
    this.#place();
  }

  showOutput(): void {
    this.#layout = { ...this.#layout, isOutput: true };
    this.#place();
  }

  #sizer(change: (next: Partial<DrawerLayout>) => void): HTMLElement {
    const isRight = (): boolean => this.#layout.side === 'right';
    return splitter({
      label: 'Size of the drawer',
      orientation: () => (isRight() ? 'vertical' : 'horizontal'),
      least: Math.min(LEAST_HEIGHT, LEAST_WIDTH),
      most: () => (isRight() ? window.innerWidth : window.innerHeight) * MOST_SHARE,
      isReversed: true,
      size: () => (isRight() ? this.element.offsetWidth : this.element.offsetHeight),
      onSize: (size, isDone) => {
        const next = isRight() ? { width: size } : { height: size };
        if (isDone) change(next);
        else {
          this.#layout = { ...this.#layout, ...next };
          this.#place();
        }
      },
    });
  }

  #place(): void {
    const { side, height, width, isOutput } = this.#layout;
    setShown(this.element, isOutput || this.#hasMoment);
    setShown(this.#moment, this.#hasMoment && !isOutput);
    setShown(this.#moment.parentElement ?? this.#moment, !isOutput);
    this.#output.show(isOutput);
    this.#momentTab.disabled = !this.#hasMoment;
    for (const [one, isChosen] of [
      [this.#momentTab, !isOutput],
      [this.#outputTab, isOutput],
    ] as const) {
      setAttribute(one, 'aria-selected', String(isChosen));
      setAttribute(one, 'tabindex', isChosen ? '0' : '-1');
    }
    this.element.classList.toggle('is-right', side === 'right');
    const { style } = this.element;
    style.setProperty('--drawer-height', height === undefined ? '' : `${Math.max(height, LEAST_HEIGHT)}px`);
    style.setProperty('--drawer-width', width === undefined ? '' : `${Math.max(width, LEAST_WIDTH)}px`);
    setText(this.#turn, side === 'right' ? 'Move below' : 'Move right');
  }
}

function tab(label: string, onClick: () => void): HTMLButtonElement {
  const created = element('button', { class: 'tab', text: label, attributes: { type: 'button', role: 'tab' } });
  created.addEventListener('click', onClick);
  return created;
}
