import type { PageBlock } from './pageContent.ts';

/** As much of Markdown as our own reports are made of; what is none of it is text. */
export function markdownBlocks(markdown: string): readonly PageBlock[] {
  return blocksOf(markdown.split('\n'));
}

type Taken = { readonly block: PageBlock | undefined; readonly used: number };

function blocksOf(lines: readonly string[]): readonly PageBlock[] {
  const blocks: PageBlock[] = [];
  for (let at = 0; at < lines.length;) {
    const { block, used } = takeBlock(lines.slice(at));
    if (block !== undefined) blocks.push(block);
    at += used;
  }
  return blocks;
}

function takeBlock(lines: readonly string[]): Taken {
  const [line = ''] = lines;
  if (line.trim() === '') return { block: undefined, used: 1 };
  const heading = /^(#{1,6}) (.*)$/.exec(line);
  if (heading !== null)
    return { block: { type: 'heading', level: heading[1] === '##' ? 2 : 3, text: heading[2] ?? '' }, used: 1 };
  const fence = /^(`{3,})/.exec(line)?.[1];
  if (fence !== undefined) {
    const inside = upTo(lines.slice(1), (next) => next === fence);
    return { block: { type: 'code', text: inside.join('\n') }, used: inside.length + 2 };
  }
  const summary = /^<details><summary>(.*)<\/summary>$/.exec(line)?.[1];
  if (summary !== undefined) {
    const inside = upTo(lines.slice(1), (next) => next === '</details>');
    return { block: { type: 'details', summary, blocks: blocksOf(inside) }, used: inside.length + 2 };
  }
  if (line.startsWith('- ')) {
    const items = upTo(lines, (next) => !next.startsWith('- '));
    return { block: { type: 'list', items: items.map((item) => item.slice(2)) }, used: items.length };
  }
  if (line.startsWith('|')) return table(upTo(lines, (next) => !next.startsWith('|')));
  const paragraph = upTo(
    lines,
    (next, at) => next.trim() === '' || (at > 0 && /^(?:#{1,6} |- |\||```|<details>)/.test(next)),
  );
  return { block: { type: 'text', text: paragraph.join(' ') }, used: paragraph.length };
}

function upTo(lines: readonly string[], isEnd: (line: string, at: number) => boolean): readonly string[] {
  const end = lines.findIndex(isEnd);
  return end < 0 ? lines : lines.slice(0, end);
}

/** The second line only says how the columns are aligned. */
function table(lines: readonly string[]): Taken {
  const cells = (line: string): readonly string[] =>
    line
      .replace(/^\||\|$/g, '')
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
  const [head = '', , ...rows] = lines;
  return { block: { type: 'table', head: cells(head), rows: rows.map(cells) }, used: lines.length };
}
