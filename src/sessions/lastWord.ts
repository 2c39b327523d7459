import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isLastWord } from '../agents/genericJsonl.ts';
import type { TranscriptAnalyzer } from '../agents/transcriptReader.ts';
import type { Enrollment } from '../core/session/session.ts';
import { isRecord, parseJson } from '../core/words/json.ts';
import { openHandles } from '../logs/handles.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { readTranscript } from './readTranscript.ts';

/**
 * Some agents write no log of a session whose service said no, only a line of JSON on stderr as they give up:
 * {"status":"error","message":"401 Incorrect API key"}. What else stands on stderr is anybody's.
 */
export function readLastWord(
  { agent, session_id }: Pick<Enrollment, 'agent' | 'session_id'>,
  dir: string,
  root: LogRoot,
): { readonly path: string; readonly analyzer: TranscriptAnalyzer } | undefined {
  const printed = join(dir, 'stderr.log');
  if (agent === 'other' || !existsSync(printed)) return undefined;
  let last = '';
  let at = 0;
  let count = 0;
  readAllLines(printed, (line) => {
    count += 1;
    if (line.trim() === '') return;
    last = line;
    at = count;
  });
  const parsed = last.startsWith('{') ? parseJson(last) : undefined;
  if (parsed?.ok !== true || !isRecord(parsed.value) || !isLastWord(parsed.value)) return undefined;
  const path = join(root.sessions, session_id, 'stderr.log');
  const lines = (take: (line: string) => void): void => {
    for (let line = 1; line < at; line++) take(''); // so that it has its own number
    take(last);
  };
  const analyzer = readTranscript(lines, { handleOf: openHandles(root).handleOf(path) });
  return { path, analyzer };
}
