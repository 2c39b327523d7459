import { join } from 'node:path';
import type { LastWordsFact } from '../core/story/storyFacts.ts';
import { tailLines } from '../logs/lastLine.ts';

/** Room for a stack trace behind what tells. */
const TAIL_BYTES = 16 * 1024;
const MAX_LINES = 60;

/** What a session printed last: on stderr where it printed there, else on stdout unless that is an agent's stream. */
export function printedLast(dir: string): LastWordsFact | undefined {
  for (const stream of ['stderr', 'stdout'] as const) {
    const lines = tailLines(join(dir, `${stream}.log`), TAIL_BYTES).map(withoutColours);
    const told = lines.filter((line) => line.trim() !== '').slice(-MAX_LINES);
    if (told.length > 0 && !told.some((line) => line.startsWith('{"'))) return { stream, lines: told };
  }
  return undefined;
}

/** `\u001b[31;1m`, as tools colour their errors even when nobody asked; what a progress bar overwrote is not shown. */
function withoutColours(line: string): string {
  const plain = line
    .split('\u001b[')
    .map((part, index) => (index === 0 ? part : part.replace(/^[\d;?]*[A-Za-z]/, '')))
    .join('');
  return plain.replace(/\r+$/, '').split('\r').at(-1) ?? '';
}
