import { join } from 'node:path';
import { stringOf } from '../core/words/json.ts';
import { lastLines } from '../logs/lastLine.ts';
import { readSummary } from '../logs/sessionFiles.ts';
import type { FoundSession } from '../sessions/readFound.ts';

const LINES = 20;

/** A session's own texts, for an agent on this machine whose user has allowed it. */
export function localTexts({ place }: FoundSession): Readonly<Record<string, readonly string[]>> {
  const command = stringOf(readSummary(place.dir)?.['skill_command']);
  return {
    ...(command !== undefined && { command: [command] }),
    stderr: lastLines(join(place.dir, 'stderr.log'), LINES),
    stdout: lastLines(join(place.dir, 'stdout.log'), LINES),
  };
}
