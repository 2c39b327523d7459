import type { AgentLogs } from '../agentLogs.ts';
import { cursorStream } from './cursorStream.ts';

/** Its own logs are a database of an unpublished shape. */
export const cursor: AgentLogs = { formats: [cursorStream] };
