import { statSync } from 'node:fs';
import type { ActionFacts } from '../../core/panel/actionFacts.ts';
import { resumeCommand } from '../../core/session/resumeCommand.ts';
import { commandText, wordsOfCommand } from '../../core/words/commandText.ts';
import { stringOf } from '../../core/words/json.ts';
import { msFromIso } from '../../core/words/time.ts';
import { AGENT_KINDS, wordOf } from '../../core/words/vocabulary.ts';
import { readSummary, transcriptOf } from '../../logs/sessionFiles.ts';
import { readEnrollment } from '../../logs/sessionIndex.ts';
import type { FoundSession } from '../../sessions/readFound.ts';
import { readStory } from '../../sessions/readStory.ts';

export function actionFactsOf(found: FoundSession): ActionFacts {
  const { place } = found;
  const summary = readSummary(place.dir);
  const enrollment = readEnrollment(place.dir);
  const transcript = transcriptOf(place.dir, summary);
  const resume = resumeCommand(wordOf(AGENT_KINDS, summary?.['agent']) ?? enrollment?.agent ?? 'other', transcript);
  const label = stringOf(summary?.['label']) ?? enrollment?.label ?? undefined;
  return {
    isRunning: place.state === 'running',
    startMs: msFromIso(summary?.['start_ts']) ?? msFromIso(enrollment?.enrolled_at),
    endMs: msFromIso(summary?.['end_ts']),
    command: wordsOfCommand(stringOf(summary?.['skill_command']) ?? enrollment?.skill_command ?? ''),
    folder: stringOf(summary?.['cwd']) ?? enrollment?.cwd,
    label,
    // One in a database is no file to open.
    transcript: transcript !== undefined && isFile(transcript) ? transcript : undefined,
    resume: resume === undefined ? undefined : commandText(resume),
    verdict: readStory(found, Date.now())
      .map(({ text, quoted }) => [text, ...quoted.map((line) => `| ${line}`)].join('\n'))
      .join('\n'),
  };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
