/** A value in the text of a JSON line, with where it stands. */
export interface JsonNode {
  readonly start: number;
  end: number;
  /** The member's name, and where it begins; `undefined` in a list and of the whole. */
  readonly key: string | undefined;
  readonly keyStart: number | undefined;
  /** What the text has: quotes, if any, included. Empty of an object or a list. */
  readonly text: string;
  readonly children: JsonNode[];
}

const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"?|[{}[\]:,]|[^\s{}[\]:,"]+/g;

/** The values of one line, as far as they can be told: a torn line has the members before its tear. */
export function jsonNodes(line: string): JsonNode | undefined {
  let root: JsonNode | undefined;
  const open: JsonNode[] = [];
  let name: { readonly text: string; readonly start: number } | undefined;
  let last: { readonly text: string; readonly start: number } | undefined;
  const add = (text: string, start: number, end: number): JsonNode => {
    const node = { start, end, key: unquoted(name?.text), keyStart: name?.start, text, children: [] };
    name = undefined;
    open.at(-1)?.children.push(node);
    root ??= node;
    return node;
  };
  const settle = (): void => {
    if (last !== undefined) add(last.text, last.start, last.start + last.text.length);
    last = undefined;
  };
  for (const { 0: token, index } of line.matchAll(TOKENS)) {
    switch (token) {
      case '{':
      case '[':
        open.push(add('', index, line.length));
        break;
      case '}':
      case ']': {
        settle();
        const closed = open.pop();
        if (closed !== undefined) closed.end = index + 1;
        break;
      }
      case ':':
        name = last;
        last = undefined;
        break;
      case ',':
        settle();
        break;
      default:
        last = { text: token, start: index };
    }
  }
  settle();
  return root;
}

/** The value of a member of the record itself. */
export function memberOf(node: JsonNode | undefined, key: string): JsonNode | undefined {
  return node?.children.find((child) => child.key === key);
}

/** From the whole line inwards to what stands at a column. */
export function nodesAt(root: JsonNode | undefined, column: number): readonly JsonNode[] {
  const path: JsonNode[] = [];
  for (let node = root; node !== undefined;) {
    path.push(node);
    node = node.children.find((child) => (child.keyStart ?? child.start) <= column && column <= child.end);
  }
  return path;
}

function unquoted(text: string | undefined): string | undefined {
  return text?.startsWith('"') === true ? text.slice(1, -1) : text;
}
