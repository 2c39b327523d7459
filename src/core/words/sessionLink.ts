import { isSessionId } from './sessionId.ts';

/** The extension's own id, as package.json says it. */
export const EXTENSION_ID = 'session-diagnostics.session-diagnostics';
/** In the environment of the editor's terminals: the scheme of the links that this editor opens. */
export const LINK_SCHEME_VARIABLE = 'SESSION_DIAGNOSTICS_LINK_SCHEME';

/** A moment of a session: a name and a time, never a path. */
export interface LinkedMoment {
  readonly id: string;
  /** Milliseconds since the epoch; `undefined` for the session as a whole. */
  readonly atMs: number | undefined;
}

/**
 * `vscode://session-diagnostics.session-diagnostics/session?id=sess-…&at=1767225600000`; `undefined` where the scheme is
 * none, or the id is of a kind that would have to be written in another way.
 */
export function sessionLink(scheme: string, { id, atMs }: LinkedMoment): string | undefined {
  if (!/^[a-z][a-z0-9.+-]{1,40}$/.test(scheme) || !isSessionId(id)) return undefined;
  const at = atMs === undefined ? '' : `&at=${Math.round(atMs)}`;
  return `${scheme}://${EXTENSION_ID}/session?id=${id}${at}`;
}

/** What a link that somebody clicked is about; `undefined` for one that is none of ours. */
export function linkedMoment(path: string, query: string): LinkedMoment | undefined {
  const given = new Map(
    query.split('&').map((part): [string, string] => [part.split('=')[0] ?? '', part.split('=').slice(1).join('=')]),
  );
  const [id = '', at] = [given.get('id'), given.get('at')];
  if (path !== '/session' || !isSessionId(id) || (at !== undefined && !/^\d{10,14}$/.test(at))) return undefined;
  return { id, atMs: at === undefined ? undefined : Number(at) };
}
