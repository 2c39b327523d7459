import type { OutputLine, OutputView } from '../../src/core/panel/outputView.ts';
import { humanSeconds } from '../../src/core/words/humanUnits.ts';
import { element, setAttribute } from '../parts/element.ts';
import { styledText } from './ansiText.ts';

export interface LineHandlers {
  readonly onInspect: (ms: number) => void;
  /** Scrolled to an end of what is here. */
  readonly onTop: () => void;
  readonly onBottom: () => void;
}

/** As many lines are in the page at most. */
const MOST_LINES = 3000;
const NEAR_PIXELS = 60;

interface ShownLine {
  readonly line: OutputLine;
  readonly element: HTMLElement;
}

let lists = 0;

/** The lines themselves: one is current for the keyboard, one is of the cursor's instant. */
export class OutputLines {
  readonly element: HTMLElement;
  readonly #handlers: LineHandlers;
  readonly #id: string;
  #shown: ShownLine[] = [];
  #current: ShownLine | undefined;
  #isAtEnd = true;
  #isOfEnd = true;
  startMs: number | undefined;

  constructor(handlers: LineHandlers) {
    this.#handlers = handlers;
    lists += 1;
    this.#id = `output-${lists}`;
    this.element = element('div', {
      class: 'output-lines',
      attributes: { tabindex: '0', role: 'listbox', 'aria-label': 'Output lines' },
    });
    this.element.addEventListener('scroll', () => this.#scrolled());
    this.element.addEventListener('keydown', (event) => this.#key(event));
    this.element.addEventListener('click', (event) => this.#click(event));
  }

  /** Whether the newest line is in sight: then what comes pushes it up. */
  get isAtEnd(): boolean {
    return this.#isAtEnd && this.#isOfEnd;
  }

  replace({ lines, to, total }: OutputView, isAtEnd: boolean): void {
    this.#shown = this.#made(lines);
    this.element.replaceChildren(...this.#shown.map((shown) => shown.element));
    this.#setCurrent(undefined);
    this.#isOfEnd = to >= total;
    if (isAtEnd) this.element.scrollTop = this.element.scrollHeight;
    this.#isAtEnd = isAtEnd;
  }

  /** Adds lines at one end and drops as many at the other; returns where what is here begins, and ends. */
  extend(lines: readonly OutputLine[], where: 'before' | 'after'): readonly [number | undefined, number | undefined] {
    const made = this.#made(lines);
    const nodes = made.map((shown) => shown.element);
    if (where === 'after') {
      this.#shown.push(...made);
      this.element.append(...nodes);
      for (const { element: gone } of this.#shown.splice(0, Math.max(0, this.#shown.length - MOST_LINES)))
        gone.remove();
      return [this.#shown[0]?.line.at, undefined];
    }
    const before = this.element.scrollHeight;
    this.#shown.unshift(...made);
    this.element.prepend(...nodes);
    this.element.scrollTop += this.element.scrollHeight - before;
    const dropped = this.#shown.splice(MOST_LINES);
    for (const { element: gone } of dropped) gone.remove();
    if (dropped.length > 0) this.#isOfEnd = false;
    return [this.#shown[0]?.line.at, dropped[0]?.line.at];
  }

  tell(text: string): void {
    this.element.replaceChildren(element('p', { class: 'quiet', text, attributes: { role: 'option' } }));
  }

  covers(ms: number): boolean {
    const times = this.#shown.flatMap(({ line }) => line.ms ?? []);
    const [first, last] = [times[0], times.at(-1)];
    return first !== undefined && last !== undefined && ms >= first && (ms <= last || this.#isOfEnd);
  }

  /** The last line that had come by then is brought into view. */
  standAt(ms: number | undefined): void {
    this.element.querySelector('.is-now')?.classList.remove('is-now');
    const now =
      ms === undefined ? undefined : this.#shown.findLast(({ line }) => line.ms !== undefined && line.ms <= ms);
    if (now === undefined) return;
    now.element.classList.add('is-now');
    this.#bring(now.element);
  }

  holds(at: number): boolean {
    return at >= (this.#shown[0]?.line.at ?? Infinity) && at <= (this.#shown.at(-1)?.line.at ?? -1);
  }

  reveal(at: number): void {
    const found = this.#shown.findLast(({ line }) => line.at <= at);
    if (found === undefined) return;
    this.#setCurrent(found);
    this.#bring(found.element);
  }

  /** Shows which lines hold a text. */
  mark(text: string): void {
    const wanted = text.toLowerCase();
    for (const { line, element: node } of this.#shown) {
      node.classList.toggle('is-found', wanted !== '' && line.text.toLowerCase().includes(wanted));
    }
  }

  #made(lines: readonly OutputLine[]): ShownLine[] {
    let lastMs: number | undefined;
    return lines.map((line) => {
      const isSame = line.ms === lastMs;
      lastMs = line.ms;
      return {
        line,
        element: lineElement(line, { id: `${this.#id}-${line.at}`, time: isSame ? '' : this.#timeOf(line) }),
      };
    });
  }

  #timeOf({ ms }: OutputLine): string {
    if (ms === undefined || this.startMs === undefined) return '';
    return `+${humanSeconds(Math.max(0, ms - this.startMs) / 1000)}`;
  }

  /** Within the list alone: the page stays where it is. */
  #bring(line: HTMLElement): void {
    const { clientHeight } = this.element;
    this.element.scrollTop = line.offsetTop - this.element.offsetTop - clientHeight / 2;
    this.#isAtEnd = false;
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const isAtBottom = scrollHeight - clientHeight - scrollTop < NEAR_PIXELS;
    this.#isAtEnd = isAtBottom;
    if (scrollTop < NEAR_PIXELS) this.#handlers.onTop();
    if (isAtBottom && !this.#isOfEnd) this.#handlers.onBottom();
  }

  #click({ target }: MouseEvent): void {
    const node = target instanceof Element ? target.closest('.output-line') : null;
    const clicked = this.#shown.find((shown) => shown.element === node);
    if (clicked === undefined || window.getSelection()?.isCollapsed === false) return;
    this.#setCurrent(clicked);
    if (clicked.line.ms !== undefined) this.#handlers.onInspect(clicked.line.ms);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.#current === undefined ? this.#shown.length : this.#shown.indexOf(this.#current);
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      const ms = this.#current?.line.ms;
      if (ms !== undefined) this.#handlers.onInspect(ms);
      return;
    }
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: this.#shown.length - 1 }[event.key];
    const target = to === undefined ? undefined : this.#shown[Math.min(to, this.#shown.length - 1)];
    if (target === undefined) return;
    event.preventDefault();
    this.#setCurrent(target);
    target.element.scrollIntoView({ block: 'nearest' });
  }

  #setCurrent(shown: ShownLine | undefined): void {
    if (this.#current !== undefined) setAttribute(this.#current.element, 'aria-selected', 'false');
    this.#current = shown;
    if (shown !== undefined) setAttribute(shown.element, 'aria-selected', 'true');
    setAttribute(this.element, 'aria-activedescendant', shown?.element.id);
  }
}

function lineElement(
  { text, stream, ms }: OutputLine,
  { id, time }: { readonly id: string; readonly time: string },
): HTMLElement {
  return element(
    'div',
    {
      class: `output-line of-${stream}${ms === undefined ? '' : ' leads-somewhere'}`,
      attributes: { role: 'option', id, 'aria-selected': 'false' },
    },
    [
      element('span', { class: 'output-time', text: time }),
      ...(stream === 'stderr' ? [element('span', { class: 'output-stream', text: 'err' })] : []),
      element(
        'span',
        { class: 'output-text' },
        styledText(text).map((part) => element('span', { class: part.style, text: part.text })),
      ),
    ],
  );
}
