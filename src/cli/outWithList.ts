import type { Terminal } from './terminal.ts';

const PART_CHARACTERS = 64 * 1024;

export interface AroundList {
  /** What comes before the list; at least one key. */
  readonly before: object;
  /** The list's key. */
  readonly name: string;
}

/**
 * One line of JSON with a list in it that may be longer than memory: an anomaly for each of three million samples is
 * 3 GB. `fill` adds the list's items and returns what comes after it.
 */
export function outWithList(
  terminal: Terminal,
  { before, name }: AroundList,
  fill: (add: (item: object) => void) => object,
): void {
  let part = `${JSON.stringify(before).slice(0, -1)},${JSON.stringify(name)}:[`;
  let separator = '';
  const after = fill((item) => {
    part += separator + JSON.stringify(item);
    separator = ',';
    if (part.length < PART_CHARACTERS) return;
    terminal.outPart(part);
    part = '';
  });
  const rest = JSON.stringify(after).slice(1);
  terminal.out(`${part}]${rest === '}' ? '' : ','}${rest}`);
}
