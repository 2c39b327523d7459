import { arrayOf, isRecord, numberOf } from '../core/words/json.ts';
import { sessionRefFrom } from '../core/panel/sessionRefs.ts';
import type { SessionRef } from '../core/panel/sessionView.ts';
import { textsOf } from './resolveRoots.ts';

/** What the host tells, read field by field. */

export function rootsFrom(params: unknown): readonly string[] {
  return isRecord(params) ? textsOf(params['roots']) : [];
}

/** Who does not say wants no such news: another editor's client shows none. */
export function stallMinutesFrom(params: unknown): number {
  return Math.max(0, (isRecord(params) ? numberOf(params['stallMinutes']) : undefined) ?? 0);
}

export function sessionsFrom(params: unknown): readonly SessionRef[] {
  return isRecord(params) ? arrayOf(params['sessions']).flatMap((ref) => sessionRefFrom(ref) ?? []) : [];
}
