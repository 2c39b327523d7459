import { join } from 'node:path';
import { isTraceName } from '../core/session/devboyTrace.ts';
import type { Failures } from '../core/session/failures.ts';
import type { JsonRecord } from '../core/words/json.ts';
import { openHandles, type Handles } from '../logs/handles.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import {
  readSessionFiles,
  readSummary,
  type SessionFiles,
  type SessionPlace,
  type SessionTaker,
} from '../logs/sessionFiles.ts';
import { TRACE_FILE } from '../logs/traceFolders.ts';
import { readTranscript } from './readTranscript.ts';

/** A session and the root that it was found in. */
export interface FoundSession {
  readonly root: LogRoot;
  readonly place: SessionPlace;
}

/** What a transcript tells by itself, without the process's evidence. */
export function transcriptFailures(handles: Handles, path: string, isOver: boolean): Failures {
  return readTranscript(path, { handleOf: handles.handleOf(path), isOver }).snapshotOf();
}

/** A session's files; its series and anomalies go to whoever takes them. */
export function readFound(found: FoundSession, taker: SessionTaker = {}): SessionFiles {
  const files = readSessionFiles(found.place.dir, taker);
  return { ...files, summary: judgedTrace(found, files.summary) };
}

/** What is said of a session as a whole, without its series. */
export function summaryOfFound(found: FoundSession): JsonRecord | undefined {
  return judgedTrace(found, readSummary(found.place.dir));
}

/** Nobody has judged a trace before, so its failures are found now. */
function judgedTrace({ root, place }: FoundSession, summary: JsonRecord | undefined): JsonRecord | undefined {
  if (!isTraceName(place.name) || summary === undefined) return summary;
  const failures = transcriptFailures(openHandles(root), join(place.dir, TRACE_FILE), place.state === 'finished');
  return { ...summary, failures };
}
