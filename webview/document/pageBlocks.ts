import type { PageBar, PageBlock } from '../../src/core/panel/pageContent.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import { element } from '../parts/element.ts';

/** A long report's longest paragraph, and what a person reads of one. */
const MOST_CHARACTERS = 20_000;

export function blockElements(blocks: readonly PageBlock[]): readonly HTMLElement[] {
  return blocks.map(blockElement);
}

function blockElement(block: PageBlock): HTMLElement {
  switch (block.type) {
    case 'heading':
      return element(block.level === 2 ? 'h2' : 'h3', {}, inline(block.text));
    case 'text':
      return element('p', {}, inline(block.text));
    case 'list':
      return element(
        'ul',
        { class: 'told-list' },
        block.items.map((item) => element('li', {}, inline(item))),
      );
    case 'code':
      return element('pre', { text: lines(block.text), attributes: { tabindex: '0' } });
    case 'table':
      return table(block.head, block.rows);
    case 'bars':
      return element('ul', { class: 'told-bars' }, block.bars.map(bar));
    case 'details':
      return element('details', {}, [
        element('summary', { text: displayText(block.summary) }),
        ...blockElements(block.blocks),
      ]);
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const top = head.map((text) => element('th', { attributes: { scope: 'col' } }, inline(text)));
  const body = rows.map((row) =>
    element(
      'tr',
      {},
      row.map((text) => element('td', {}, inline(text))),
    ),
  );
  // Wider than a narrow panel it scrolls by itself, with the keyboard too.
  return element('div', { class: 'told-table', attributes: { tabindex: '0', role: 'region', 'aria-label': 'Table' } }, [
    element('table', {}, [element('thead', {}, [element('tr', {}, top)]), element('tbody', {}, body)]),
  ]);
}

function bar({ label, text, share, standsOut }: PageBar): HTMLElement {
  const filled = element('span', { class: 'told-filled' });
  filled.style.width = `${Math.round(Math.max(0, Math.min(1, share)) * 100)}%`;
  return element('li', { class: standsOut === true ? 'told-bar stands-out' : 'told-bar' }, [
    element('span', { class: 'told-label', text: displayText(label, 100) }),
    element('span', { class: 'told-track', attributes: { 'aria-hidden': 'true' } }, [filled]),
    element('span', { class: 'told-amount', text: displayText(text, 100) }),
  ]);
}

/** `**so**` and `` `so` `` as reports are written; everything else is what it says. */
function inline(text: string): readonly (HTMLElement | string)[] {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part) => {
    if (/^\*\*.+\*\*$/.test(part)) return element('strong', { text: displayText(part.slice(2, -2), MOST_CHARACTERS) });
    if (/^`.+`$/.test(part)) return element('code', { text: displayText(part.slice(1, -1), MOST_CHARACTERS) });
    return displayText(part, MOST_CHARACTERS);
  });
}

function lines(text: string): string {
  return text
    .split('\n')
    .map((line) => displayText(line, MOST_CHARACTERS))
    .join('\n');
}
