import { join } from 'node:path';
import type { AgentLogs, LogHome, LogPlace } from '../agentLogs.ts';
import { textUnder } from '../logHead.ts';
import { claudeStream } from './claudeStream.ts';
import { claudeTranscript } from './claudeTranscript.ts';

export const claude: AgentLogs = {
  formats: [claudeTranscript, claudeStream],
  places: (search) => [inProject(search, search.cwd.replace(/[^a-zA-Z0-9]/g, '-'))],
  everywhere: (where) => [inProject(where, '*')],
  idInCommand: (command) => /(?:^| )--(?:session-id|resume)[= ]([0-9a-f-]{36})(?= |$)/.exec(command)?.[1],
  // Two folders can have one name: /srv/a-b and /srv/a/b.
  belongs: (log, { cwd }) => (textUnder('cwd', log.lines()) ?? cwd) === cwd,
};

function inProject({ env, home }: LogHome, project: string): LogPlace {
  return {
    folder: join(env['CLAUDE_CONFIG_DIR'] ?? join(home, '.claude'), 'projects', project),
    // agent-<id>.jsonl are its sub-agents'.
    name: /^(?!agent-).*\.jsonl$/,
  };
}
