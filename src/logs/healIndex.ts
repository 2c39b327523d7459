import { closeSync, linkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonLine } from '../core/words/json.ts';
import type { LogRoot } from './logRoot.ts';
import { openFile } from './door.ts';
import { withSessionFolder } from './folders.ts';
import { appendIndexLine, ENROLLMENT_FILE, createIndexFollower, lineFromSummary, sessionDirs } from './sessionIndex.ts';
import { dropClaims, isClaimed, takeEnrollment, type Claimant } from './takeOver.ts';

/**
 * Adds the lines that complete directories are missing, and returns how many. No lock: who appends a directory's line
 * holds its claim. A publisher has held it since the session's birth; a dead owner's is taken over, and where there is
 * none we make one. A claim goes only when the line is there, so whoever gets it later finds the line in the index.
 * An index that cannot be read is left alone: every line that we added could be there already.
 */
export function healIndex(root: LogRoot, claimant: Claimant): number {
  const names = sessionDirs(root.sessions);
  const indexed = createIndexFollower(root, new Set(names));
  const known = indexed();
  if (known === undefined) return 0;
  let healed = 0;
  for (const name of names) {
    const dir = join(root.sessions, name);
    if (known.has(name) && !isClaimed(dir)) continue;
    const line = lineFromSummary(root, name);
    if (line === undefined) continue; // not complete, so not ours to judge
    if (!isClaimedByUs(dir, claimant)) continue;
    if (indexed()?.has(name) === false) {
      appendIndexLine(root, line);
      healed += 1;
    }
    dropClaims(dir);
  }
  return healed;
}

function isClaimedByUs(dir: string, claimant: Claimant): boolean {
  try {
    const taken = takeEnrollment(dir, claimant);
    return taken === undefined ? makeClaim(dir, claimant) : typeof taken === 'object';
  } catch {
    return false; // a disk that cannot be written, or a directory that is not ours to enter
  }
}

/** Written aside and then given its name by link(2), to one process only: nobody ever reads half a claim. */
function makeClaim(dir: string, { self, bootId }: Claimant): boolean {
  return withSessionFolder(dir, 'own', (folder) => {
    const aside = folder.at(`.${ENROLLMENT_FILE}.${self.pid}`);
    try {
      const claim = { recorder: self, boot_id: bootId, session_id: '', enrolled_at: '' };
      rmSync(aside, { force: true }); // of a process that had our number and died in the middle
      const fd = openFile(aside, 'create');
      try {
        writeFileSync(fd, jsonLine(claim));
      } finally {
        closeSync(fd);
      }
      linkSync(aside, folder.at(ENROLLMENT_FILE));
      return true;
    } catch {
      return false; // somebody else holds it and will add the line, or the disk is full and another reader will
    } finally {
      rmSync(aside, { force: true });
    }
  });
}
