import { Disposable, EventEmitter, workspace, type Event, type LogOutputChannel } from 'vscode';
import { pathToFileURL } from 'node:url';
import type { ServerState } from '../core/panel/panelProtocol.ts';
import type {
  Alert,
  Queries,
  QueryName,
  QueryReply,
  SessionChanged,
  SessionsChanged,
} from '../core/panel/serverProtocol.ts';
import type { SessionRef } from '../core/panel/sessionView.ts';
import type * as BackendParts from './backendParts.ts';
import type { FileChange } from './fileChange.ts';
import type { RootWatcher } from './rootWatcher.ts';
import type { ServerLink } from './serverLink.ts';
import { explicitSetting, setting } from './settings.ts';
import { SECTION } from './settingsTable.ts';

/** Server and watcher together. They start when something first needs them, and never at activation. */
export interface Backend extends Disposable {
  readonly query: <N extends QueryName>(name: N, params: Queries[N]['params']) => Promise<QueryReply<N>>;
  /** The log roots, the one that new sessions go to first; empty when the server cannot be started. */
  readonly roots: () => Promise<readonly string[]>;
  /** One root more, for as long as this window lives. */
  readonly addRoot: (root: string) => Promise<void>;
  /** The sessions that a visible panel shows. */
  readonly watch: (sessions: readonly SessionRef[]) => void;
  readonly start: () => void;
  /** In place of a server that has stopped. */
  readonly restart: () => Promise<void>;
  readonly state: () => ServerState;
  readonly onState: Event<ServerState>;
  /** Whether a session that somebody else named is one of this window's. */
  readonly isOwn: (session: Pick<SessionRef, 'root'>) => boolean;
  readonly onSessionsChanged: Event<SessionsChanged | undefined>;
  readonly onSessionChanged: Event<SessionChanged>;
  readonly onAlert: Event<Alert>;
  readonly stop: () => Promise<void>;
}

interface Running {
  readonly server: ServerLink;
  readonly watcher: RootWatcher;
  roots: readonly string[];
}

/** LSP's FileChangeType. */
const CHANGE_TYPE = { created: 1, changed: 2, deleted: 3 } as const;

export interface BackendOptions {
  readonly serverPath: string;
  readonly log: LogOutputChannel;
  readonly onProblem: (why: string) => void;
  readonly onRoots: (roots: readonly string[]) => void;
}

