import { statSync } from 'node:fs';
import { databaseSession } from '../core/session/transcriptPath.ts';
import { openSession } from './openCode/openCodeDatabase.ts';

/** The lines of an agent's log that is a session of a database. */
export interface DatabaseTranscript {
  /** Changes with the database, and with what its writer has not yet moved into it. */
  readonly stamp: () => string;
  /** All of them: rows change as calls end, so there is no reading on. */
  readonly read: (take: (line: string) => void) => void;
}

/** `undefined` for the path of a file. */
export function openDatabaseTranscript(transcript: string): DatabaseTranscript | undefined {
  const named = databaseSession(transcript);
  if (named === undefined) return undefined;
  const { database, session } = named;
  return {
    stamp: () => [database, `${database}-wal`].map(stampOf).join(' '),
    read: (take) => {
      const opened = openSession(database, { id: session, cwd: '', startMs: 0, endMs: 0 });
      if (opened.type === 'session' && opened.id === session) opened.read(take);
    },
  };
}

function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'absent' : `${stat.size}:${stat.mtimeMs}`;
}
