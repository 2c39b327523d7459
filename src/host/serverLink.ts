import { Disposable, env, EventEmitter, workspace, type LogOutputChannel } from 'vscode';
import {
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  MessageType,
  ShowMessageNotification,
  State,
  TransportKind,
  type FileEvent,
} from 'vscode-languageclient/node';
import { arrayOf, isRecord, stringOf } from '../core/words/json.ts';
import { LARGE_FILES_METHOD } from '../core/panel/largestFile.ts';
import {
  queryMethod,
  RESOLVE_ROOTS_METHOD,
  TELL_HANDLE_COMMAND,
  type HostNotifications,
  type LogPlaces,
  type Queries,
  type QueryName,
  type QueryReply,
  type RootsParams,
  type ServerNotifications,
  type WatchParams,
} from '../core/panel/serverProtocol.ts';
import { watchLargeFiles } from './largeFiles.ts';
import { LOG_FILES, logFileSettings } from './logFiles.ts';
import { childEnvironment } from './recorderCli.ts';
import { createCrashes, QuietClient } from './serverCrashes.ts';
import { SECTION } from './settingsTable.ts';
import { notify, tell, type Tone } from './surfaces.ts';

const TONES: { readonly [T in MessageType]: Tone } = {
  [MessageType.Error]: 'error',
  [MessageType.Warning]: 'warning',
  [MessageType.Info]: 'info',
  [MessageType.Log]: 'info',
  [MessageType.Debug]: 'info',
};

/** The language server as the host sees it: typed queries and notifications, started anew when it crashes. */
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
  /** It has stopped, and does not come back by itself. */
  readonly onDown: (listener: () => void) => Disposable;
  readonly stop: () => Promise<void>;
}

export async function startServer(modulePath: string, log: LogOutputChannel): Promise<ServerLink> {
  let roots: RootsParams = { roots: [] };
  let watched: WatchParams = { sessions: [] };
  const restarted = new EventEmitter<void>();
  const down = new EventEmitter<void>();
  const crashes = createCrashes(log, () => down.fire());
  const fork = { module: modulePath, transport: TransportKind.ipc, options: { env: childEnvironment(process.env) } };
  const client = new QuietClient(
    'sessionDiagnostics',
    'Session Diagnostics',
    { run: fork, debug: fork },
    {
      documentSelector: LOG_FILES,
      initializationOptions: () => ({ ...roots, ...logFileSettings(), hasHost: true }),
      outputChannel: log,
      errorHandler: crashes.handler,
      // Whoever starts it tells that it could not be started.
      initializationFailedHandler: () => false,
      middleware: {
        executeCommand: async (command, args, next) => {
          const result: unknown = await next(command, args);
          if (command === TELL_HANDLE_COMMAND && typeof result === 'string') await copyHandle(result);
          return result;
        },
      },
    },
  );

  const send = <M extends keyof HostNotifications>(method: M, params: HostNotifications[M]): void => {
    // While it restarts there is nobody to tell: the restart hands over the whole state.
    if (client.state !== State.Running) return;
    client.sendNotification(method, params).catch((error: unknown) => log.error(String(error)));
  };
  // The library would show these as they are.
  client.onNotification(ShowMessageNotification.type, ({ type, message }) => void notify(TONES[type], message));
  await client.start();
  crashes.started();
  const large = watchLargeFiles((uris) => {
    if (client.state !== State.Running) return;
    client.sendNotification(LARGE_FILES_METHOD, { uris }).catch((error: unknown) => log.error(String(error)));
  });
  // Registered after the first start: from now on "running" means "running again".
  const states = client.onDidChangeState(({ newState }) => {
    if (newState === State.StartFailed) down.fire();
    if (newState !== State.Running) return;
    send('sessionDiagnostics/roots', roots);
    send('sessionDiagnostics/watch', watched);
    large.tell();
    restarted.fire();
  });

  const settings = workspace.onDidChangeConfiguration((event) => {
    if (!event.affectsConfiguration(SECTION) || client.state !== State.Running) return;
    const sent = client.sendNotification(DidChangeConfigurationNotification.type, { settings: logFileSettings() });
    sent.catch((error: unknown) => log.error(String(error)));
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
      send('sessionDiagnostics/roots', params);
    },
    setWatched: (params) => {
      watched = params;
      send('sessionDiagnostics/watch', params);
    },
    filesChanged: (changes) => {
      if (client.state !== State.Running) return;
      const sent = client.sendNotification(DidChangeWatchedFilesNotification.type, { changes });
      sent.catch((error: unknown) => log.error(String(error)));
    },
    on: (method, listener) => void client.onNotification(method, listener),
    onRestarted: restarted.event,
    onDown: down.event,
    stop: async () => {
      // One that has stopped already has nothing to say to this.
      if (client.state === State.Running || client.state === State.Starting) await client.stop();
    },
    dispose: () => Disposable.from(states, settings, large, restarted, down).dispose(),
  };
}

/** Only the one who copies it can locate it: it tells nobody else anything. */
async function copyHandle(handle: string): Promise<void> {
  await env.clipboard.writeText(handle);
  tell(`${handle} is on the clipboard. On this machine it leads back to the line.`);
}
