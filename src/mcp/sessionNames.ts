import { basename, dirname, join } from 'node:path';
import { HANDLE } from '../core/report/report.ts';
import { locateHandle, openHandles } from '../logs/handles.ts';
import type { LogRoot } from '../logs/logRoot.ts';
import { findSession, type SessionPlace } from '../logs/sessionFiles.ts';
import { SUMMARY_FILE } from '../logs/sessionIndex.ts';
import type { FoundSession } from '../sessions/readFound.ts';

/** Ids of our own making. Any other was chosen by somebody, and may say anything to the agent that reads it. */
const OWN_ID = /^sess-\d{4}-\d\d-\d\d-[0-9a-f]{8}$/;
/** What a session goes by in an answer. */
export const NAME = new RegExp(`${OWN_ID.source}|${HANDLE.source}`);

export function nameOf(root: LogRoot, place: Pick<SessionPlace, 'name' | 'dir'>): string {
  return OWN_ID.test(place.name) ? place.name : openHandles(root).handleOf(join(place.dir, SUMMARY_FILE))(1);
}

/** By its id, whoever chose it, or by the handle that an answer gave. */
export function sessionNamed(roots: readonly LogRoot[], name: string): FoundSession | undefined {
  for (const root of roots) {
    const dir = HANDLE.test(name) ? locateHandle(root, name)?.path : undefined;
    const place = findSession(root, dir === undefined ? name : basename(dirname(dir)));
    if (place !== undefined) return { root, place };
  }
  return undefined;
}
