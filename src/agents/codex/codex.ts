import { join } from 'node:path';
import { recordOf, stringOf } from '../../core/words/json.ts';
import type { AgentLogs, LogHome, LogPlace, LogSearch } from '../agentLogs.ts';
import { codexExec } from './codexExec.ts';
import { codexRollout } from './codexRollout.ts';
import { firstRecord } from '../logHead.ts';

export const codex: AgentLogs = {
  formats: [codexRollout, codexExec],
  places: (search) => daysOf(search).map((day) => onDay(search, day)),
  everywhere: (where) => [onDay(where, ['*', '*', '*'])],
  belongs: (log, { cwd }) => {
    const record = firstRecord(log.lines());
    // Its helpers write logs of their own.
    if (recordOf(recordOf(record?.['payload'])?.['source'])?.['subagent'] !== undefined) return false;
    return (stringOf(recordOf(record?.['payload'])?.['cwd']) ?? stringOf(record?.['cwd'])) === cwd;
  },
};

function onDay({ env, home }: LogHome, day: readonly string[]): LogPlace {
  return { folder: join(env['CODEX_HOME'] ?? join(home, '.codex'), 'sessions', ...day), name: /^rollout-.*\.jsonl$/ };
}

const DAY_MS = 86_400_000;
/** A session that ran for a month is looked for in its first and last days. */
const MOST_DAYS = 40;

/** Codex files its logs by local date: the session's days and one on either side, for any time zone. */
function daysOf({ startMs, endMs }: LogSearch): (readonly [string, string, string])[] {
  const days: (readonly [string, string, string])[] = [];
  for (let ms = startMs - DAY_MS; ms <= endMs + 2 * DAY_MS && days.length < MOST_DAYS; ms += DAY_MS) {
    const [year = '', month = '', day = ''] = new Date(ms).toISOString().slice(0, 10).split('-');
    days.push([year, month, day]);
  }
  return days;
}
