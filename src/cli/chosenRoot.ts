import { resolve } from 'node:path';
import { standardLogRoot } from '../core/standardLogRoot.ts';
import { logRootAt, type LogRoot } from '../logs/logRoot.ts';
import { readWorkspaceConfig } from '../logs/workspaceConfig.ts';
import type { CommandContext } from './command.ts';
import { UsageError } from './failure.ts';

/** The flag, then the workspace's own configuration, then the standard location. */
export function chosenRoot({ args, cwd, env, home }: CommandContext): LogRoot {
  const flag = args.text('log-dir');
  if (flag === '') throw new UsageError('--log-dir is empty: give a folder, or leave it out for the standard one.');
  const path =
    flag === undefined
      ? (readWorkspaceConfig(cwd, home)?.logDir ?? standardLogRoot({ platform: process.platform, env, home }))
      : resolve(cwd, flag);
  return logRootAt(path);
}
