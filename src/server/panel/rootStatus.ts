import { opendirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { RootStatus } from '../../core/panel/serverProtocol.ts';
import { readJsonLines } from '../../logs/jsonLines.ts';
import { DEVBOY_FOLDER, type LogRoot } from '../../logs/logRoot.ts';
import { codeOf } from './jsonlTail.ts';

/** Nobody asked for a folder of traces: it is looked for in every workspace, and most have none. */
export function isUnusedTraceFolder({ root, condition }: RootStatus): boolean {
  return condition === 'missing' && basename(root) === DEVBOY_FOLDER;
}

/** The root, then what in it holds sessions: the first that cannot be read is what a person has to look at. */
export function rootStatus(root: LogRoot): RootStatus {
  const status = { root: root.path, part: undefined, badIndexLines: 0, code: undefined };
  const itself = folderProblem(root.path);
  if (itself !== undefined) return { ...status, ...itself };
  for (const folder of [root.sessions, root.running]) {
    const problem = folderProblem(folder);
    if (problem !== undefined && problem.condition !== 'missing')
      return { ...status, ...problem, part: basename(folder) };
  }
  try {
    return { ...status, condition: 'readable', badIndexLines: badIndexLines(root) };
  } catch (error) {
    return { ...status, condition: 'unreadable', part: basename(root.index), code: codeOf(error) };
  }
}

function folderProblem(path: string): Pick<RootStatus, 'condition' | 'code'> | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return { condition: 'missing', code: undefined };
    if (!stat.isDirectory()) return { condition: 'not_a_directory', code: undefined };
    opendirSync(path).closeSync();
    statSync(`${path}/.`); // names that can be listed and not looked at are no use
    return undefined;
  } catch (error) {
    return { condition: 'unreadable', code: codeOf(error) };
  }
}

function badIndexLines({ index }: LogRoot): number {
  if (statSync(index, { throwIfNoEntry: false }) === undefined) return 0;
  return readJsonLines(index, 0, () => undefined).badLines;
}
