import { openDatabaseTranscript } from '../agents/databaseTranscript.ts';
import { readAllLines } from '../logs/jsonLines.ts';

/** The lines of an agent's own log, wherever it keeps them; throws where a file cannot be read. */
export function readTranscriptLines(transcript: string, take: (line: string) => void): void {
  const database = openDatabaseTranscript(transcript);
  if (database === undefined) readAllLines(transcript, take);
  else database.read(take);
}
