import { join } from 'node:path';
import { agentKindOf } from '../core/session/agentKind.ts';
import { listedEnd } from '../core/session/summaryVerdict.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { listSessions } from '../logs/sessionIndex.ts';
import { nameOf } from './sessionNames.ts';

export const SESSIONS_URI = 'session-diagnostics://sessions';
const MOST = 100;

/** The newest sessions: nothing of them that a log's writer chose. */
export function listedText(roots: readonly LogRoot[]): string {
  const sessions = roots
    .flatMap((root) => listSessions(root).map((session) => ({ root, session })))
    .sort((a, b) => (a.session.timestamp < b.session.timestamp ? 1 : -1))
    .slice(0, MOST)
    .map(({ root, session }) => {
      const folder = session.state === 'running' ? root.running : root.sessions;
      const { outcome, cause } = listedEnd(session);
      return {
        id: nameOf(root, { name: session.dir_name, dir: join(folder, session.dir_name) }),
        state: session.state,
        agent: agentKindOf(session.skill_command.split(' ')),
        outcome,
        cause: cause ?? null,
        ended_at: /^\d{4}-\d\d-\d\dT[\d:.]{8,12}/.exec(session.timestamp)?.[0] ?? null,
        duration_seconds: session.duration_seconds,
      };
    });
  return JSON.stringify({ sessions });
}
