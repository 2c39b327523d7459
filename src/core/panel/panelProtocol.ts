import { isIncidentId } from '../session/incident.ts';
import { AREA_KINDS } from './areasView.ts';
import { droppedFileFrom, droppedFrom, type Dropped, type DroppedFile } from './dropped.ts';
import type { IncidentRef } from './incidentView.ts';
import { PAGE_ACTIONS, type PageAction, type PageContent } from './pageContent.ts';
import { isTold, pageRefFrom, type PageRef, type ToldPageRef } from './pageRef.ts';
import { isSessionRef, rootFrom, sessionRefFrom } from './sessionRefs.ts';
import { isRecord, integerOf, numberOf, stringOf, type JsonRecord } from '../words/json.ts';
import {
  MOMENT_PICKS,
  QUERY_NAMES,
  SESSION_FILTERS,
  type Queries,
  type QueryName,
  type QueryReply,
  type SessionChanged,
} from './serverProtocol.ts';
import type { SessionRef } from './sessionView.ts';
import { wordOf } from '../words/vocabulary.ts';

/**
 * Everything that the panel's webview and the extension host say to each other. The webview's queries are the server's:
 * the host forwards them and hands the reply back. On `ready` the host answers with `state`, after that the webview asks
 * for what it shows and hears of changes only.
 */

export const PANEL_ACTIONS = [
  'run',
  'attach',
  'stop',
  'exportReport',
  'openLogFolder',
  'cleanUpLeftovers',
  'linkTranscript',
  'more',
  'openSettings',
  'restartServer',
] as const;
export type PanelAction = (typeof PANEL_ACTIONS)[number];

/** From the webview to the host. */
export type PanelMessage =
  /** The page has loaded or has become visible again: it knows nothing and wants the whole state. */
  | { readonly type: 'ready' }
  /** The user chose this session: the host has it watched and remembers it over a reload of the window. */
  | { readonly type: 'selected'; readonly session: SessionRef | undefined }
  | PanelQuery
  | {
      readonly type: 'action';
      readonly action: PanelAction;
      readonly session: SessionRef | undefined;
      /** The moment that is looked at. */
      readonly atMs?: number | undefined;
    }
  /** The page shows this one and wants its content; with an action something is to be done with it. */
  | { readonly type: 'page'; readonly page: ToldPageRef; readonly action?: PageAction }
  /** The user dropped files on the page: their addresses, or the content of one that the browser alone can read. */
  | Dropped
  | DroppedFile
  /** The user wants the line behind a handle of the failure list. */
  | { readonly type: 'openHandle'; readonly session: SessionRef; readonly handle: string };

export type PanelQuery = {
  readonly [N in QueryName]: {
    readonly type: 'query';
    readonly id: number;
    readonly name: N;
    readonly params: Queries[N]['params'];
  };
}[QueryName];

/** From the host to the webview. */
export type HostMessage =
  | PanelState
  | { readonly type: 'reply'; readonly id: number; readonly reply: QueryReply }
  | { readonly type: 'sessionsChanged' }
  | { readonly type: 'sessionChanged'; readonly change: SessionChanged }
  | { readonly type: 'showIncident'; readonly incident: IncidentRef }
  | { readonly type: 'showPage'; readonly page: PageRef }
  | { readonly type: 'pageContent'; readonly page: PageRef; readonly content: PageContent }
  /** Select a session and, with `seq`, stand at that moment: from the Sessions view, a notification or a command. */
  | {
      readonly type: 'show';
      readonly session: SessionRef;
      readonly seq: number | undefined;
      readonly isOutput?: boolean;
    }
  | { readonly type: 'trust'; readonly isTrusted: boolean }
  /** The list of the sessions is seen beside the panel, or no longer. */
  | { readonly type: 'sessionsView'; readonly isVisible: boolean }
  | { readonly type: 'server'; readonly state: ServerState };

