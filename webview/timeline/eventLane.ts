import { element, setAttribute, setShown, setText } from '../parts/element.ts';
import { KeyedList } from '../parts/keyedList.ts';
import { GUTTER_LEFT, GUTTER_RIGHT } from './lineChart.ts';
import type { TimeSpan } from './viewport.ts';

/** More marks than this on one lane are a bar of paint: of close neighbours one is drawn. */
const MOST_MARKS = 120;

/** What a viewport shows of what there is. */
export interface ShownTime {
  readonly span: TimeSpan;
  readonly whole: TimeSpan;
}

export interface Mark {
  /** Stays while the mark's end and words change; what happens twice in a millisecond may share it. */
  readonly key: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly class: string;
  readonly label: string;
  /** In the mark itself, as much as there is room for. */
  readonly text?: string;
  /** From the top, where marks may overlap. */
  readonly row?: number;
  /** After the label, for the pointer alone: it has lines. */
  readonly more?: string | undefined;
  readonly onClick: (() => void) | undefined;
}

interface DrawnMark {
  readonly mark: Mark;
  readonly left: number;
  readonly width: number;
}

/**
 * A row of marks on the timelines' own axis. For the keyboard it is one stop of Tab; arrows, Home and End go through all
 * its marks, also through those that are out of view or too close together to be drawn.
 */
export class EventLane {
  readonly element: HTMLElement;
  readonly #title: string;
  readonly #track: HTMLElement;
  readonly #marks = element('div', { class: 'marks' });
  /** A browser shows titles to the pointer alone. */
  readonly #label = element('span', { class: 'mark-label', attributes: { 'aria-hidden': 'true' } });
  readonly #list: KeyedList<DrawnMark>;
  readonly #onReveal: (ms: number) => void;
  #all: readonly Mark[] = [];
  #shown: ShownTime | undefined;
  /** The mark that Tab leads to; while none is in view, the lane itself is the stop and its keys start here. */
  #currentKey: string | undefined;

