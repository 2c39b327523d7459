import { join } from 'node:path';
import type { AgentLogs } from '../agentLogs.ts';
import { textUnder } from '../logHead.ts';
import { qwenChat } from './qwenChat.ts';
import { qwenStream } from './qwenStream.ts';

export const qwen: AgentLogs = {
  formats: [qwenChat, qwenStream],
  places: ({ cwd, home }) => [
    { folder: join(home, '.qwen', 'projects', cwd.replace(/[^a-zA-Z0-9]/g, '-'), 'chats'), name: /\.jsonl$/ },
  ],
  belongs: (log, { cwd }) => (textUnder('cwd', log.lines().slice(0, 1)) ?? cwd) === cwd,
};
