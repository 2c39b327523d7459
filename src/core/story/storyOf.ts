import { adviceLine } from './advice.ts';
import { doingLine } from './doingLine.ts';
import { endLine } from './endLine.ts';
import { lastWordsLine } from './lastWordsLine.ts';
import type { StoryFacts, StoryLine } from './storyFacts.ts';
import { whoLine } from './whoLine.ts';

/** What happened in a session, in up to five lines; the first is always there. */
export function storyOf(facts: StoryFacts): readonly StoryLine[] {
  return [endLine(facts), doingLine(facts), whoLine(facts), lastWordsLine(facts), adviceLine(facts)].filter(
    (line) => line !== undefined,
  );
}

/** A story as one paragraph: for a notification, a hover, one line of a terminal. */
export function shortStory(lines: readonly StoryLine[]): string {
  const words = lines.find(({ topic }) => topic === 'words')?.quoted.at(-1);
  const first = lines[0]?.text ?? '';
  return words === undefined ? first : `${first} Last words: ${words}`;
}
