import { join } from 'node:path';
import type { AgentLogs, LogHome, LogPlace } from '../agentLogs.ts';
import { clineMessages } from './clineMessages.ts';
import { clineStream } from './clineStream.ts';
import { textUnder } from '../logHead.ts';

function messages({ env, home }: LogHome): readonly LogPlace[] {
  return [
    { folder: join(env['CLINE_DIR'] ?? join(home, '.cline'), 'data', 'sessions', '*'), name: /\.messages\.json$/ },
  ];
}

export const cline: AgentLogs = {
  formats: [clineMessages, clineStream],
  places: messages,
  everywhere: messages,
  // The working directory stands in the session's state, beside its messages.
  belongs: (log, { cwd }) =>
    (textUnder('cwd', log.linesOf(log.path.replace(/\.messages\.json$/, '.json'))) ?? cwd) === cwd,
};
