/** Builds DOM without markup: what comes from a log can only ever become text. */

export interface ElementOptions {
  readonly class?: string;
  readonly text?: string;
  readonly title?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export type Child = Node | string | undefined;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: ElementOptions = {},
  children: readonly Child[] = [],
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  if (options.class !== undefined) created.className = options.class;
  if (options.text !== undefined) created.textContent = options.text;
  if (options.title !== undefined) created.title = options.title;
  for (const [name, value] of Object.entries(options.attributes ?? {})) created.setAttribute(name, value);
  for (const child of children) if (child !== undefined) created.append(child);
  return created;
}

/** Writes only what differs: a text that is set again would be read out again and lose its selection. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function setAttribute(target: Element, name: string, value: string | undefined): void {
  if (value === undefined) target.removeAttribute(name);
  else if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

/** Shows a part only while there is something to show. */
export function setShown(target: HTMLElement, isShown: boolean): void {
  if (target.hidden === isShown) target.hidden = !isShown;
}

/** Rebuilds a part only when what it shows has changed, so that nothing flickers and focus stays. */
export class Section<T> {
  readonly #target: HTMLElement;
  readonly #build: (value: T) => readonly Child[];
  #shown: string | undefined;

  constructor(target: HTMLElement, build: (value: T) => readonly Child[]) {
    this.#target = target;
    this.#build = build;
  }

  update(value: T): void {
    const wanted = JSON.stringify(value);
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    this.#target.replaceChildren(...this.#build(value).filter((child) => child !== undefined));
  }
}
