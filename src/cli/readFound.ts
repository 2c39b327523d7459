import { join } from 'node:path';
import { createTranscriptAnalyzer } from '../agents/transcriptReader.ts';
import { isTraceName } from '../core/devboyTrace.ts';
import type { Failures } from '../core/failures.ts';
import { openHandles, type Handles } from '../logs/handles.ts';
import { readAllLines } from '../logs/jsonLines.ts';
import { readSessionFiles, type SessionFiles } from '../logs/sessionFiles.ts';
import { TRACE_FILE } from '../logs/traceFolders.ts';
import type { FoundSession } from './chosenSession.ts';

/** What a transcript tells by itself, without the process's evidence. */
export function transcriptFailures(handles: Handles, path: string, isOver: boolean): Failures {
  const analyzer = createTranscriptAnalyzer({ handleOf: handles.handleOf(path) });
  readAllLines(path, (line) => analyzer.push(line));
  if (isOver) analyzer.finish();
  return analyzer.snapshotOf();
}

/** A session's files; nobody has judged a trace before, so its failures are found now. */
export function readFound({ root, place }: FoundSession): SessionFiles {
  const files = readSessionFiles(place.dir);
  if (!isTraceName(place.name) || files.summary === undefined) return files;
  const failures = transcriptFailures(openHandles(root), join(place.dir, TRACE_FILE), place.state === 'finished');
  return { ...files, summary: { ...files.summary, failures } };
}
