import { arrayOf, isRecord, stringOf } from '../words/json.ts';
import { isSessionRef, sessionRefFrom } from './sessionRefs.ts';
import type { SessionRef } from './sessionView.ts';

export type ComparePageRef = { readonly kind: 'compare'; readonly a: SessionRef; readonly b: SessionRef };

/** A page whose content the host tells. */
export type ToldPageRef =
  | { readonly kind: 'trend' }
  | { readonly kind: 'patterns' }
  /** An agent's log that the person has chosen. */
  | { readonly kind: 'analysis'; readonly file: string }
  | { readonly kind: 'why'; readonly session: SessionRef }
  | {
      readonly kind: 'report';
      readonly sessions: readonly SessionRef[];
      readonly isDetailed: boolean;
      readonly note: string;
    };

/** A page of the panel that is about no single session. */
export type PageRef = ComparePageRef | ToldPageRef;

/** Made by one hand, field by field: equal ones are written equally. */
export function isSamePage(a: PageRef | undefined, b: PageRef | undefined): boolean {
  return a !== undefined && b !== undefined && JSON.stringify(pageRefFrom(a)) === JSON.stringify(pageRefFrom(b));
}

const MOST_SESSIONS = 500;
const MOST_CHARACTERS = 4096;

/** From the other side of a boundary, or from what was remembered. */
export function pageRefFrom(value: unknown): PageRef | undefined {
  if (!isRecord(value)) return undefined;
  const kind = stringOf(value['kind']);
  if (kind === 'trend' || kind === 'patterns') return { kind };
  if (kind === 'analysis') {
    const file = stringOf(value['file']);
    return file === undefined || file.length > MOST_CHARACTERS ? undefined : { kind, file };
  }
  if (kind === 'why') {
    const session = namedSession(value['session']);
    return session && { kind, session };
  }
  if (kind === 'report') {
    const sessions = arrayOf(value['sessions'])
      .slice(0, MOST_SESSIONS)
      .flatMap((session) => namedSession(session) ?? []);
    const note = (stringOf(value['note']) ?? '').slice(0, MOST_CHARACTERS);
    return sessions.length === 0 ? undefined : { kind, sessions, isDetailed: value['isDetailed'] === true, note };
  }
  const [a, b] = [namedSession(value['a']), namedSession(value['b'])];
  return kind === 'compare' && a !== undefined && b !== undefined ? { kind, a, b } : undefined;
}

export function isTold(page: PageRef): page is ToldPageRef {
  return page.kind !== 'compare';
}

function namedSession(value: unknown): SessionRef | undefined {
  const session = sessionRefFrom(value);
  return session !== undefined && isSessionRef(session) ? session : undefined;
}
