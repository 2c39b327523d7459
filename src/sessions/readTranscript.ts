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

/** An agent's log from its first line to its last. Throws as node:fs does when its file cannot be read. */
export function readTranscript(
  from: string | TranscriptLines,
  { isOver = true, ...options }: TranscriptReading,
): TranscriptAnalyzer {
  const analyzer = createTranscriptAnalyzer(options);
  const take = (line: string): void => analyzer.push(line);
  if (typeof from === 'string') readAllLines(from, take);
  else from(take);
  if (isOver) analyzer.finish();
  return analyzer;
}
