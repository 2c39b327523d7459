import type { CompareSide } from '../../src/core/panel/compareView.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import { humanSeconds } from '../../src/core/words/humanUnits.ts';
import { callWords } from '../../src/core/words/vocabularyWords.ts';
import { element } from '../parts/element.ts';

const STATUS = { ok: 'went well', failed: 'failed', open: 'did not return' } as const;

/** The calls of one session as bars on the common axis; `undefined` where its agent's log names none. */
export function callBars(letter: 'A' | 'B', side: CompareSide, spanMs: number): HTMLElement | undefined {
  if (side.calls.length === 0) return undefined;
  const bars = side.calls.map(({ startMs, endMs = side.durationMs, kind, status, asked }) => {
    const words = `${asked === undefined ? callWords(kind) : displayText(asked, 200)}, ${STATUS[status]}, ${humanSeconds(Math.max(0, endMs - startMs) / 1000)}`;
    const bar = element('span', { class: `compared-call status-${status}`, title: words });
    bar.style.left = `${(startMs / spanMs) * 100}%`;
    bar.style.width = `${Math.max(0, (endMs - startMs) / spanMs) * 100}%`;
    return bar;
  });
  const failed = side.calls.filter(({ status }) => status === 'failed').length;
  const label = `${side.calls.length} calls of ${letter}, ${failed} failed`;
  return element('div', { class: 'compared-calls' }, [
    element('span', { class: 'compared-calls-title', text: `Calls ${letter}` }),
    element('div', { class: 'compared-track', attributes: { role: 'img', 'aria-label': label } }, bars),
  ]);
}