  /** @param onReveal a time is to be brought into view; the lane is placed anew before it returns */
  constructor(title: string, name: string, onReveal: (ms: number) => void) {
    this.#title = title;
    this.#onReveal = onReveal;
    this.#list = new KeyedList(
      this.#marks,
      ({ mark }) => mark.key,
      (first) => this.#create(first),
    );
    this.#track = element(
      'div',
      { class: 'track', attributes: { role: 'listbox', 'aria-orientation': 'horizontal' } },
      [this.#marks, this.#label],
    );
    this.#track.style.marginLeft = `${GUTTER_LEFT}px`;
    this.#track.style.marginRight = `${GUTTER_RIGHT}px`;
    this.#track.addEventListener('keydown', (event) => this.#key(event));
    this.#track.addEventListener('focusout', () => setText(this.#label, ''));
    this.element = element('div', { class: `event-lane lane-of-${name}` }, [
      element('span', { class: 'event-lane-title', text: title, attributes: { 'aria-hidden': 'true' } }),
      this.#track,
    ]);
    this.element.hidden = true;
  }

  setMarks(marks: readonly Mark[], shown: ShownTime): void {
    this.#all = withOwnKeys([...marks].sort((a, b) => a.fromMs - b.fromMs));
    setShown(this.element, marks.length > 0);
    this.element.style.setProperty('--rows', String(1 + Math.max(0, ...marks.map(({ row = 0 }) => row))));
    this.place(shown);
  }

  place(shown: ShownTime): void {
    this.#shown = shown;
    const { fromMs, toMs } = shown.span;
    const length = toMs - fromMs;
    const visible = this.#all.filter((mark) => isVisible(mark, shown));
    const stride = Math.ceil(visible.length / MOST_MARKS);
    const drawn = visible.filter(({ key }, i) => i % stride === 0 || key === this.#currentKey);
    if (!drawn.some(({ key }) => key === this.#currentKey)) this.#currentKey = drawn[0]?.key ?? this.#currentKey;
    const hadFocus = this.#track.contains(document.activeElement);
    this.#list.update(
      drawn.map((mark) => {
        const left = Math.max(0, (inside(mark.fromMs, shown.whole) - fromMs) / length);
        const right = Math.min(1, (inside(mark.toMs, shown.whole) - fromMs) / length);
        return { mark, left, width: Math.max(0, right - left) };
      }),
    );
    const isEmpty = drawn.length === 0;
    setAttribute(this.#track, 'tabindex', isEmpty ? '0' : undefined);
    setAttribute(this.#track, 'aria-label', isEmpty ? `${this.#title}, none in view` : this.#title);
    // The mark that had the focus may have gone out of view with the time.
    if (hadFocus && !this.#marks.contains(document.activeElement)) this.#focus();
  }

  #create(first: DrawnMark): { readonly element: HTMLElement; readonly update: (drawn: DrawnMark) => void } {
    let drawn = first;
    const text = element('span', { class: 'mark-text', attributes: { 'aria-hidden': 'true' } });
    const created = element('div', { attributes: { role: 'option' } }, [text]);
    created.addEventListener('click', () => drawn.mark.onClick?.());
    created.addEventListener('focus', () => {
      const before = this.#marks.querySelector('[tabindex="0"]');
      if (before !== null) setStop(before, false);
      setStop(created, true);
      this.#currentKey = drawn.mark.key;
      this.#showLabel(drawn);
    });
    const update = (next: DrawnMark) => {
      drawn = next;
      const { label, more, row = 0, onClick } = next.mark;
      const title = more === undefined ? label : `${label}\n${more}`;
      created.className = `mark ${next.mark.class}${onClick === undefined ? '' : ' leads-somewhere'}`;
      if (created.title !== title) created.title = title;
      setText(text, next.mark.text ?? '');
      created.style.setProperty('--row', String(row));
      setAttribute(created, 'aria-label', label);
      setStop(created, next.mark.key === this.#currentKey);
      created.style.left = `${next.left * 100}%`;
      created.style.width = `${next.width * 100}%`;
      if (created === document.activeElement) this.#showLabel(next);
    };
    return { element: created, update };
  }

  /** Above its mark, and never beyond the track's ends. */
  #showLabel({ mark, left }: DrawnMark): void {
    setText(this.#label, mark.label);
    this.#label.style.left = `${left * 100}%`;
    this.#label.style.transform = `translateX(${-left * 100}%)`;
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = this.#all.findIndex(({ key }) => key === this.#currentKey);
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#all[at]?.onClick?.();
      return;
    }
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: this.#all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const target = this.#all[to];
    const shown = this.#shown;
    if (target === undefined || shown === undefined) return;
    this.#currentKey = target.key;
    if (isVisible(target, shown)) this.place(shown);
    else this.#onReveal(inside(target.fromMs, shown.whole));
    this.#focus();
  }

  #focus(): void {
    (this.#marks.querySelector<HTMLElement>('[tabindex="0"]') ?? this.#track).focus();
  }
}

function setStop(mark: Element, isStop: boolean): void {
  setAttribute(mark, 'tabindex', isStop ? '0' : '-1');
  setAttribute(mark, 'aria-selected', String(isStop));
}

/** A session begins before its first sample and dies after its last: these marks stand at the edges. */
function inside(ms: number, whole: TimeSpan): number {
  return Math.min(Math.max(ms, whole.fromMs), whole.toMs);
}

function isVisible({ fromMs, toMs }: Mark, { span, whole }: ShownTime): boolean {
  return inside(toMs, whole) >= span.fromMs && inside(fromMs, whole) <= span.toMs;
}

function withOwnKeys(marks: readonly Mark[]): readonly Mark[] {
  const times = new Map<string, number>();
  return marks.map((mark) => {
    const before = times.get(mark.key) ?? 0;
    times.set(mark.key, before + 1);
    return before === 0 ? mark : { ...mark, key: `${mark.key} ${before}` };
  });
}
