import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { AgentLogs, LogHome, LogPlace } from '../agentLogs.ts';
import { geminiSession } from './geminiSession.ts';
import { geminiStream } from './geminiStream.ts';
import { textUnder } from '../logHead.ts';

function chats({ env, home }: LogHome): readonly LogPlace[] {
  return [
    { folder: join(env['GEMINI_CLI_HOME'] ?? home, '.gemini', 'tmp', '*', 'chats'), name: /^session-.*\.jsonl?$/ },
  ];
}

export const gemini: AgentLogs = {
  formats: [geminiSession, geminiStream],
  places: chats,
  everywhere: chats,
  // A project is told by the hash of its folder; what is no hash (a link's target, another spelling) may be anybody's.
  belongs: (log, { cwd }) => {
    const hash = textUnder('projectHash', log.lines().slice(0, 20));
    return hash === undefined || hash.length !== 64 || hash === createHash('sha256').update(cwd).digest('hex');
  },
};
