import { join } from 'node:path';
import type { AgentLogs, LogHome, LogPlace } from '../agentLogs.ts';
import { continueSession } from './continueSession.ts';
import { textUnder } from '../logHead.ts';

function sessions({ env, home }: LogHome): readonly LogPlace[] {
  return [
    // sessions.json is their index.
    {
      folder: join(env['CONTINUE_GLOBAL_DIR'] ?? join(home, '.continue'), 'sessions'),
      name: /^(?!sessions\.json$).*\.json$/,
    },
  ];
}

export const continueCli: AgentLogs = {
  formats: [continueSession],
  places: sessions,
  everywhere: sessions,
  belongs: (log, { cwd }) => (textUnder('workspaceDirectory', log.lines()) ?? cwd) === cwd,
};
