import { join } from 'node:path';
import { joinEvidence } from '../core/failures/joinEvidence.ts';
import type { Failures } from '../core/session/failures.ts';
import { sessionVerdict } from '../core/session/summaryVerdict.ts';
import { jsonDocument, recordOf } from '../core/words/json.ts';
import { openHandles } from '../logs/handles.ts';
import { writeAtomically } from '../logs/runningSession.ts';
import { readJsonFile, retellSuspect, SUMMARY_FILE } from '../logs/sessionIndex.ts';
import type { FoundSession } from './readFound.ts';
import { readTranscript } from './readTranscript.ts';

/** Says of a finished session which log is its agent's; `undefined` when it has no summary that could be told. */
export function linkTranscript({ root, place }: FoundSession, path: string): Failures | undefined {
  const summary = recordOf(readJsonFile(join(place.dir, SUMMARY_FILE)));
  if (summary === undefined) return undefined;
  const analyzer = readTranscript(path, { handleOf: openHandles(root).handleOf(path) });
  const verdict = sessionVerdict({ isRunning: false, summary });
  const failures = joinEvidence(analyzer.snapshotOf(), { verdict, jobs: analyzer.jobs() });
  // Keys that we do not know stay: the summary may be another writer's.
  const { transcript_candidates: _settled, ...kept } = summary;
  writeAtomically(place.dir, SUMMARY_FILE, jsonDocument({ ...kept, transcript: path, failures }));
  retellSuspect(root, place.name, failures.suspect.layer);
  return failures;
}
