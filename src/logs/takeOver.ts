import { linkSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Enrollment } from '../core/session.ts';
import { enrollmentFrom } from '../core/readSession.ts';
import type { LogRoot } from './logRoot.ts';
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
 */
export function takeEnrollment(dir: string, claimant: Claimant): Enrollment | 'alive' | undefined {
  const { isAlive } = claimant;
  const current = readEnrollment(dir);
  if (current !== undefined && isAlive(current.recorder, current.boot_id)) return 'alive';
  const from = current === undefined ? takenClaim(dir, claimant) : { name: ENROLLMENT_FILE, isHeld: false };
  if (from === undefined) return undefined;
  if (from.isHeld) return 'alive';
  const own = join(dir, takenName(claimant.self));
  try {
    renameSync(join(dir, from.name), own);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'alive'; // somebody else was first, and is at it
    throw error;
  }
  const taken = enrollmentFrom(readJsonFile(own));
  // Between our look and our rename somebody else may have taken over and enrolled itself: it gets its file back.
  if (from.name === ENROLLMENT_FILE && taken !== undefined && isAlive(taken.recorder, taken.boot_id)) {
    giveBack(own, join(dir, ENROLLMENT_FILE));
    return 'alive';
  }
  return taken;
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
  rmSync(join(dir, takenName(self)), { force: true });
}

/** Whether somebody still owes this session something: its end, or its line in the index. */
export function isClaimed(dir: string): boolean {
  return claimsIn(dir).length > 0;
}

/** The session is published and in the index: nothing is owed any more. */
export function dropClaims(dir: string): void {
  for (const name of claimsIn(dir)) rmSync(join(dir, name), { force: true });
}

function claimsIn(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => name === ENROLLMENT_FILE || name.startsWith(TAKEN));
  } catch {
    return []; // pruned meanwhile
  }
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
  for (const name of readdirSync(root.running)) {
    if (!name.startsWith('.new-')) continue;
    const path = join(root.running, name);
    if (nowMs - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? nowMs) > 3_600_000) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}
