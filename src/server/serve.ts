import { fileURLToPath } from 'node:url';
import type { Connection } from 'vscode-languageserver/node';
import {
  QUERY_NAMES,
  queryMethod,
  RESOLVE_ROOTS_METHOD,
  type HostNotifications,
  type QueryReply,
} from '../core/panel/serverProtocol.ts';
import { recordOf } from '../core/words/json.ts';
import { agentLogsFrom } from '../core/panel/agentLogsSetting.ts';
import { answerQuery } from './panel/answerQuery.ts';
import { ChangeReporter } from './panel/changeReporter.ts';
import { rootsFrom, sessionsFrom, stallMinutesFrom } from './hostParameters.ts';
import { serveLanguage, type LanguageServing } from './language/serveLanguage.ts';
import { logPlacesFrom, resolveRoots } from './resolveRoots.ts';
import { STALL_LOOK_MS } from './panel/stallNews.ts';
import { SessionCatalog } from './panel/sessionCatalog.ts';
import { SessionReaders } from './panel/sessionReaders.ts';

/** chokidar drops a change of a file that follows another within 50 ms: the last line of a burst is looked for again. */
const LATE_LOOK_MS = 100;

/** Connects everything to one client; `roots` are for one that names none itself. */
export function serve(connection: Connection, roots: readonly string[]): void {
  const catalog = new SessionCatalog(() => reporter.unrecordedChanged());
  const readers = new SessionReaders(catalog);
  const reporter: ChangeReporter = new ChangeReporter(catalog, readers, (method, params) => {
    void connection.sendNotification(method, params);
  });
  const setRoots = (params: unknown) => {
    catalog.setRoots(rootsFrom(params));
    readers.clear();
    reporter.reset();
    reporter.stallMinutes = stallMinutesFrom(params);
  };
  const fromHost: { readonly [M in keyof HostNotifications]: (params: unknown) => void } = {
    'sessionDiagnostics/roots': setRoots,
    'sessionDiagnostics/watch': (params) => reporter.watch(sessionsFrom(params)),
  };
  let firstRoots: unknown;
  let language: LanguageServing | undefined;
  connection.onInitialize(({ initializationOptions }) => {
    firstRoots = recordOf(initializationOptions)?.['roots'] === undefined ? { roots } : initializationOptions;
    catalog.setAgentLogs(agentLogsFrom(initializationOptions));
    language = serveLanguage(connection, {
      catalog,
      options: initializationOptions,
      onSettings: (settings) => catalog.setAgentLogs(agentLogsFrom(settings)),
    });
    return { capabilities: language.capabilities };
  });
  connection.onInitialized(() => setRoots(firstRoots));
  for (const [method, handler] of Object.entries(fromHost)) connection.onNotification(method, handler);
  connection.onRequest(RESOLVE_ROOTS_METHOD, (params: unknown) => resolveRoots(logPlacesFrom(params)));
  for (const name of QUERY_NAMES) {
    connection.onRequest<QueryReply, unknown>(queryMethod(name), (params: unknown) =>
      answerQuery({ catalog, readers }, name, params),
    );
  }
  let lateLook: NodeJS.Timeout | undefined;
  connection.onDidChangeWatchedFiles(({ changes }) => {
    const paths = changes.flatMap(({ uri }) => (uri.startsWith('file:') ? fileURLToPath(uri) : []));
    reporter.filesChanged(paths);
    language?.filesChanged(paths);
    clearTimeout(lateLook);
    lateLook = setTimeout(() => reporter.filesChanged([]), LATE_LOOK_MS);
  });
  setInterval(() => reporter.lookForStalls(), STALL_LOOK_MS).unref();
  connection.listen();
}
