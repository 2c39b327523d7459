import { linkSync, renameSync, rmSync } from 'node:fs';
import type { Enrollment } from '../core/session/session.ts';
import { enrollmentFrom } from '../core/session/readSession.ts';
import { entriesOf, removeTree, statOf, withFolder, withSessionFolder, type Folder } from './folders.ts';
import { RUNNING, type LogRoot } from './logRoot.ts';
import { FOREIGN, isOurs } from './owners.ts';
import { ENROLLMENT_FILE, readEnrollment, readJsonFile, type IsAlive } from './sessionIndex.ts';

/** Who takes over, and how it tells whether another one still lives. */
export interface Claimant {
  readonly self: Enrollment['recorder'];
  readonly bootId: string;
  readonly isAlive: IsAlive;
}

/** A claim that was taken over has its new owner's pid and start time in its name. */
const TAKEN = `${ENROLLMENT_FILE}.taken-`;

/**
 * Claims a session whose recorder is gone. Of several processes that recover at once the rename succeeds for one;
 * should that one die before it has enrolled itself, the taken file names it, and the next one takes it from there.
 * Whoever takes a session over signals the process it names: a directory or a claim of another user's is `foreign`.
 */
export function takeEnrollment(dir: string, claimant: Claimant): Enrollment | 'alive' | 'foreign' | undefined {
  try {
    return withSessionFolder(dir, 'own', (folder) => takeIn(folder, claimant));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === FOREIGN) return 'foreign';
    if (code === 'ENOENT') return 'alive'; // finished or removed since it was listed
    throw error;
  }
}

function takeIn(folder: Folder, claimant: Claimant): ReturnType<typeof takeEnrollment> {
  const { isAlive } = claimant;
  const here = folder.at('.');
  if (claimsIn(here).some((name) => isForeign(folder.at(name)))) return 'foreign';
  const current = readEnrollment(here);
  if (current !== undefined && isAlive(current.recorder, current.boot_id)) return 'alive';
  const from = current === undefined ? takenClaim(here, claimant) : { name: ENROLLMENT_FILE, isHeld: false };
  if (from === undefined) return undefined;
  if (from.isHeld) return 'alive';
  const own = folder.at(takenName(claimant.self));
  try {
    renameSync(folder.at(from.name), own);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'alive'; // somebody else was first, and is at it
    throw error;
  }
  const taken = enrollmentFrom(readJsonFile(own));
  // Between our look and our rename somebody else may have taken over and enrolled itself: it gets its file back.
  if (from.name === ENROLLMENT_FILE && taken !== undefined && isAlive(taken.recorder, taken.boot_id)) {
    giveBack(own, folder.at(ENROLLMENT_FILE));
    return 'alive';
  }
  return taken;
}

/** A claim that is gone by now is nobody's. */
function isForeign(path: string): boolean {
  const stat = statOf(path);
  return stat !== undefined && !(stat.isFile() && isOurs(stat));
}

function giveBack(own: string, enrollment: string): void {
  try {
    linkSync(own, enrollment);
  } catch {
    // it has enrolled itself anew meanwhile
  }
  rmSync(own, { force: true });
}

/** Once the new enrollment is written. */
export function dropTakenEnrollment(dir: string, self: Enrollment['recorder']): void {
  withSessionFolder(dir, 'own', (folder) => rmSync(folder.at(takenName(self)), { force: true }));
}

/** Whether somebody still owes this session something: its end, or its line in the index. */
export function isClaimed(dir: string): boolean {
  return claimsIn(dir).length > 0;
}

/** The session is published and in the index: nothing is owed any more. */
export function dropClaims(dir: string): void {
  withSessionFolder(dir, 'own', (folder) => {
    for (const name of claimsIn(folder.at('.'))) rmSync(folder.at(name), { force: true });
  });
}

function claimsIn(dir: string): string[] {
  return entriesOf(dir)
    .map(({ name }) => name)
    .filter((name) => name === ENROLLMENT_FILE || name.startsWith(TAKEN));
}

function takenName({ pid, starttime_ticks: startTicks }: Enrollment['recorder']): string {
  return `${TAKEN}${pid}-${startTicks ?? 0}`;
}

function takenClaim(dir: string, { bootId, isAlive }: Claimant): { name: string; isHeld: boolean } | undefined {
  const claims = claimsIn(dir)
    .filter((name) => name.startsWith(TAKEN))
    .map((name) => {
      const [pid = 0, ticks = 0] = name.slice(TAKEN.length).split('-').map(Number);
      // Its content tells the boot of the recorder that died; who took it over did so in this boot, or is gone.
      return { name, isHeld: isAlive({ pid, starttime_ticks: ticks }, bootId) };
    });
  return claims.find(({ isHeld }) => isHeld) ?? claims[0];
}

/** A recorder that died while it made its directory leaves one that nobody has seen; an hour later it is nobody's. */
export function removeUnborn(root: LogRoot, nowMs: number): void {
  for (const { name } of entriesOf(root.running)) {
    if (!name.startsWith('.new-')) continue;
    if (nowMs - (statOf(`${root.running}/${name}`)?.mtimeMs ?? nowMs) <= 3_600_000) continue;
    try {
      withFolder(root.path, [RUNNING], 'write', (running) => removeTree(running, name));
    } catch {
      // not ours, or gone meanwhile: whoever made it removes it
    }
  }
}
