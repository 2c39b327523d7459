import type { BigIntStats, Stats } from 'node:fs';

/*
 * A log root that others may write holds files that others have made. Reading shows them. What leads to a signal, a
 * deletion, a written file or a started program has to be ours: a name in a file proves nothing.
 */

/** What an operation on somebody else's file fails with, in the place of node:fs's own codes. */
export const FOREIGN = 'EFOREIGN';

/** Windows has no user ids: its access lists decide. */
export function isOurs({ uid }: Pick<Stats | BigIntStats, 'uid'>): boolean {
  const own = process.geteuid?.();
  return own === undefined || Number(uid) === own;
}

/** Root's folders hold everybody's: /var/log is no trap, and whoever is root needs none. */
export function isTrusted(stat: Pick<Stats | BigIntStats, 'uid'>): boolean {
  return Number(stat.uid) === 0 || isOurs(stat);
}

export function foreignError(path: string, { uid }: Pick<Stats | BigIntStats, 'uid'>): NodeJS.ErrnoException {
  return Object.assign(new Error(`${path} belongs to another user (uid ${uid})`), { code: FOREIGN });
}

/** The rest of a sentence that began with a path: "... cannot be written (ENOSPC)". */
export function unwritable(code: string): string {
  return code === FOREIGN ? 'belongs to another user: nothing is written there' : `cannot be written (${code})`;
}
