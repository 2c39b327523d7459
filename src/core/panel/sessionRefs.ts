import { isTraceName } from '../session/devboyTrace.ts';
import { isRecord, stringOf } from '../words/json.ts';
import { isSafeName } from '../words/sessionId.ts';
import type { SessionRef } from './sessionView.ts';

/** References as the other side of a boundary names them. */

/** Of a root's path; Linux takes no longer one. */
const MOST_PATH_CHARACTERS = 4096;

/** Of a directory's name below its root; the longest is a trace's, with its day and its skill. */
const MOST_ID_CHARACTERS = 255;

/** A reference as far as it is bounded; whether there is such a session, whoever reads the root has to say. */
export function sessionRefFrom(value: unknown): SessionRef | undefined {
  if (!isRecord(value)) return undefined;
  const root = rootFrom(value['root']);
  const id = stringOf(value['id']);
  return root === undefined || id === undefined || id.length > MOST_ID_CHARACTERS ? undefined : { root, id };
}

/** A reference that can be one of a session: it leads nowhere else, and no program takes its id for a flag. */
export function isSessionRef({ id }: SessionRef): boolean {
  return isSafeName(id) || isTraceName(id);
}

export function rootFrom(value: unknown): string | undefined {
  const root = stringOf(value);
  return root === undefined || root === '' || root.length > MOST_PATH_CHARACTERS || root.includes('\0')
    ? undefined
    : root;
}
