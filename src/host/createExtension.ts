import { Disposable, Uri, window, type ExtensionContext } from 'vscode';
import { homedir } from 'node:os';
import { arrayOf } from '../core/words/json.ts';
import type { SessionRef } from '../core/panel/sessionView.ts';
import { standardLogRoot } from '../core/session/standardLogRoot.ts';
import { registerAgentTools } from './agentTools.ts';
import { createAlerts } from './views/alerts.ts';
import { createBackend } from './backend.ts';
import { registerCommands } from './commands/commands.ts';
import { serverFailed, showProblem } from './messages.ts';
import { startOnLargeFile } from './largeFiles.ts';
import { startOnLogFile } from './logFiles.ts';
import { createMetricsServer } from './metricsKeeper.ts';
import { registerLinks } from './deepLinks.ts';
import { createSessionPanel } from './views/panelTab.ts';
import { createRecorderCli } from './recorderCli.ts';
import { createPageTeller } from './pages/pageTeller.ts';
import { createOpener } from './opener.ts';
import { registerSessionTasks } from './commands/sessionTasks.ts';
import { createSessionsView } from './views/sessionsView.ts';
import { setting } from './settings.ts';
import { createStatusBar } from './views/statusBar.ts';
import { provideTerminalCommand } from './terminal/terminalCommand.ts';
import { wakeOnRunning } from './wakeOnRunning.ts';
import { keepWatch } from './watch/keepWatch.ts';
import { offerWatch } from './watch/offerWatch.ts';

export interface Extension extends Disposable {
  readonly stop: () => Promise<void>;
}

/** The log roots that this workspace had the last time. */
const ROOTS_KEY = 'roots';

/** Builds the parts and connects them. Nothing here reads a disk or starts a process. */
export function createExtension(context: ExtensionContext): Extension {
  const startedMs = performance.now();
  const log = window.createOutputChannel('Session Diagnostics', { log: true });
  const path = (...names: string[]) => Uri.joinPath(context.extensionUri, ...names).fsPath;
  const cli = createRecorderCli(path('dist', 'cli.js'), homedir(), (line) => log.info(line));
  const backend = createBackend({
    serverPath: path('dist', 'server.cjs'),
    log,
    onProblem: (why) => showProblem(serverFailed(why)),
    onRoots: (roots) => void context.workspaceState.update(ROOTS_KEY, roots),
  });
  const view = createSessionsView(backend, () => Date.now());
  const teller = createPageTeller({ cli, backend, kept: context.workspaceState });
  const panel = createSessionPanel(context, backend, {
    teller,
    onAction: (action, session, atMs) => commands.act(action, session, atMs),
    onDropped: (uris) => void opener.openDropped(uris),
    onDroppedFile: (name, bytes) => void opener.openBytes(name, bytes),
    onOpenHandle: (session, handle) => void commands.openHandle(session, handle),
  });
  view.onVisible(panel.setSessionsView);
  const terminalCommand = provideTerminalCommand(context, (line) => log.warn(line));
  const opener = createOpener({ cli, backend, panel, storage: context.globalStorageUri.fsPath });
  const commands = registerCommands({ backend, cli, log, panel, view, terminalCommand, opener, media: path('media') });
  const watch = keepWatch({ cliPath: cli.path, home: homedir(), log: (line) => log.info(line) });
  view.onListed((rows) => offerWatch(context.globalState, rows));
  const show = (session: SessionRef, seq: number | undefined): void => panel.show(session, seq);
  const parts = Disposable.from(
    log,
    backend,
    view,
    panel,
    commands,
    terminalCommand,
    createStatusBar(backend, watch),
    watch,
    opener,
    createAlerts(backend, {
      show,
      showIncident: panel.showIncident,
      exportReport: (session) => panel.showPage({ kind: 'report', sessions: [session], isDetailed: false, note: '' }),
    }),
    registerLinks(backend, panel),
    registerSessionTasks(cli),
    registerAgentTools(cli, backend, extensionVersion(context)),
    createMetricsServer({ cliPath: cli.path, home: homedir(), log: (line) => log.info(line) }),
    startOnLogFile(backend.start),
    startOnLargeFile(backend.start),
    wakeOnRunning(() => (setting('enabled') ? likelyRoots(context) : []), backend.start),
  );
  // Of a demo: nobody has to look for the panel first.
  if (process.env['SESSION_DIAGNOSTICS_OPEN_PANEL'] === '1') panel.show(undefined);
  log.info(`Activated in ${(performance.now() - startedMs).toFixed(1)} ms`);
  return { stop: backend.stop, dispose: () => parts.dispose() };
}

function extensionVersion({ extension }: ExtensionContext): string {
  const { version } = extension.packageJSON as { readonly version: string }; // our own package.json
  return version;
}

/** Where a running session is looked for before there is a server that knows. */
function likelyRoots(context: ExtensionContext): readonly string[] {
  const known = arrayOf(context.workspaceState.get(ROOTS_KEY)).filter((root) => typeof root === 'string');
  if (known.length > 0) return known;
  return [
    setting('logDirectory') || standardLogRoot({ platform: process.platform, env: process.env, home: homedir() }),
  ];
}
