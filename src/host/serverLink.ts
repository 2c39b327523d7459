import { Disposable, EventEmitter, type LogOutputChannel } from 'vscode';
import {
  DidChangeWatchedFilesNotification,
  LanguageClient,
  State,
  TransportKind,
  type FileEvent,
} from 'vscode-languageclient/node';
import { arrayOf, isRecord, stringOf } from '../core/json.ts';
import {
  queryMethod,
  RESOLVE_ROOTS_METHOD,
  type HostNotifications,
  type LogPlaces,
  type Queries,
  type QueryName,
  type QueryReply,
  type RootsParams,
  type ServerNotifications,
  type WatchParams,
} from '../core/serverProtocol.ts';
import { childEnvironment } from './recorderCli.ts';

/** The language server as the host sees it: typed queries and notifications, restarted by the client when it crashes. */
export interface ServerLink extends Disposable {
  readonly query: <N extends QueryName>(name: N, params: Queries[N]['params']) => Promise<QueryReply<N>>;
  readonly resolveRoots: (places: LogPlaces) => Promise<readonly string[]>;
  readonly setRoots: (roots: RootsParams) => void;
  readonly setWatched: (sessions: WatchParams) => void;
  readonly filesChanged: (changes: FileEvent[]) => void;
  readonly on: <M extends keyof ServerNotifications>(
    method: M,
    listener: (params: ServerNotifications[M]) => void,
  ) => void;
  /** After a crash: everything it knew is gone, so everything is to be asked again. */
  readonly onRestarted: (listener: () => void) => Disposable;
  readonly stop: () => Promise<void>;
}

/** Files whose lines the server can explain: CONTRIBUTING.md's list of the session's own files. */
const LOG_FILES = '**/{proc_trace,anomalies,tree,lifecycle,sessions}.jsonl';

export async function startServer(modulePath: string, log: LogOutputChannel): Promise<ServerLink> {
  let roots: RootsParams = { roots: [] };
  let watched: WatchParams = { sessions: [] };
  const restarted = new EventEmitter<void>();
  const fork = { module: modulePath, transport: TransportKind.ipc, options: { env: childEnvironment(process.env) } };
  const client = new LanguageClient(
    'sessionDiagnostics',
    'Session Diagnostics',
    { run: fork, debug: fork },
    {
      documentSelector: [{ scheme: 'file', pattern: LOG_FILES }],
      initializationOptions: () => roots,
      outputChannel: log,
    },
  );

  const notify = <M extends keyof HostNotifications>(method: M, params: HostNotifications[M]): void => {
    // While it restarts there is nobody to tell: the restart hands over the whole state.
    if (client.state !== State.Running) return;
    client.sendNotification(method, params).catch((error: unknown) => log.error(String(error)));
  };
  await client.start();
  // Registered after the first start: from now on "running" means "running again".
  const states = client.onDidChangeState(({ newState }) => {
    if (newState !== State.Running) return;
    notify('sessionDiagnostics/roots', roots);
    notify('sessionDiagnostics/watch', watched);
    restarted.fire();
  });

  return {
    query: async (name, params) => {
      try {
        return await client.sendRequest(queryMethod(name), params);
      } catch (error) {
        log.error(`${queryMethod(name)}: ${String(error)}`);
        return { ok: false, failure: { kind: 'server_unavailable', detail: undefined } };
      }
    },
    resolveRoots: async (places) => {
      const reply: unknown = await client.sendRequest(RESOLVE_ROOTS_METHOD, places);
      return arrayOf(isRecord(reply) ? reply['roots'] : undefined).flatMap((root) => stringOf(root) ?? []);
    },
    setRoots: (params) => {
      roots = params;
      notify('sessionDiagnostics/roots', params);
    },
    setWatched: (params) => {
      watched = params;
      notify('sessionDiagnostics/watch', params);
    },
    filesChanged: (changes) => {
      if (client.state !== State.Running) return;
      const sent = client.sendNotification(DidChangeWatchedFilesNotification.type, { changes });
      sent.catch((error: unknown) => log.error(String(error)));
    },
    on: (method, listener) => void client.onNotification(method, listener),
    onRestarted: restarted.event,
    stop: () => client.stop(),
    dispose: () => Disposable.from(states, restarted).dispose(),
  };
}
