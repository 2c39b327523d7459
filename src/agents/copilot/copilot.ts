import { join } from 'node:path';
import type { AgentLogs } from '../agentLogs.ts';
import { copilotEvents } from './copilotEvents.ts';
import { textUnder } from '../logHead.ts';

export const copilot: AgentLogs = {
  formats: [copilotEvents],
  places: ({ env, home }) => [
    { folder: join(env['COPILOT_HOME'] ?? join(home, '.copilot'), 'session-state', '*'), name: /^events\.jsonl$/ },
  ],
  belongs: (log, { cwd }) => (textUnder('cwd', log.lines().slice(0, 2)) ?? cwd) === cwd,
};
