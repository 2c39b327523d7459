import type { Failures } from '../core/session/failures.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { readSessionFiles, type SessionFiles, type SessionPlace, type SessionTaker } from '../logs/sessionFiles.ts';
import { knownFailures } from './knownFailures.ts';

/** A session and the root that it was found in. */
export interface FoundSession {
  readonly root: LogRoot;
  readonly place: SessionPlace;
}

export interface KnownSession extends SessionFiles {
  readonly failures: Failures | undefined;
}

/** A session's files; its series and anomalies go to whoever takes them. */
export function readFound({ root, place }: FoundSession, taker: SessionTaker = {}): KnownSession {
  const files = readSessionFiles(place.dir, taker);
  return { ...files, failures: knownFailures(root, place, files.summary) };
}
