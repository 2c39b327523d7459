import { displayText } from '../words/displayText.ts';
import type { StoryFacts, StoryLine } from './storyFacts.ts';
import { BAD_OUTCOMES } from '../words/vocabulary.ts';

const MAX_QUOTED = 5;
const MAX_CHARACTERS = 300;

/** What it printed last, after a bad end. */
export function lastWordsLine({ verdict, lastWords, isRunning }: StoryFacts): StoryLine | undefined {
  if (isRunning || lastWords === undefined || !BAD_OUTCOMES.has(verdict.outcome)) return undefined;
  const quoted = tellingLines(lastWords.lines).map((line) => displayText(line, MAX_CHARACTERS));
  if (quoted.length === 0) return undefined;
  const stream = lastWords.stream === 'stderr' ? 'error output' : 'output';
  return {
    topic: 'words',
    text: `Last words:`,
    quoted,
    because: [`The end of its ${stream}, ${lastWords.stream}.log.`],
  };
}

/** "    at Module._load (node:internal/...)", "  File "/x.py", line 3": where, not what. */
const FRAME = /^\s+at |^\s+File "|^\s+\^+\s*$|^\s*\.\.\. \d+ (?:more|lines)|^Node\.js v\d|^\s*[}\])]+[,;]?\s*$/;

/** The last lines, without a stack's frames where something else is left. */
export function tellingLines(lines: readonly string[]): readonly string[] {
  const told = lines.filter((line) => line.trim() !== '');
  const telling = told.filter((line) => !FRAME.test(line));
  return (telling.length > 0 ? telling : told).slice(-MAX_QUOTED);
}
