import { arrayOf, isRecord, stringOf } from '../core/words/json.ts';

/** A result's text may be megabytes; what is judged stands at its start or its end. */
const HEAD_CHARS = 8000;
const TAIL_CHARS = 24_000;

/** The text of a content field: a string, or blocks of which only text counts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  const texts: string[] = [];
  for (const block of arrayOf(content).slice(0, 64)) {
    const text = isRecord(block) ? stringOf(block['text']) : stringOf(block);
    if (text !== undefined) texts.push(text);
  }
  return texts.join('\n');
}

export function bounded(text: string): string {
  return text.length <= HEAD_CHARS + TAIL_CHARS ? text : `${text.slice(0, HEAD_CHARS)}\n${text.slice(-TAIL_CHARS)}`;
}
