import { deathFacts } from '../../core/death/deathFacts.ts';
import { isoFromMs } from '../../core/words/time.ts';
import type { Published } from '../../logs/runningSession.ts';
import { endSession, type SessionEnd } from './endSession.ts';
import { NO_PROGRESS } from './recording.ts';

/** What has been recorded so far, and nothing of it is published yet. */
export type UnpublishedSession = Pick<SessionEnd, 'root' | 'store' | 'surroundings' | 'enrollment' | 'redactions'>;

/** A command that could not be started leaves a session too: it failed, and the log says why. */
export function publishLaunchFailure(session: UnpublishedSession, code: string): Published {
  const facts = deathFacts({
    mode: 'run',
    at: isoFromMs(Date.now()),
    exit: { code: launchExitCode(code), signal: null },
    launchError: { code },
  });
  return endSession({ ...session, facts, series: NO_PROGRESS, elapsedMs: 0, leftovers: [] }).publish(undefined);
}

/** As shells do: 127 for a command that is not there, 126 for one that may not be executed. */
export function launchExitCode(code: string): number {
  return code === 'ENOENT' ? 127 : 126;
}
