import { join } from 'node:path';
import { stringOf } from '../../core/words/json.ts';
import type { AgentLogs, LogHome, LogPlace } from '../agentLogs.ts';
import { firstRecord } from '../logHead.ts';
import { piSession } from './piSession.ts';
import { piStream } from './piStream.ts';

export const pi: AgentLogs = {
  formats: [piSession, piStream],
  places: (search) => [inProject(search, `--${search.cwd.replace(/^[\\/]/, '').replace(/[\\/:]/g, '-')}--`)],
  everywhere: (where) => [inProject(where, '*')],
  // Two folders can have one name: /srv/a-b and /srv/a/b.
  belongs: (log, { cwd }) => (stringOf(firstRecord(log.lines())?.['cwd']) ?? cwd) === cwd,
};

function inProject({ env, home }: LogHome, project: string): LogPlace {
  const folder = join(env['PI_CODING_AGENT_DIR'] ?? join(home, '.pi', 'agent'), 'sessions', project);
  return { folder, name: /\.jsonl$/ };
}
