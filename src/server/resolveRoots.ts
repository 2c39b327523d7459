import { homedir } from 'node:os';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { arrayOf, isRecord, stringOf } from '../core/words/json.ts';
import type { LogPlaces, RootsParams } from '../core/panel/serverProtocol.ts';
import { standardLogRoot } from '../core/session/standardLogRoot.ts';
import { DEVBOY_FOLDER } from '../logs/logRoot.ts';
import { devboyRoot } from '../logs/traceStore.ts';
import { readWorkspaceConfig } from '../logs/workspaceConfig.ts';

/** What a client sent; what is not of its type is not there. */
export function logPlacesFrom(params: unknown): LogPlaces {
  const record = isRecord(params) ? params : {};
  return {
    logDirectory: stringOf(record['logDirectory']),
    additionalLogDirectories: textsOf(record['additionalLogDirectories']),
    workspaceFolders: textsOf(record['workspaceFolders']),
  };
}

export function textsOf(value: unknown): readonly string[] {
  return arrayOf(value).flatMap((text) => stringOf(text) ?? []);
}

/**
 * The roots to show, the one that new sessions go to first: the setting, else what a workspace folder's own
 * configuration says, else the standard location; then the additional ones, then devboy's traces.
 */
export function resolveRoots(places: LogPlaces): RootsParams {
  const home = homedir();
  const fromFolders = places.workspaceFolders.flatMap((folder) => readWorkspaceConfig(folder, home)?.logDir ?? []);
  const chosen = places.logDirectory === undefined ? fromFolders : [inHome(places.logDirectory, home)];
  const standard = standardLogRoot({ platform: process.platform, env: process.env, home });
  const more = places.additionalLogDirectories.map((directory) => inHome(directory, home));
  // A trace may be begun in a workspace at any time; of the user's own folder only what is there already is of interest.
  const traces = places.workspaceFolders.map((folder) => join(devboyRoot(folder), DEVBOY_FOLDER));
  const own = [join(home, DEVBOY_FOLDER)].filter((folder) => existsSync(folder));
  return { roots: [...new Set([...(chosen.length === 0 ? [standard] : chosen), ...more, ...traces, ...own])] };
}

/** A setting is the same for every workspace, so a relative path is meant from the user's own folder. */
function inHome(path: string, home: string): string {
  return resolve(home, path.replace(/^~(?=$|[/\\])/, home));
}
