import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isLastWord } from '../agents/genericJsonl.ts';
import { createTranscriptAnalyzer } from '../agents/transcriptReader.ts';
import type { TranscriptEnds } from '../core/failures/incompleteEnd.ts';
import type { Failures } from '../core/session/failures.ts';
import type { Enrollment } from '../core/session/session.ts';
import { isRecord, parseJson } from '../core/words/json.ts';
import { openHandles } from '../logs/handles.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import type { LogRoot } from '../logs/logRoot.ts';

interface Told {
  readonly failures: Failures;
  readonly transcript: string;
  readonly ends: TranscriptEnds;
}

/**
 * Some agents write no log of a session whose service said no, only a line of JSON on stderr as they give up:
 * {"status":"error","message":"401 Incorrect API key"}. What else stands on stderr is anybody's.
 */
export function failuresOfLastWord(
  { agent, session_id }: Pick<Enrollment, 'agent' | 'session_id'>,
  dir: string,
  root: LogRoot,
): Told | undefined {
  const path = join(dir, 'stderr.log');
  if (agent === 'other' || !existsSync(path)) return undefined;
  let last = '';
  let at = 0;
  let count = 0;
  readAllLines(path, (line) => {
    count += 1;
    if (line.trim() === '') return;
    last = line;
    at = count;
  });
  const parsed = last.startsWith('{') ? parseJson(last) : undefined;
  if (parsed?.ok !== true || !isRecord(parsed.value) || !isLastWord(parsed.value)) return undefined;
  const final = join(root.sessions, session_id, 'stderr.log');
  const analyzer = createTranscriptAnalyzer({ handleOf: openHandles(root).handleOf(final) });
  for (let line = 1; line < at; line++) analyzer.push('');
  analyzer.push(last);
  analyzer.finish();
  return { failures: analyzer.snapshotOf(), transcript: final, ends: { log: undefined, stream: undefined } };
}
