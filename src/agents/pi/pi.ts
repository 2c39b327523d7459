import { join } from 'node:path';
import { stringOf } from '../../core/words/json.ts';
import type { AgentLogs } from '../agentLogs.ts';
import { firstRecord } from '../logHead.ts';
import { piSession } from './piSession.ts';
import { piStream } from './piStream.ts';

export const pi: AgentLogs = {
  formats: [piSession, piStream],
  places: ({ cwd, env, home }) => [
    {
      folder: join(
        env['PI_CODING_AGENT_DIR'] ?? join(home, '.pi', 'agent'),
        'sessions',
        `--${cwd.replace(/^[\\/]/, '').replace(/[\\/:]/g, '-')}--`,
      ),
      name: /\.jsonl$/,
    },
  ],
  // Two folders can have one name: /srv/a-b and /srv/a/b.
  belongs: (log, { cwd }) => (stringOf(firstRecord(log.lines())?.['cwd']) ?? cwd) === cwd,
};
