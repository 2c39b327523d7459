import { join } from 'node:path';
import type { AgentLogs } from '../agentLogs.ts';
import { openCodeRows } from './openCodeRows.ts';
import { openCodeRun } from './openCodeRun.ts';

/** OpenCode, and Kilo, which has its tables under a name of its own. */
function openCodeLogs(name: string): AgentLogs {
  return {
    formats: [openCodeRun, openCodeRows],
    databases: ({ env, home }) => [join(env['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), name, `${name}.db`)],
  };
}

export const opencode = openCodeLogs('opencode');
export const kilo = openCodeLogs('kilo');
