import { commands, Disposable, Uri, type LogOutputChannel } from 'vscode';
import { isTraceName } from '../core/devboyTrace.ts';
import { incidentRefFrom, type PanelAction } from '../core/panelProtocol.ts';
import type { SessionFilter } from '../core/serverProtocol.ts';
import type { SessionRef, SessionRow } from '../core/sessionView.ts';
import { attachSession } from './attachSession.ts';
import type { Backend } from './backend.ts';
import { cleanUpLeftovers } from './cleanUpLeftovers.ts';
import { exportReport } from './exportReport.ts';
import { disabled, showProblem } from './messages.ts';
import type { SessionPanel } from './panel.ts';
import { pickSession, pickSessions, sessionArgument, sessionArguments } from './pickSession.ts';
import type { RecorderCli } from './recorderCli.ts';
import { runSession } from './runSession.ts';
import { analyzeLog, linkTranscript, openLogFolder, showOverSessions, stopSession } from './sessionCommands.ts';
import type { SessionsView } from './sessionsView.ts';
import { setting } from './settings.ts';

export interface CommandParts {
  readonly backend: Backend;
  readonly cli: RecorderCli;
  readonly log: LogOutputChannel;
  readonly panel: SessionPanel;
  readonly view: SessionsView;
}

export interface Commands extends Disposable {
  /** A button of the panel: the same as the command of that name. */
  readonly act: (action: PanelAction, session: SessionRef | undefined) => void;
}

const PREFIX = 'sessionDiagnostics.';

export function registerCommands({ backend, cli, log, panel, view }: CommandParts): Commands {
  /** The session meant: the argument, else what is looked at, else the person is asked. */
  const chosen = async (value: unknown, title: string, filter?: SessionFilter): Promise<SessionRef | undefined> => {
    const session = sessionArgument(value) ?? view.selected()?.ref ?? panel.selected();
    return session ?? (await pickSession(backend, title, { filter }));
  };
  const shown = (session: SessionRef | undefined): void => {
    if (session !== undefined) panel.show(session);
  };
  const openSettings = async (): Promise<void> => {
    await commands.executeCommand('workbench.action.openSettings', '@ext:session-diagnostics.session-diagnostics');
  };

  const handlers: Readonly<Record<string, (first: unknown, second: unknown) => unknown>> = {
    openPanel: (session) => panel.show(sessionArgument(session)),
    runSession: async () => shown(await runSession(cli, backend)),
    attach: async () => shown(await attachSession(cli, backend)),
    stopSession: async (value) => {
      // What is selected may have ended: only a running session can be meant.
      const session =
        sessionArgument(value) ??
        (await pickSession(backend, 'Stop Session', { filter: 'running', isWanted: hasProcess }));
      if (session !== undefined) await stopSession(cli, session);
    },
    exportReport: async (value, all) => {
      // From the palette one chooses, the failed ones first; elsewhere it is clear which sessions are meant.
      const meant = sessionArguments(value, all);
      const sessions =
        meant.length > 0
          ? meant
          : await pickSessions(backend, 'Export Privacy-First Bug Report', { isFirst: isFailed });
      if (sessions.length > 0) await exportReport(cli, sessions);
    },
    analyzeLog: (file) => analyzeLog(cli, file instanceof Uri ? file : undefined),
    showOnTimeline: async (value, seq) => {
      const session = await chosen(value, 'Show on Timeline');
      if (session !== undefined) panel.show(session, typeof seq === 'number' ? seq : undefined);
    },
    showIncident: (value) => {
      const incident = incidentRefFrom(value);
      if (incident !== undefined) panel.showIncident(incident);
    },
    openLogFolder: (value) => openLogFolder(backend, sessionArgument(value)),
    cleanUpLeftovers: async (value) => {
      const session = await chosen(value, 'Clean Up Leftovers');
      if (session !== undefined) await cleanUpLeftovers(cli, backend, session);
    },
    linkTranscript: async (value) => {
      const session = sessionArgument(value) ?? (await pickSession(backend, 'Link Agent Log', { isFirst: isFailed }));
      if (session !== undefined) await linkTranscript(cli, session);
    },
    showTrend: () => showOverSessions(cli, backend, 'trend'),
    showPatterns: () => showOverSessions(cli, backend, 'patterns'),
    filterSessions: () => view.chooseFilter(),
    clearSessionFilter: () => view.clearFilter(),
    refreshSessions: () => view.refresh(),
    showMoreSessions: () => view.showMore(),
    restartServer: () => backend.restart(),
  };
  const registered = Object.entries(handlers).map(([name, handler]) =>
    commands.registerCommand(PREFIX + name, (first: unknown, second: unknown) =>
      setting('enabled') ? handler(first, second) : showProblem(disabled),
    ),
  );
  // These two are how one gets out of trouble, so they work when everything else is switched off.
  registered.push(commands.registerCommand(`${PREFIX}openSettings`, openSettings));
  registered.push(commands.registerCommand(`${PREFIX}showLog`, () => log.show()));

  return {
    act: (action, session) => void commands.executeCommand(PREFIX + ACTION_COMMANDS[action], session),
    dispose: () => Disposable.from(...registered).dispose(),
  };
}

/** A trace is written by a process that is not ours to know. */
function hasProcess({ ref }: SessionRow): boolean {
  return !isTraceName(ref.id);
}

function isFailed({ isRunning, outcome }: SessionRow): boolean {
  return !isRunning && outcome !== 'succeeded' && outcome !== 'stopped';
}

const ACTION_COMMANDS: { readonly [A in PanelAction]: string } = {
  run: 'runSession',
  attach: 'attach',
  stop: 'stopSession',
  exportReport: 'exportReport',
  openLogFolder: 'openLogFolder',
  cleanUpLeftovers: 'cleanUpLeftovers',
  linkTranscript: 'linkTranscript',
  openSettings: 'openSettings',
  restartServer: 'restartServer',
};