export interface PanelState {
  readonly type: 'state';
  readonly selected: SessionRef | undefined;
  /** The incident to show, when the panel was opened for one. */
  readonly incident: IncidentRef | undefined;
  /** The page to show, when the panel was opened for one. */
  readonly page?: PageRef | undefined;
  /** The moment to stand at, when the panel was opened for one. */
  readonly seq: number | undefined;
  /** Whether its output is to be shown. */
  readonly isOutput?: boolean;
  readonly isTrusted: boolean;
  /** Whether the list of the sessions is seen beside it. */
  readonly hasSessionsView?: boolean;
  readonly server: ServerState;
}

/**
 * What the host knows of the language server. `down`: it has stopped and does not come back by itself; `off`: the setting
 * says so. Until somebody asks it something there is none, and that is nothing to tell.
 */
export const SERVER_STATES = ['up', 'down', 'off'] as const;
export type ServerState = (typeof SERVER_STATES)[number];

/** One handler per message: a missing one does not compile. */
export type HandlersOf<M extends { readonly type: string }> = {
  readonly [T in M['type']]: (message: Extract<M, { readonly type: T }>) => void;
};

export function handle<M extends { readonly type: string }>(handlers: HandlersOf<M>, message: M): void {
  // TypeScript cannot relate a union's tag to the handler of the same tag; the mapped type above has proven it.
  const handler = handlers[message.type as M['type']] as (message: M) => void;
  handler(message);
}

const PANEL_MESSAGES: {
  readonly [T in PanelMessage['type']]: (value: JsonRecord) => Extract<PanelMessage, { readonly type: T }> | undefined;
} = {
  ready: () => ({ type: 'ready' }),
  selected: (value) => withNamed(value, (session) => ({ type: 'selected', session })),
  query: queryFrom,
  action: (value) => {
    const action = wordOf(PANEL_ACTIONS, value['action']);
    const atMs = numberOf(value['atMs']);
    return action === undefined
      ? undefined
      : withNamed(value, (session) => ({ type: 'action', action, session, ...(atMs !== undefined && { atMs }) }));
  },
  page: (value) => {
    const page = pageRefFrom(value['page']);
    const action = wordOf(PAGE_ACTIONS, value['action']);
    if (page === undefined || !isTold(page) || (action === undefined && value['action'] !== undefined))
      return undefined;
    return { type: 'page', page, ...(action !== undefined && { action }) };
  },
  dropped: droppedFrom,
  droppedFile: droppedFileFrom,
  openHandle: (value) => {
    const session = sessionRefFrom(value['session']);
    const handle = stringOf(value['handle']);
    if (
      session === undefined ||
      !isSessionRef(session) ||
      handle === undefined ||
      !/^src:[0-9a-f]{12}:L\d{1,12}$/.test(handle)
    )
      return undefined;
    return { type: 'openHandle', session, handle };
  },
};

/** A message as the webview may send it; `undefined` for anything else, which is to be ignored. */
export function panelMessageFrom(value: unknown): PanelMessage | undefined {
  if (!isRecord(value) || typeof value['type'] !== 'string' || !Object.hasOwn(PANEL_MESSAGES, value['type'])) {
    return undefined;
  }
  return PANEL_MESSAGES[value['type'] as PanelMessage['type']](value); // the line above has looked it up
}

function queryFrom(value: JsonRecord): PanelQuery | undefined {
  const id = integerOf(value['id']);
  const name = wordOf(QUERY_NAMES, value['name']);
  if (id === undefined || name === undefined) return undefined;
  const params = queryParamsFrom(name, value['params']);
  // `queryParamsFrom` returned the parameters of this very name.
  return params === undefined ? undefined : ({ type: 'query', id, name, params } as PanelQuery);
}

/** A query's parameters from the other side of a boundary; `undefined` when they are not this query's. */
export function queryParamsFrom<N extends QueryName>(name: N, value: unknown): Queries[N]['params'] | undefined {
  if (!isRecord(value)) return undefined;
  const parse: (value: JsonRecord) => Queries[N]['params'] | undefined = PARAMETERS[name];
  return parse(value);
}

