import { arrayOf, isRecord } from '../core/words/json.ts';
import { sessionRefFrom } from '../core/panel/panelProtocol.ts';
import type { SessionRef } from '../core/panel/sessionView.ts';
import { textsOf } from './resolveRoots.ts';

/** What the host tells, read field by field. */

export function rootsFrom(params: unknown): readonly string[] {
  return isRecord(params) ? textsOf(params['roots']) : [];
}

export function sessionsFrom(params: unknown): readonly SessionRef[] {
  return isRecord(params) ? arrayOf(params['sessions']).flatMap((ref) => sessionRefFrom(ref) ?? []) : [];
}
