import { join } from 'node:path';
import type { AgentLogs } from '../agentLogs.ts';
import { clineMessages } from './clineMessages.ts';
import { clineStream } from './clineStream.ts';
import { textUnder } from '../logHead.ts';

export const cline: AgentLogs = {
  formats: [clineMessages, clineStream],
  places: ({ env, home }) => [
    { folder: join(env['CLINE_DIR'] ?? join(home, '.cline'), 'data', 'sessions', '*'), name: /\.messages\.json$/ },
  ],
  // The working directory stands in the session's state, beside its messages.
  belongs: (log, { cwd }) =>
    (textUnder('cwd', log.linesOf(log.path.replace(/\.messages\.json$/, '.json'))) ?? cwd) === cwd,
};