const PARAMETERS: { readonly [N in QueryName]: (value: JsonRecord) => Queries[N]['params'] | undefined } = {
  listSessions: (value) => {
    const filter = wordOf(SESSION_FILTERS, value['filter']);
    if (filter === undefined) return undefined;
    return {
      filter,
      text: (stringOf(value['text']) ?? '').slice(0, 200),
      offset: countFrom(value['offset'], 0),
      limit: Math.min(countFrom(value['limit'], 200), 1000),
    };
  },
  place: (value) => withSession(value, (session) => ({ session })),
  overview: (value) => withSession(value, (session) => ({ session })),
  story: (value) => withSession(value, (session) => ({ session })),
  series: (value) =>
    withSession(value, (session) => ({
      session,
      ...rangeFrom(value),
      pixels: pixelsFrom(value['pixels']),
    })),
  areas: (value) =>
    withSession(value, (session) => ({
      session,
      ...rangeFrom(value),
      pixels: pixelsFrom(value['pixels']),
      kind: wordOf(AREA_KINDS, value['kind']) ?? 'memory',
    })),
  output: (value) =>
    withSession(value, (session) => ({
      session,
      from: offsetFrom(value['from']),
      to: offsetFrom(value['to']),
      atMs: numberOf(value['atMs']),
    })),
  findOutput: (value) =>
    withSession(value, (session) => ({
      session,
      text: (stringOf(value['text']) ?? '').slice(0, 200),
      from: offsetFrom(value['from']) ?? 0,
      isBackward: value['isBackward'] === true,
    })),
  moment: (value) =>
    withSession(value, (session) => ({
      session,
      seq: integerOf(value['seq']),
      atMs: numberOf(value['atMs']),
      pick: wordOf(MOMENT_PICKS, value['pick']) ?? 'nearest',
    })),
  rows: (value) =>
    withSession(value, (session) => ({
      session,
      ...rangeFrom(value),
      limit: Math.min(countFrom(value['limit'], 100), 1000),
    })),
  actions: (value) => withSession(value, (session) => ({ session })),
  compare: (value) => {
    const [a, b] = [sessionRefFrom(value['a']), sessionRefFrom(value['b'])];
    return a === undefined || b === undefined ? undefined : { a, b, pixels: pixelsFrom(value['pixels']) };
  },
  incident: (value) => {
    const incident = incidentRefFrom(value['incident']);
    return incident === undefined ? undefined : { incident, pixels: pixelsFrom(value['pixels']) };
  },
};

function withSession<P>(value: JsonRecord, build: (session: SessionRef) => P): P | undefined {
  const session = sessionRefFrom(value['session']);
  return session === undefined ? undefined : build(session);
}

/** About a session or about none; one that is named and cannot be one makes the whole message none. */
function withNamed<M>(value: JsonRecord, build: (session: SessionRef | undefined) => M): M | undefined {
  const session = sessionRefFrom(value['session']);
  if (session === undefined) return value['session'] === undefined ? build(undefined) : undefined;
  return isSessionRef(session) ? build(session) : undefined;
}

function rangeFrom(value: JsonRecord): { readonly fromMs: number | undefined; readonly toMs: number | undefined } {
  return { fromMs: numberOf(value['fromMs']), toMs: numberOf(value['toMs']) };
}

function countFrom(value: unknown, otherwise: number): number {
  const count = integerOf(value);
  return count === undefined || count < 0 ? otherwise : count;
}

function offsetFrom(value: unknown): number | undefined {
  const offset = integerOf(value);
  return offset === undefined || offset < -1 ? undefined : offset;
}

function pixelsFrom(value: unknown): number {
  return Math.max(16, Math.min(countFrom(value, 1000), 8000));
}

export function incidentRefFrom(value: unknown): IncidentRef | undefined {
  if (!isRecord(value)) return undefined;
  const root = rootFrom(value['root']);
  const id = stringOf(value['id']);
  return root === undefined || id === undefined || !isIncidentId(id) ? undefined : { root, id };
}
