/**
 * A list whose elements stay the same elements while their items change, move and go: focus, selection and scroll
 * position survive.
 */
export class KeyedList<T> {
  readonly #parent: HTMLElement;
  readonly #keyOf: (item: T) => string;
  readonly #create: (item: T) => { readonly element: HTMLElement; readonly update: (item: T) => void };
  readonly #entries = new Map<string, { readonly element: HTMLElement; readonly update: (item: T) => void }>();

  constructor(
    parent: HTMLElement,
    keyOf: (item: T) => string,
    create: (item: T) => { readonly element: HTMLElement; readonly update: (item: T) => void },
  ) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#create = create;
  }

  update(items: readonly T[]): void {
    const keys = new Set(items.map(this.#keyOf));
    for (const [key, entry] of this.#entries) {
      if (keys.has(key)) continue;
      entry.element.remove();
      this.#entries.delete(key);
    }
    let next = this.#parent.firstElementChild;
    for (const item of items) {
      const key = this.#keyOf(item);
      let entry = this.#entries.get(key);
      if (entry === undefined) {
        entry = this.#create(item);
        this.#entries.set(key, entry);
      }
      entry.update(item);
      if (entry.element === next) next = next.nextElementSibling;
      else this.#parent.insertBefore(entry.element, next);
    }
  }
}

/** Up and down move through a list of buttons, Home and End to its ends. */
export function moveFocus(list: HTMLElement, event: KeyboardEvent): void {
  const buttons = [...list.querySelectorAll<HTMLElement>('button')];
  const at = buttons.findIndex((candidate) => candidate === document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  const target = to === undefined ? undefined : buttons[to];
  if (target === undefined) return;
  event.preventDefault();
  target.focus();
}
