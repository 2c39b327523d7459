import { element, setAttribute } from './element.ts';

export interface SplitterOptions {
  readonly label: string;
  /** `horizontal`: a line that moves up and down. */
  readonly orientation: () => 'horizontal' | 'vertical';
  readonly least: number;
  readonly most: () => number;
  /** Dragging towards the top or the left makes larger what stands behind the line. */
  readonly isReversed: boolean;
  readonly size: () => number;
  readonly onSize: (size: number, isDone: boolean) => void;
}

const KEY_STEP = 24;

/** A line between two parts that is dragged, or moved by the arrow keys. */
export function splitter(options: SplitterOptions): HTMLElement {
  const { label, orientation, least, most, isReversed, size, onSize } = options;
  const line = element('div', {
    class: 'splitter',
    attributes: { role: 'separator', tabindex: '0', 'aria-label': label },
  });
  const tell = (): void => {
    setAttribute(line, 'aria-orientation', orientation());
    setAttribute(line, 'aria-valuemin', String(least));
    setAttribute(line, 'aria-valuemax', String(Math.round(most())));
    setAttribute(line, 'aria-valuenow', String(Math.round(size())));
  };
  const set = (wanted: number, isDone: boolean): void => {
    onSize(Math.round(Math.min(Math.max(wanted, least), most())), isDone);
    tell();
  };
  const placeOf = (event: PointerEvent): number => (orientation() === 'horizontal' ? event.clientY : event.clientX);
  let pressed: { readonly place: number; readonly size: number } | undefined;
  line.addEventListener('pointerdown', (event) => {
    pressed = { place: placeOf(event), size: size() };
    line.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  const move = (event: PointerEvent, isDone: boolean): void => {
    if (pressed === undefined) return;
    const by = placeOf(event) - pressed.place;
    set(pressed.size + (isReversed ? -by : by), isDone);
  };
  line.addEventListener('pointermove', (event) => move(event, false));
  line.addEventListener('pointerup', (event) => {
    move(event, true);
    pressed = undefined;
  });
  line.addEventListener('keydown', (event) => {
    const by = { ArrowUp: -1, ArrowLeft: -1, ArrowDown: 1, ArrowRight: 1 }[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    set(size() + (isReversed ? -by : by) * KEY_STEP, true);
  });
  line.addEventListener('focus', tell);
  tell();
  return line;
}
