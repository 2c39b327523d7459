/**
 * Where things stand in the text of a JSON value: JSON.parse tells no positions. Only what lies on the way to the
 * wanted place is looked into; damaged text ends the search at its damage.
 */

/** From the first character up to, not including, the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type JsonPath = readonly (string | number)[];

export interface JsonPlace {
  readonly path: JsonPath;
  /** `undefined` for an element of a list. */
  readonly key: Span | undefined;
  readonly value: Span;
}

/** No record of anybody's is nested deeper; each level is looked through once more. */
const DEEPEST = 32;

/** The innermost member whose key or value stands at an offset. */
export function placeAt(text: string, offset: number): JsonPlace | undefined {
  let found: JsonPlace | undefined;
  let start = skipSpace(text, 0);
  for (let depth = 0; depth < DEEPEST && isOpening(text, start); depth += 1) {
    const member = memberThat(text, start, ({ key, value }) => (key ?? value).start <= offset && offset <= value.end);
    if (member === undefined) return found;
    found = { path: [...(found?.path ?? []), member.name], key: member.key, value: member.value };
    if (offset < member.value.start) return found;
    start = member.value.start;
  }
  return found;
}

/** The member at a path. */
export function placeOf(text: string, path: JsonPath): JsonPlace | undefined {
  let start = skipSpace(text, 0);
  let found: JsonPlace | undefined;
  for (const [depth, name] of path.entries()) {
    const member = memberThat(text, start, (one) => one.name === name);
    if (member === undefined) return undefined;
    found = { path: path.slice(0, depth + 1), key: member.key, value: member.value };
    start = member.value.start;
  }
  return found;
}

/** The members of the object or list that a text begins with; none when it is neither. */
export function placesIn(text: string): readonly JsonPlace[] {
  const places: JsonPlace[] = [];
  memberThat(text, skipSpace(text, 0), ({ name, key, value }) => {
    places.push({ path: [name], key, value });
    return false;
  });
  return places;
}

interface Member {
  readonly name: string | number;
  readonly key: Span | undefined;
  readonly value: Span;
}

/** The first member of the object or list at `start` that is wanted. */
function memberThat(text: string, start: number, isWanted: (member: Member) => boolean): Member | undefined {
  if (!isOpening(text, start)) return undefined;
  const isObject = text[start] === '{';
  for (let at = skipSpace(text, start + 1), index = 0; at < text.length; index += 1) {
    let key: Span | undefined;
    let name: string | number = index;
    if (isObject) {
      if (text[at] !== '"') return undefined;
      key = { start: at, end: endOfString(text, at) };
      name = unquoted(text.slice(key.start, key.end));
      at = skipSpace(text, key.end);
      if (text[at] !== ':') return undefined;
      at = skipSpace(text, at + 1);
    }
    const end = endOfValue(text, at);
    if (end <= at) return undefined;
    const member = { name, key, value: { start: at, end } };
    if (isWanted(member)) return member;
    at = skipSpace(text, end);
    if (text[at] !== ',') return undefined;
    at = skipSpace(text, at + 1);
  }
  return undefined;
}

function isOpening(text: string, at: number): boolean {
  return text[at] === '{' || text[at] === '[';
}

function endOfValue(text: string, start: number): number {
  if (text[start] === '"') return endOfString(text, start);
  if (isOpening(text, start)) return endOfContainer(text, start);
  const literal = /[^\s,\]}]*/y;
  literal.lastIndex = start;
  return start + (literal.exec(text)?.[0].length ?? 0);
}

/** Behind the closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}

function endOfContainer(text: string, start: number): number {
  const mark = /["{}[\]]/g;
  mark.lastIndex = start;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    if (found[0] === '"') mark.lastIndex = endOfString(text, found.index);
    else if (found[0] === '{' || found[0] === '[') depth += 1;
    else depth -= 1;
    if (depth === 0) return mark.lastIndex;
  }
  return text.length;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 32) at += 1;
  return at;
}

function unquoted(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted; // a torn key
  }
}
