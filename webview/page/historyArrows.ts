import { element } from '../parts/element.ts';
import type { History, Place } from './history.ts';

/** Back and forward, by buttons, by Alt with the arrow keys and by the mouse's own buttons. */
export class HistoryArrows {
  readonly element: HTMLElement;
  readonly #history: History;
  readonly #open: (place: Place) => void;
  readonly #back: HTMLButtonElement;
  readonly #forward: HTMLButtonElement;

  constructor(history: History, open: (place: Place) => void) {
    this.#history = history;
    this.#open = open;
    this.#back = this.#arrow('←', 'Back (Alt+Left)', -1);
    this.#forward = this.#arrow('→', 'Forward (Alt+Right)', 1);
    this.element = element('nav', { class: 'history', attributes: { 'aria-label': 'History' } }, [
      this.#back,
      this.#forward,
    ]);
    // Before VS Code's own listener, which goes back to another editor.
    document.addEventListener('keydown', (event) => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      // There they go by words on a Mac.
      if (event.composedPath()[0] instanceof HTMLInputElement) return;
      const steps = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : undefined;
      if (steps === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      this.#step(steps);
    });
    document.addEventListener('mouseup', ({ button }) => {
      if (button === 3 || button === 4) this.#step(button === 3 ? -1 : 1);
    });
    this.#update();
  }

  /** Where one is now. */
  go(place: Place): void {
    this.#history.go(place);
    this.#update();
  }

  #arrow(text: string, label: string, steps: -1 | 1): HTMLButtonElement {
    const arrow = element('button', {
      class: 'history-arrow',
      text,
      title: label,
      attributes: { type: 'button', 'aria-label': label },
    });
    arrow.addEventListener('click', () => this.#step(steps));
    return arrow;
  }

  #step(steps: -1 | 1): void {
    const place = this.#history.step(steps);
    if (place !== undefined) this.#open(place);
    this.#update();
  }

  #update(): void {
    const [canBack, canForward] = [this.#history.canGo(-1), this.#history.canGo(1)];
    this.#back.disabled = !canBack;
    this.#forward.disabled = !canForward;
    this.element.hidden = !canBack && !canForward;
  }
}
