import { join } from 'node:path';
import type { AgentLogs, LogHome, LogPlace } from '../agentLogs.ts';
import { copilotEvents } from './copilotEvents.ts';
import { textUnder } from '../logHead.ts';

function sessionStates({ env, home }: LogHome): readonly LogPlace[] {
  return [
    { folder: join(env['COPILOT_HOME'] ?? join(home, '.copilot'), 'session-state', '*'), name: /^events\.jsonl$/ },
  ];
}

export const copilot: AgentLogs = {
  formats: [copilotEvents],
  places: sessionStates,
  everywhere: sessionStates,
  belongs: (log, { cwd }) => (textUnder('cwd', log.lines().slice(0, 2)) ?? cwd) === cwd,
};
