import { homedir } from 'node:os';
import { join } from 'node:path';
import { findGrowingTranscript } from '../agents/findTranscript.ts';
import { joinEvidence } from '../core/failures/joinEvidence.ts';
import { isTraceName } from '../core/session/devboyTrace.ts';
import type { Failures } from '../core/session/failures.ts';
import { failuresFrom } from '../core/session/readFailures.ts';
import type { Enrollment } from '../core/session/session.ts';
import { sessionVerdict } from '../core/session/summaryVerdict.ts';
import type { JsonRecord } from '../core/words/json.ts';
import { isoFromMs } from '../core/words/time.ts';
import { openHandles } from '../logs/handles.ts';
import { readHead } from '../logs/readHead.ts';
import { transcriptOf, type SessionPlace } from '../logs/sessionFiles.ts';
import { readEnrollment } from '../logs/sessionIndex.ts';
import { TRACE_FILE } from '../logs/traceFolders.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { otherSessions } from './otherSessions.ts';
import { readTranscript } from './readTranscript.ts';

/**
 * What went wrong inside one session, whoever asks: as its account says or, where that says nothing (a trace, AutoSkillit's
 * own, one that still runs), as its agent's log tells it now.
 */
export function knownFailures(
  root: LogRoot,
  place: SessionPlace,
  summary: JsonRecord | undefined,
): Failures | undefined {
  if (summary?.['failures'] !== undefined) return failuresFrom(summary['failures']);
  const isTrace = isTraceName(place.name);
  const isRunning = place.state === 'running';
  const path = isTrace
    ? join(place.dir, TRACE_FILE)
    : isRunning
      ? growingTranscript(root, readEnrollment(place.dir), { dir: place.dir, nowMs: Date.now() })
      : transcriptOf(place.dir, summary);
  if (path === undefined) return undefined;
  try {
    const analyzer = readTranscript(path, { handleOf: openHandles(root).handleOf(path), isOver: !isRunning });
    const told = analyzer.snapshotOf();
    if (isTrace || isRunning) return told;
    return joinEvidence(told, { verdict: sessionVerdict({ isRunning, summary }), jobs: analyzer.jobs() });
  } catch {
    return undefined; // gone, or not ours to read
  }
}

/** The log of a session that runs, where its agent has made it by now. */
export function growingTranscript(
  root: LogRoot,
  enrollment: Enrollment | undefined,
  { dir, nowMs }: { readonly dir: string; readonly nowMs: number },
): string | undefined {
  if (enrollment === undefined) return undefined;
  return findGrowingTranscript({
    enrollment,
    endTs: isoFromMs(nowMs),
    dir,
    env: process.env,
    home: homedir(),
    readHead,
    others: otherSessions(root, enrollment),
  });
}
