import { element, setShown, setText } from '../parts/element.ts';
import { splitter } from '../parts/splitter.ts';
import { button } from '../parts/toolkit.ts';
import type { DrawerLayout } from '../timeline/drawerLayout.ts';

export interface DrawerHandlers {
  readonly onClose: () => void;
  readonly onLayout: () => void;
}

const LEAST_HEIGHT = 120;
const LEAST_WIDTH = 280;
/** The charts stay in sight. */
const MOST_SHARE = 0.75;

/** What belongs to the moment, over the page's lower edge or beside the charts: opening it moves no chart. */
export class Drawer {
  readonly element = element('div', { class: 'drawer' });
  readonly #turn: HTMLElement;
  #layout: DrawerLayout;

  constructor(content: HTMLElement, layout: DrawerLayout, handlers: DrawerHandlers) {
    this.#layout = layout;
    this.#turn = button({
      label: '',
      onClick: () => {
        this.#layout = { ...this.#layout, side: this.#layout.side === 'right' ? 'below' : 'right' };
        this.#place();
        handlers.onLayout();
      },
    });
    const isRight = (): boolean => this.#layout.side === 'right';
    this.element.append(
      splitter({
        label: 'Size of the drawer',
        orientation: () => (isRight() ? 'vertical' : 'horizontal'),
        least: Math.min(LEAST_HEIGHT, LEAST_WIDTH),
        most: () => (isRight() ? window.innerWidth : window.innerHeight) * MOST_SHARE,
        isReversed: true,
        size: () => (isRight() ? this.element.offsetWidth : this.element.offsetHeight),
        onSize: (size, isDone) => {
          this.#layout = { ...this.#layout, ...(isRight() ? { width: size } : { height: size }) };
          this.#place();
          if (isDone) handlers.onLayout();
        },
      }),
      element('div', { class: 'drawer-buttons' }, [
        this.#turn,
        button({ label: 'Close', description: 'Close the moment', onClick: handlers.onClose }),
      ]),
      element(
        'div',
        {
          class: 'drawer-content',
          attributes: { tabindex: '0', role: 'region', 'aria-label': 'Moment and process tree' },
        },
        [content],
      ),
    );
    this.close();
    this.#place();
  }

  get layout(): DrawerLayout {
    return this.#layout;
  }

  open(): void {
    setShown(this.element, true);
  }

  close(): void {
    setShown(this.element, false);
  }

  #place(): void {
    const { side, height, width } = this.#layout;
    this.element.classList.toggle('is-right', side === 'right');
    const { style } = this.element;
    style.setProperty('--drawer-height', height === undefined ? '' : `${Math.max(height, LEAST_HEIGHT)}px`);
    style.setProperty('--drawer-width', width === undefined ? '' : `${Math.max(width, LEAST_WIDTH)}px`);
    setText(this.#turn, side === 'right' ? 'Move below' : 'Move right');
  }
}
