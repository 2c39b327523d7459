import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { arrayOf, isRecord, stringOf } from '../core/json.ts';
import type { LogPlaces, RootsParams } from '../core/serverProtocol.ts';
import { standardLogRoot } from '../core/standardLogRoot.ts';
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
 * configuration says, else the standard location; then the additional ones.
 */
export function resolveRoots(places: LogPlaces): RootsParams {
  const home = homedir();
  const fromFolders = places.workspaceFolders.flatMap((folder) => readWorkspaceConfig(folder, home)?.logDir ?? []);
  const chosen = places.logDirectory === undefined ? fromFolders : [inHome(places.logDirectory, home)];
  const standard = standardLogRoot({ platform: process.platform, env: process.env, home });
  const more = places.additionalLogDirectories.map((directory) => inHome(directory, home));
  return { roots: [...new Set([...(chosen.length === 0 ? [standard] : chosen), ...more])] };
}

/** A setting is the same for every workspace, so a relative path is meant from the user's own folder. */
function inHome(path: string, home: string): string {
  return resolve(home, path.replace(/^~(?=$|[/\\])/, home));
}
