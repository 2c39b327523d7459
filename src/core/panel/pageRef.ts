import { isRecord } from '../words/json.ts';
import { isSessionRef, sessionRefFrom } from './sessionRefs.ts';
import { isSameSession, type SessionRef } from './sessionView.ts';

/** A page of the panel that is about no single session. */
export type PageRef = { readonly kind: 'compare'; readonly a: SessionRef; readonly b: SessionRef };

export function isSamePage(a: PageRef | undefined, b: PageRef | undefined): boolean {
  return a !== undefined && b !== undefined && isSameSession(a.a, b.a) && isSameSession(a.b, b.b);
}

/** From the other side of a boundary, or from what was remembered. */
export function pageRefFrom(value: unknown): PageRef | undefined {
  if (!isRecord(value) || value['kind'] !== 'compare') return undefined;
  const [a, b] = [sessionRefFrom(value['a']), sessionRefFrom(value['b'])];
  return a !== undefined && b !== undefined && isSessionRef(a) && isSessionRef(b)
    ? { kind: 'compare', a, b }
    : undefined;
}
