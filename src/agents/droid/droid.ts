import { join } from 'node:path';
import type { AgentLogs } from '../agentLogs.ts';
import { droidSession } from './droidSession.ts';
import { droidStream } from './droidStream.ts';
import { textUnder } from '../logHead.ts';

export const droid: AgentLogs = {
  formats: [droidSession, droidStream],
  places: ({ home }) => [
    { folder: join(home, '.factory', 'sessions'), name: /\.jsonl$/ },
    { folder: join(home, '.factory', 'sessions', '*'), name: /\.jsonl$/ },
  ],
  belongs: (log, { cwd }) => (textUnder('cwd', log.lines().slice(0, 1)) ?? cwd) === cwd,
};
