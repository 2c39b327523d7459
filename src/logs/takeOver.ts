import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Enrollment } from '../core/session.ts';
import { enrollmentFrom } from '../core/readSession.ts';
import type { LogRoot } from './logRoot.ts';
import { ENROLLMENT_FILE, readEnrollment, readJsonFile, type IsAlive } from './sessionIndex.ts';

const TAKEN = `${ENROLLMENT_FILE}.taken-`;

/**
 * Claims a running session whose recorder is gone. Of several processes that recover at once the rename succeeds for
 * one; should that one die before it has enrolled itself, the taken file names it, and the next one takes it from there.
 */
export function takeEnrollment(
  dir: string,
  self: Enrollment['recorder'],
  isAlive: IsAlive,
): Enrollment | 'alive' | undefined {
  const own = `${TAKEN}${self.pid}-${self.starttime_ticks ?? 0}`;
  const current = readEnrollment(dir);
  if (current !== undefined && isAlive(current.recorder, current.boot_id)) return 'alive';
  const from = current === undefined ? abandonedClaim(dir, isAlive) : ENROLLMENT_FILE;
  if (from === undefined) return undefined;
  try {
    renameSync(join(dir, from), join(dir, own));
  } catch {
    return 'alive'; // somebody else was first, and is at it
  }
  return enrollmentFrom(readJsonFile(join(dir, own)));
}

/** Once the new enrollment is written. */
export function dropTakenEnrollment(dir: string, self: Enrollment['recorder']): void {
  rmSync(join(dir, `${TAKEN}${self.pid}-${self.starttime_ticks ?? 0}`), { force: true });
}

function abandonedClaim(dir: string, isAlive: IsAlive): string | undefined {
  return readdirSync(dir).find((name) => {
    if (!name.startsWith(TAKEN)) return false;
    const [pid, ticks] = name.slice(TAKEN.length).split('-').map(Number);
    const bootId = enrollmentFrom(readJsonFile(join(dir, name)))?.boot_id ?? '';
    return pid === undefined || !isAlive({ pid, starttime_ticks: ticks ?? null }, bootId);
  });
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
