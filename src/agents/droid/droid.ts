import { join } from 'node:path';
import type { AgentLogs, LogHome, LogPlace } from '../agentLogs.ts';
import { droidSession } from './droidSession.ts';
import { droidStream } from './droidStream.ts';
import { textUnder } from '../logHead.ts';

function sessions({ home }: LogHome): readonly LogPlace[] {
  return [
    { folder: join(home, '.factory', 'sessions'), name: /\.jsonl$/ },
    { folder: join(home, '.factory', 'sessions', '*'), name: /\.jsonl$/ },
  ];
}

export const droid: AgentLogs = {
  formats: [droidSession, droidStream],
  places: sessions,
  everywhere: sessions,
  belongs: (log, { cwd }) => (textUnder('cwd', log.lines().slice(0, 1)) ?? cwd) === cwd,
};
