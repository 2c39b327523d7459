import { join } from 'node:path';
import type { AgentLogs, LogPlace } from '../agentLogs.ts';
import { textUnder } from '../logHead.ts';
import { qwenChat } from './qwenChat.ts';
import { qwenStream } from './qwenStream.ts';

export const qwen: AgentLogs = {
  formats: [qwenChat, qwenStream],
  places: ({ cwd, home }) => [inProject(home, cwd.replace(/[^a-zA-Z0-9]/g, '-'))],
  everywhere: ({ home }) => [inProject(home, '*')],
  belongs: (log, { cwd }) => (textUnder('cwd', log.lines().slice(0, 1)) ?? cwd) === cwd,
};

function inProject(home: string, project: string): LogPlace {
  return { folder: join(home, '.qwen', 'projects', project, 'chats'), name: /\.jsonl$/ };
}
