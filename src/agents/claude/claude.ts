import { join } from 'node:path';
import type { AgentLogs, LogHome, LogPlace } from '../agentLogs.ts';
import { claudeStream } from './claudeStream.ts';
import { claudeTranscript } from './claudeTranscript.ts';

export const claude: AgentLogs = {
  formats: [claudeTranscript, claudeStream],
  places: (search) => [inProject(search, search.cwd.replace(/[^a-zA-Z0-9]/g, '-'))],
  everywhere: (where) => [inProject(where, '*')],
  idInCommand: (command) => /(?:^| )--(?:session-id|resume)[= ]([0-9a-f-]{36})(?= |$)/.exec(command)?.[1],
};

function inProject({ env, home }: LogHome, project: string): LogPlace {
  return {
    folder: join(env['CLAUDE_CONFIG_DIR'] ?? join(home, '.claude'), 'projects', project),
    // agent-<id>.jsonl are its sub-agents'.
    name: /^(?!agent-).*\.jsonl$/,
  };
}
