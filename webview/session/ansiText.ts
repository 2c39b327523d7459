import { displayText } from '../../src/core/words/displayText.ts';

/** A stretch of a printed line in one style. */
export interface StyledText {
  readonly text: string;
  /** Class names of ansiText.css. */
  readonly style: string;
}

/**
 * What a terminal would do with a line, as far as it is harmless: colours and weight. Everything else a program may ask of
 * a terminal (move the cursor, set the title, make a link, answer back) is left out; ECMA-48, section 5.4.
 */
const SEQUENCE =
  /\u001b(?:\[([0-?]*)[ -/]*([@-~])|\][^\u0007\u001b]{0,4096}(?:\u0007|\u001b\\)?|[PX^_][^\u001b]{0,4096}(?:\u001b\\)?|[ -/]*[0-~])/g;
const MOST_STRETCHES = 200;

export function styledText(line: string): readonly StyledText[] {
  const stretches: StyledText[] = [];
  const style = new Style();
  let from = 0;
  const add = (to: number): void => {
    const text = line.slice(from, to);
    if (text !== '') stretches.push({ text: displayText(text), style: style.classes });
  };
  for (const match of line.matchAll(SEQUENCE)) {
    if (stretches.length >= MOST_STRETCHES) break;
    add(match.index);
    from = match.index + match[0].length;
    if (match[2] === 'm') style.take(match[1] ?? '');
  }
  add(line.length);
  return stretches;
}

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

/** "Select Graphic Rendition". Backgrounds are left out: text on them may not be seen in the theme that the reader has. */
class Style {
  #color: string | undefined;
  #isBold = false;
  #isFaint = false;
  #isItalic = false;
  #isUnderlined = false;

  get classes(): string {
    const parts = [
      this.#color === undefined ? '' : `ansi-${this.#color}`,
      this.#isBold ? 'ansi-bold' : '',
      this.#isFaint ? 'ansi-faint' : '',
      this.#isItalic ? 'ansi-italic' : '',
      this.#isUnderlined ? 'ansi-underlined' : '',
    ];
    return parts.filter((part) => part !== '').join(' ');
  }

  take(parameters: string): void {
    const codes = parameters.split(/[;:]/).map((digits) => Number(digits === '' ? 0 : digits));
    for (let i = 0; i < codes.length; i += 1) {
      const code = codes[i] ?? 0;
      if (code === 38 || code === 48) i += this.#extended(code === 38, codes.slice(i + 1));
      else this.#one(code);
    }
  }

  #one(code: number): void {
    if (code === 0) {
      this.#color = undefined;
      [this.#isBold, this.#isFaint, this.#isItalic, this.#isUnderlined] = [false, false, false, false];
    } else if (code === 1) this.#isBold = true;
    else if (code === 2) this.#isFaint = true;
    else if (code === 3) this.#isItalic = true;
    else if (code === 4) this.#isUnderlined = true;
    else if (code === 22) [this.#isBold, this.#isFaint] = [false, false];
    else if (code === 23) this.#isItalic = false;
    else if (code === 24) this.#isUnderlined = false;
    else if (code === 39) this.#color = undefined;
    else if (code >= 30 && code <= 37) this.#color = NAMES[code - 30];
    else if (code >= 90 && code <= 97) this.#color = NAMES[code - 90];
  }

  /** Of 256 colours the first 16 have names; others, and colours by their parts, are the nearest of eight. */
  #extended(isText: boolean, [mode, ...rest]: readonly number[]): number {
    if (mode === 5) {
      const [index = 0] = rest;
      if (isText) this.#color = index < 16 ? NAMES[index % 8] : nearestOf(partsOf(index));
      return 2;
    }
    if (mode !== 2) return 0;
    const [red = 0, green = 0, blue = 0] = rest;
    if (isText) this.#color = nearestOf([red, green, blue]);
    return 4;
  }
}

/** xterm's cube of 6 x 6 x 6 colours, and its greys. */
function partsOf(index: number): readonly [number, number, number] {
  if (index >= 232) return [8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10];
  const cube = index - 16;
  return [Math.floor(cube / 36) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51];
}

function nearestOf([red, green, blue]: readonly [number, number, number]): string | undefined {
  const most = Math.max(red, green, blue);
  if (most - Math.min(red, green, blue) < 40) return undefined; // grey: the text's own colour
  const bit = (part: number): number => (part > most * 0.6 ? 1 : 0);
  return NAMES[bit(red) + 2 * bit(green) + 4 * bit(blue)];
}
