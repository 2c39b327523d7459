import { deathFacts } from '../../core/death/deathFacts.ts';
import { judgeDeath } from '../../core/death/judgeDeath.ts';
import type { Enrollment } from '../../core/session/session.ts';
import { isoFromMs } from '../../core/words/time.ts';
import type { Published, RunningSession } from '../../logs/runningSession.ts';
import { summaryOf } from './endSession.ts';
import { NO_PEAKS } from './peaks.ts';

/** What has been recorded so far, and nothing of it is published yet. */
export interface UnpublishedSession {
  readonly store: RunningSession;
  readonly enrollment: Enrollment;
  readonly redactions: Readonly<Record<string, number>>;
}

/** A command that could not be started leaves a session too: it failed, and the log says why. */
export function publishLaunchFailure({ store, enrollment, redactions }: UnpublishedSession, code: string): Published {
  const at = isoFromMs(Date.now());
  const facts = deathFacts({
    mode: 'run',
    at,
    exit: { code: launchExitCode(code), signal: null },
    launchError: { code },
  });
  const summary = summaryOf({
    enrollment,
    dirName: store.dirName,
    facts,
    verdict: judgeDeath(facts),
    incident: undefined,
    elapsedMs: 0,
    snapshotCount: 0,
    anomalyCount: 0,
    hasDrifted: false,
    peaks: NO_PEAKS,
    leftovers: [],
    failures: undefined,
    transcript: undefined,
    redactions,
  });
  store.appendLifecycle({
    timestamp: at,
    event: 'session_finished',
    session_id: enrollment.session_id,
    reason: summary.verdict.cause,
  });
  return store.publish(summary);
}

/** As shells do: 127 for a command that is not there, 126 for one that may not be executed. */
export function launchExitCode(code: string): number {
  return code === 'ENOENT' ? 127 : 126;
}
