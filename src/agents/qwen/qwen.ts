import { join } from 'node:path';
import type { AgentLogs, LogPlace } from '../agentLogs.ts';
import { qwenChat } from './qwenChat.ts';
import { qwenStream } from './qwenStream.ts';

export const qwen: AgentLogs = {
  formats: [qwenChat, qwenStream],
  places: ({ cwd, home }) => [inProject(home, cwd.replace(/[^a-zA-Z0-9]/g, '-'))],
  everywhere: ({ home }) => [inProject(home, '*')],
};

function inProject(home: string, project: string): LogPlace {
  return { folder: join(home, '.qwen', 'projects', project, 'chats'), name: /\.jsonl$/ };
}
