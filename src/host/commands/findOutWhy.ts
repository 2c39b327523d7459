import type { SessionRef, SessionRow } from '../../core/panel/sessionView.ts';
import { BAD_OUTCOMES } from '../../core/words/vocabulary.ts';
import type { Backend } from '../backend.ts';
import { pickSession } from './pickSession.ts';

/** Asks for one that ended badly; those that nobody recorded come first, because nobody has told of them yet. */
export async function pickDead(backend: Backend): Promise<SessionRef | undefined> {
  return await pickSession(backend, 'Find Out Why an Agent Died', {
    isFirst: ({ logOnly }) => logOnly !== undefined,
    isWanted: isBad,
    nothing: 'No agent session of the last days is known to have ended badly.',
  });
}

function isBad({ isRunning, outcome }: SessionRow): boolean {
  return !isRunning && BAD_OUTCOMES.has(outcome);
}
