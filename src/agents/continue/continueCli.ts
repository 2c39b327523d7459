import { join } from 'node:path';
import type { AgentLogs } from '../agentLogs.ts';
import { continueSession } from './continueSession.ts';
import { textUnder } from '../logHead.ts';

export const continueCli: AgentLogs = {
  formats: [continueSession],
  places: ({ env, home }) => [
    // sessions.json is their index.
    {
      folder: join(env['CONTINUE_GLOBAL_DIR'] ?? join(home, '.continue'), 'sessions'),
      name: /^(?!sessions\.json$).*\.json$/,
    },
  ],
  belongs: (log, { cwd }) => (textUnder('workspaceDirectory', log.lines()) ?? cwd) === cwd,
};
