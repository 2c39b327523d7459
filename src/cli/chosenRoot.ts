import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { standardLogRoot } from '../core/session/standardLogRoot.ts';
import { DEVBOY_FOLDER, logRootAt, type LogRoot } from '../logs/logRoot.ts';
import { devboyRoot } from '../logs/traceStore.ts';
import { readWorkspaceConfig } from '../logs/workspaceConfig.ts';
import type { CommandContext } from './command.ts';
import { UsageError } from './failure.ts';

type Place = Pick<CommandContext, 'args' | 'cwd' | 'env' | 'home'>;

/** The flag, then the workspace's own configuration, then the standard location. */
export function chosenRoot({ args, cwd, env, home }: Place): LogRoot {
  const flag = args.text('log-dir');
  if (flag === '') throw new UsageError('--log-dir is empty: give a folder, or leave it out for the standard one.');
  const path =
    flag === undefined
      ? (readWorkspaceConfig(cwd, home)?.logDir ?? standardLogRoot({ platform: process.platform, env, home }))
      : resolve(cwd, flag);
  return logRootAt(path);
}

/**
 * The sentence for a person where the workspace has switched recording off: `run` then starts the command and records
 * nothing. `undefined` where it has not, or where a flag, as the editor's setting is, says otherwise.
 */
export function recordingSwitchedOff({ args, cwd, home }: Omit<Place, 'env'>): string | undefined {
  if (args.text('log-dir') !== undefined || readWorkspaceConfig(cwd, home)?.enabled !== false) return undefined;
  return 'Nothing is recorded: linux_tracing.enabled is false in .autoskillit/config.yaml. --log-dir DIR records all the same.';
}

/** What of the workspace's configuration does not count, for a person; `undefined` where all of it does, or a flag does. */
export function ignoredConfig({ args, cwd, home }: Omit<Place, 'env'>): string | undefined {
  if (args.text('log-dir') !== undefined) return undefined;
  const problem = readWorkspaceConfig(cwd, home)?.problem;
  return problem === undefined ? undefined : `.autoskillit/config.yaml: ${problem}.`;
}

/** Where sessions are looked for: the chosen root and, unless a flag has named it, this repository's and the user's traces. */
export function searchedRoots(context: CommandContext): readonly LogRoot[] {
  const chosen = chosenRoot(context);
  // An editor shows several roots at once, and a report may be of sessions of all of them.
  const also = context.args.texts('also-in').map((path) => logRootAt(resolve(context.cwd, path)));
  if (context.args.text('log-dir') !== undefined) return [chosen, ...also];
  const folders = [devboyRoot(context.cwd), context.home].map((folder) => join(folder, DEVBOY_FOLDER));
  return [chosen, ...[...new Set(folders)].filter((folder) => existsSync(folder)).map(logRootAt)];
}
