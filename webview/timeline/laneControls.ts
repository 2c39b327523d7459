import { element, setAttribute, setText } from '../parts/element.ts';
import type { Lane } from './lanes.ts';

export interface ControlHandlers {
  readonly onFold: () => void;
  readonly onFit: () => void;
  readonly onMove: (by: -1 | 1) => void;
}

/** Fold, zoom to the values in view, and move: in the gutter before a lane's title and behind its legend. */
export class LaneControls {
  readonly fold: HTMLButtonElement;
  readonly more: HTMLElement;
  readonly #fit: HTMLButtonElement;

  constructor({ title }: Lane, { onFold, onFit, onMove }: ControlHandlers) {
    this.fold = control('▾', `Fold ${title}`, onFold);
    this.#fit = control('↕', `Zoom ${title} to the values in view`, onFit);
    this.more = element('span', { class: 'lane-controls' }, [
      this.#fit,
      control('↑', `Move ${title} up`, () => onMove(-1)),
      control('↓', `Move ${title} down`, () => onMove(1)),
    ]);
  }

  update(isFolded: boolean, isFitted: boolean): void {
    setText(this.fold, isFolded ? '▸' : '▾');
    setAttribute(this.fold, 'aria-expanded', String(!isFolded));
    setAttribute(this.#fit, 'aria-pressed', String(isFitted));
  }
}

function control(text: string, label: string, onClick: () => void): HTMLButtonElement {
  const created = element('button', {
    class: 'lane-control',
    text,
    title: label,
    attributes: { type: 'button', 'aria-label': label },
  });
  created.addEventListener('click', onClick);
  return created;
}
