import { resolve } from 'node:path';
import { listSessions } from '../../logs/sessionIndex.ts';
import {
  AT_ONCE,
  DEFAULT_DAYS,
  LogIndex,
  NEWEST_LOGS,
  type MachineRecords,
} from '../../sessions/unrecorded/logIndex.ts';
import { recordedLogPaths } from '../../sessions/unrecorded/recordedLogs.ts';
import type { UnrecordedLog } from '../../sessions/unrecorded/unrecordedLog.ts';
import { chosenRoot, searchedRoots } from '../chosenRoot.ts';
import type { CommandContext } from '../command.ts';

/** Flags of every command that looks at agents' own logs. */
export const LOG_FLAGS = { 'logs-in': { type: 'string', multiple: true } } as const;
export const LOG_FLAG_HELP: readonly (readonly [string, string])[] = [
  ['--logs-in DIR', "more folders with agents' own logs; may be given several times"],
];

export function openLogIndex(context: CommandContext, records: MachineRecords = {}): LogIndex {
  const { args, env, home, cwd } = context;
  return new LogIndex({
    root: chosenRoot(context),
    env,
    home,
    nowMs: () => Date.now(),
    places: args.texts('logs-in').map((place) => resolve(cwd, place)),
    days: DEFAULT_DAYS,
    records,
  });
}

/** The newest logs that are of no recorded session. */
export async function unrecordedLogs(
  context: CommandContext,
  index: LogIndex,
  most = NEWEST_LOGS,
): Promise<readonly UnrecordedLog[]> {
  await index.refresh(most, AT_ONCE);
  const recorded = searchedRoots(context).map((root) => ({ root, sessions: listSessions(root) }));
  const paths = recordedLogPaths(index.logs, recorded);
  return index.logs.filter(({ file }) => !paths.has(file.path));
}