export function createBackend({ serverPath, log, onProblem, onRoots }: BackendOptions): Backend {
  const sessionsChanged = new EventEmitter<SessionsChanged | undefined>();
  const sessionChanged = new EventEmitter<SessionChanged>();
  const alert = new EventEmitter<Alert>();
  const stateChanged = new EventEmitter<ServerState>();
  let running: Promise<Running | undefined> | undefined;
  let watched: readonly SessionRef[] = [];
  const added: string[] = [];
  let knownRoots: readonly string[] = [];
  let isDown = false;

  const state = (): ServerState => (!setting('enabled') ? 'off' : isDown ? 'down' : 'up');
  const setDown = (next: boolean): void => {
    if (next === isDown) return;
    isDown = next;
    stateChanged.fire(state());
  };
  const keepRoots = (roots: readonly string[]): void => {
    knownRoots = roots;
    onRoots(roots);
  };
  const launch = async (): Promise<Running | undefined> => {
    try {
      // VS Code loads CommonJS by `require`; the build leaves this path alone.
      const { startServer, createRootWatcher } = require('./backendParts.cjs') as typeof BackendParts;
      const server = await startServer(serverPath, log);
      const watcher = createRootWatcher(
        (changes) => server.filesChanged(changes.map(fileEvent)),
        (message) => log.warn(message),
      );
      server.on('sessionDiagnostics/sessionsChanged', (params) => sessionsChanged.fire(params));
      server.on('sessionDiagnostics/sessionChanged', (params) => sessionChanged.fire(params));
      server.on('sessionDiagnostics/alert', (params) => alert.fire(params));
      server.onRestarted(() => {
        setDown(false);
        sessionsChanged.fire(undefined);
      });
      server.onDown(() => {
        setDown(true);
        onProblem('The language server has stopped several times in a row.');
      });
      const parts: Running = { server, watcher, roots: [] };
      await applyRoots(parts, added);
      keepRoots(parts.roots);
      applyWatched(parts, watched);
      setDown(false);
      return parts;
    } catch (error) {
      log.error(String(error));
      setDown(true);
      onProblem('The language server could not be started.');
      return undefined;
    }
  };
  /** None while it is switched off: nothing that is still open from before starts it. */
  const parts = (): Promise<Running | undefined> =>
    setting('enabled') ? (running ??= launch()) : Promise.resolve(undefined);
  const stop = async (): Promise<void> => {
    const current = running;
    running = undefined;
    const ended = await current;
    await ended?.watcher.dispose();
    // What does not end in time is not waited for: the next one is a process of its own.
    await ended?.server.stop().catch((error: unknown) => log.error(String(error)));
    ended?.server.dispose();
  };

  const reconfigure = async (): Promise<void> => {
    const current = await running;
    if (current === undefined) return;
    await applyRoots(current, added).catch((error: unknown) => log.error(String(error)));
    keepRoots(current.roots);
    sessionsChanged.fire(undefined);
  };
  const listeners = [
    workspace.onDidChangeConfiguration((event) => {
      const isOurs = ['logDirectory', 'additionalLogDirectories', 'stallMinutes'].some((name) =>
        event.affectsConfiguration(`${SECTION}.${name}`),
      );
      if (isOurs) void reconfigure();
      if (!event.affectsConfiguration(`${SECTION}.enabled`)) return;
      if (!setting('enabled')) void stop();
      isDown = false;
      stateChanged.fire(state());
    }),
    workspace.onDidGrantWorkspaceTrust(() => void reconfigure()),
    workspace.onDidChangeWorkspaceFolders(() => void reconfigure()),
  ];

  return {
    start: () => void parts(),
    restart: async () => {
      await stop();
      await parts();
      sessionsChanged.fire(undefined);
    },
    state,
    onState: stateChanged.event,
    isOwn: ({ root }) => knownRoots.includes(root),
    query: async (name, params) => {
      const current = await parts();
      if (current !== undefined && !isDown) return await current.server.query(name, params);
      return { ok: false, failure: { kind: 'server_unavailable', detail: undefined } };
    },
    roots: async () => (await parts())?.roots ?? [],
    addRoot: async (root) => {
      added.push(root);
      await parts();
      await reconfigure();
    },
    watch: (sessions) => {
      watched = sessions;
      void running?.then((current) => (current === undefined ? undefined : applyWatched(current, sessions)));
    },
    onSessionsChanged: sessionsChanged.event,
    onSessionChanged: sessionChanged.event,
    onAlert: alert.event,
    stop,
    dispose: () => Disposable.from(...listeners, sessionsChanged, sessionChanged, alert, stateChanged).dispose(),
  };
}

async function applyRoots(parts: Running, added: readonly string[]): Promise<void> {
  const logDirectory = explicitSetting('logDirectory');
  const folders = workspace.isTrusted ? (workspace.workspaceFolders ?? []) : [];
  parts.roots = await parts.server.resolveRoots({
    logDirectory: logDirectory === '' ? undefined : logDirectory,
    additionalLogDirectories: [...setting('additionalLogDirectories'), ...added],
    workspaceFolders: folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath),
  });
  parts.server.setRoots({ roots: parts.roots, stallMinutes: setting('stallMinutes') });
  parts.watcher.setRoots(parts.roots);
}

function applyWatched({ server, watcher }: Running, sessions: readonly SessionRef[]): void {
  server.setWatched({ sessions });
  watcher.setSessions(sessions);
}

function fileEvent({ path, kind }: FileChange): { uri: string; type: 1 | 2 | 3 } {
  return { uri: pathToFileURL(path).href, type: CHANGE_TYPE[kind] };
}
