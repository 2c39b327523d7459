import { isSameSession, type SessionRef } from '../../core/panel/sessionView.ts';
import type { Backend } from '../backend.ts';
import { pickSession } from './pickSession.ts';
import { tell } from '../surfaces.ts';

/**
 * Which two: those that are selected in the view; one that is pointed at, with the one that the panel shows; else the
 * person chooses. A is what one looked at first.
 */
export async function sessionsToCompare(
  backend: Backend,
  meant: readonly SessionRef[],
  shown: SessionRef | undefined,
): Promise<readonly [SessionRef, SessionRef] | undefined> {
  const [first, second, ...more] = meant;
  if (more.length > 0) {
    tell('Two sessions are compared at a time: select two.');
    return undefined;
  }
  if (first !== undefined && second !== undefined) return [first, second];
  if (first !== undefined && shown !== undefined && !isSameSession(first, shown)) return [shown, first];
  if (first === undefined) return await pickedTwo(backend);
  const other = await pickSession(backend, 'Compare With', {
    isWanted: ({ ref, logOnly }) => logOnly === undefined && !isSameSession(ref, first),
    nothing: 'There is no other session to compare with.',
  });
  return other === undefined ? undefined : [first, other];
}

async function pickedTwo(backend: Backend): Promise<readonly [SessionRef, SessionRef] | undefined> {
  const isWanted = ({ logOnly }: { readonly logOnly?: unknown }): boolean => logOnly === undefined;
  const a = await pickSession(backend, 'Compare: First Session', { isWanted });
  return a === undefined ? undefined : await sessionsToCompare(backend, [a], undefined);
}
