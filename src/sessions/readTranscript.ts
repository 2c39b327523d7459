import { openDatabaseTranscript } from '../agents/databaseTranscript.ts';
import {
  createTranscriptAnalyzer,
  type TranscriptAnalyzer,
  type TranscriptAnalyzerOptions,
} from '../agents/transcriptReader.ts';
import { readAllLines } from '../logs/jsonLines.ts';

/** Gives every line of an agent's log, wherever it is kept. */
export type TranscriptLines = (take: (line: string) => void) => void;

export interface TranscriptReading extends TranscriptAnalyzerOptions {
  /** False while somebody may still write it: then what is open may yet close. */
  readonly isOver?: boolean;
}

/** Of a file, or of a session in a database. */
function linesOf(path: string): TranscriptLines {
  return openDatabaseTranscript(path)?.read ?? ((take) => readAllLines(path, take));
}

/** An agent's log from its first line to its last. Throws as node:fs does when its file cannot be read. */
export function readTranscript(
  from: string | TranscriptLines,
  { isOver = true, ...options }: TranscriptReading,
): TranscriptAnalyzer {
  const analyzer = createTranscriptAnalyzer(options);
  const take = (line: string): void => analyzer.push(line);
  const lines = typeof from === 'string' ? linesOf(from) : from;
  lines(take);
  if (isOver) analyzer.finish();
  return analyzer;
}
