import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { booleanOf, numberOf, stringOf } from '../core/words/json.ts';
import { sectionScalars } from './configSection.ts';
import { readText } from './door.ts';
import { statOf, withFolder } from './folders.ts';
import { isOurs } from './owners.ts';

/** `linux_tracing` of a workspace's `.autoskillit/config.yaml`, shared with AutoSkillit. A cloned repository may carry one. */
export interface WorkspaceConfig {
  readonly enabled: boolean | undefined;
  readonly procIntervalSeconds: number | undefined;
  /** Absolute, and only where the workspace may choose it: see `whyNot`. */
  readonly logDir: string | undefined;
  /** What does not count of it, and why, for a person; absent when all of it does. */
  readonly problem?: string;
}

const FOLDER = '.autoskillit';
const FILE = 'config.yaml';
const SECTION = 'linux_tracing';
/** A configuration is a page or two. */
export const MOST_CONFIG_BYTES = 64 * 1024;

/** `undefined` when there is none; a file that is no YAML, or has wrong types, counts as far as it can be read. */
export function readWorkspaceConfig(workspace: string, home: string): WorkspaceConfig | undefined {
  let text: string;
  try {
    text = withFolder(workspace, [FOLDER], 'read', (folder) => readText(folder.at(FILE), MOST_CONFIG_BYTES));
  } catch (error) {
    const problem = unreadable((error as NodeJS.ErrnoException).code ?? '');
    if (problem === undefined) return undefined; // the usual case: no such file
    return { enabled: undefined, procIntervalSeconds: undefined, logDir: undefined, problem };
  }
  const tracing = sectionScalars(text, SECTION);
  if (tracing === undefined) return undefined;
  const interval = numberOf(tracing.get('proc_interval'));
  const wanted = wantedLogDir(stringOf(tracing.get('log_dir')), workspace, home);
  const why = wanted === undefined ? undefined : whyNot(wanted, workspace, home);
  return {
    enabled: booleanOf(tracing.get('enabled')),
    procIntervalSeconds: interval !== undefined && interval > 0 ? interval : undefined,
    logDir: why === undefined ? wanted : undefined,
    ...(why !== undefined && { problem: `its log_dir ${wanted} does not count: ${why}` }),
  };
}

function unreadable(code: string): string | undefined {
  switch (code) {
    case 'ELOOP':
      return 'it is behind a symbolic link, and is not read: put the file itself there';
    case 'EFBIG':
      return `it is larger than ${MOST_CONFIG_BYTES / 1024} KiB, and is not read`;
    case 'ENOTSUP':
    case 'EISDIR':
    case 'ENXIO':
      return 'it is no file, and is not read';
    default:
      return undefined;
  }
}

function wantedLogDir(given: string | undefined, workspace: string, home: string): string | undefined {
  if (given === undefined || given === '' || given.includes('\0')) return undefined;
  const path = given.replace(/^~(?=$|\/)/, home);
  return isAbsolute(path) ? resolve(path) : resolve(workspace, path);
}

/**
 * A workspace's file chooses a place of its reader's: in the home folder, or in a folder of that very user (for root,
 * whose everything is, the home alone). Not in the repository that the file came with: what is recorded of an agent,
 * its output included, would be committed and published with the next `git add`.
 */
function whyNot(path: string, workspace: string, home: string): string | undefined {
  const [real, realHome] = [realOf(path), realOf(home)];
  const tree = realOf(repositoryOf(workspace) ?? workspace);
  const isTreeOfHome = isInside(realHome, tree);
  if (isInside(real, isTreeOfHome ? realOf(workspace) : tree) && !isInside(realHome, realOf(workspace)))
    return 'it is inside the workspace, where recordings could be published with it. Say --log-dir to have them there';
  if (isInside(real, realHome)) return undefined;
  const existing = statOf(nearestExisting(real));
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot && existing !== undefined && isOurs(existing)) return undefined;
  return 'it is not in your home folder or another folder of yours. Say --log-dir to have it all the same';
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** The nearest directory upwards that is a repository. */
function repositoryOf(path: string): string | undefined {
  for (let dir = path; ; dir = dirname(dir)) {
    if (existsSync(join(dir, '.git'))) return dir;
    if (dirname(dir) === dir) return undefined;
  }
}

/** Where a path leads, though the last of it is not there yet. */
function realOf(path: string): string {
  const existing = nearestExisting(path);
  try {
    return join(realpathSync(existing), relative(existing, path));
  } catch {
    return path; // not ours to look into: it is judged as it is written
  }
}

/** A link that leads nowhere is there, and is nobody's place. */
function nearestExisting(path: string): string {
  let dir = path;
  while (statOf(dir) === undefined && dirname(dir) !== dir) dir = dirname(dir);
  return dir;
}
