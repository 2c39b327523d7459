import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLine } from '../core/json.ts';
import type { LogRoot } from './logRoot.ts';
import { appendIndexLine, ENROLLMENT_FILE, lineFromSummary, readIndex, sessionDirs } from './sessionIndex.ts';
import { dropClaims, isClaimed, takeEnrollment, type Claimant } from './takeOver.ts';

/**
 * Adds the lines that complete directories are missing, and returns how many. No lock: who appends a directory's line
 * holds its claim. A publisher has held it since the session's birth; a dead owner's is taken over, and where there is
 * none we make one. A claim goes only when the line is there, so whoever gets it later finds the line in the index.
 */
export function healIndex(root: LogRoot, claimant: Claimant): number {
  const known = readIndex(root);
  let healed = 0;
  for (const name of sessionDirs(root.sessions)) {
    const dir = join(root.sessions, name);
    if (known.has(name) && !isClaimed(dir)) continue;
    const line = lineFromSummary(root, name);
    if (line === undefined) continue; // not complete, so not ours to judge
    const taken = takeEnrollment(dir, claimant);
    if (taken === 'alive') continue;
    if (taken === undefined && !makeClaim(dir, claimant)) continue;
    if (!readIndex(root).has(name)) {
      appendIndexLine(root, line);
      healed += 1;
    }
    dropClaims(dir);
  }
  return healed;
}

/** Written aside and then given its name by link(2), to one process only: nobody ever reads half a claim. */
function makeClaim(dir: string, { self, bootId }: Claimant): boolean {
  const aside = join(dir, `.${ENROLLMENT_FILE}.${self.pid}`);
  try {
    const claim = { recorder: self, boot_id: bootId, session_id: '', enrolled_at: '' };
    writeFileSync(aside, jsonLine(claim), { mode: 0o600 });
    linkSync(aside, join(dir, ENROLLMENT_FILE));
    return true;
  } catch {
    return false; // somebody else holds it and will add the line, or the disk is full and another reader will
  } finally {
    rmSync(aside, { force: true });
  }
}
