import { sessionVerdict } from '../core/session/summaryVerdict.ts';
import { clippedText } from '../core/words/displayText.ts';
import { BAD_OUTCOMES } from '../core/words/vocabulary.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { findSession, readSummary } from '../logs/sessionFiles.ts';
import { readStory } from '../sessions/readStory.ts';
import { printable } from './terminal.ts';

const MAX_CHARACTERS = 400;

/** What `run` says on a terminal once its session has ended badly; nothing of one that went well or was stopped. */
export function badEndLine(root: LogRoot, id: string): string | undefined {
  const place = findSession(root, id);
  const verdict = place && sessionVerdict({ isRunning: false, summary: readSummary(place.dir) });
  if (place === undefined || verdict === undefined || !BAD_OUTCOMES.has(verdict.outcome)) return undefined;
  const text = readStory({ root, place }, Date.now())[0]?.text;
  if (text === undefined) return undefined;
  return `session-diagnostics: ${clippedText(printable(text), MAX_CHARACTERS)} More: session-diagnostics show ${id}`;
}
