import type { AgentLogs } from './agentLogs.ts';
import { openCodeRows } from './openCodeRows.ts';
import { openCodeRun } from './openCodeRun.ts';

export const opencode: AgentLogs = { formats: [openCodeRun, openCodeRows] };
