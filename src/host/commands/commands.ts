import { commands, Disposable, Uri, type LogOutputChannel } from 'vscode';
import { homedir } from 'node:os';
import { commandId, type CommandName } from '../../core/words/commandNames.ts';
import { isTraceName } from '../../core/session/devboyTrace.ts';
import { incidentRefFrom, type PanelAction } from '../../core/panel/panelProtocol.ts';
import { isSessionRef } from '../../core/panel/sessionRefs.ts';
import type { QueryFailure } from '../../core/panel/serverProtocol.ts';
import type { SessionRef, SessionRow } from '../../core/panel/sessionView.ts';
import { askAnAgent } from '../agentTools.ts';
import { attachSession } from './attachSession.ts';
import type { Backend } from '../backend.ts';
import { sessionsToCompare } from './compareSessions.ts';
import { cleanUpLeftovers } from './cleanUpLeftovers.ts';
import { pickDead } from './findOutWhy.ts';
import { disabled, queryFailed, showProblem } from '../messages.ts';
import type { SessionPanel } from '../views/panelTab.ts';
import { pickSession, pickSessions, sessionArgument, sessionArguments } from './pickSession.ts';
import type { RecorderCli } from '../recorderCli.ts';
import { installCommand } from '../terminal/installCommand.ts';
import type { TerminalCommand } from '../terminal/terminalCommand.ts';
import type { Opener } from '../opener.ts';
import { openSchema } from './openSchema.ts';
import { runSession } from './runSession.ts';
import { analyzeLog, linkTranscript, openHandle, openLogFolder, stopSession } from './sessionCommands.ts';
import { watchAgents } from '../watch/offerWatch.ts';
import { isStopMeant, sessionActions } from './sessionActions.ts';
import type { SessionsView } from '../views/sessionsView.ts';
import { setting } from '../settings.ts';

export interface CommandParts {
  readonly backend: Backend;
  readonly cli: RecorderCli;
  readonly log: LogOutputChannel;
  readonly panel: SessionPanel;
  readonly view: SessionsView;
  readonly terminalCommand: TerminalCommand;
  readonly opener: Opener;
  /** The folder of what the package brings along for other programs. */
  readonly media: string;
}

export interface Commands extends Disposable {
  /** A button of the panel: the same as the command of that name. */
  readonly act: (action: PanelAction, session: SessionRef | undefined, atMs?: number) => void;
  /** Shows the line behind a handle. */
  readonly openHandle: (session: SessionRef, handle: string) => Promise<void>;
}

/** All but the two that are how one gets out of trouble: they work when everything else is switched off. */
type SwitchedCommand = Exclude<CommandName, 'openSettings' | 'showLog'>;

export function registerCommands(parts: CommandParts): Commands {
  const { backend, cli, log, panel, view, terminalCommand, opener, media } = parts;
  /** Of what others name (the panel's page, a key binding, another extension) only what this window has. */
  const own = async (sessions: readonly SessionRef[]): Promise<readonly SessionRef[] | undefined> => {
    for (const session of sessions) {
      const failure = await whyNotOwn(backend, session);
      if (failure === undefined) continue;
      showProblem(queryFailed('Nothing was done.', failure));
      return undefined;
    }
    return sessions;
  };
  /** Runs with the session of the argument, or the one that is found without it. */
  const withSession = async (
    value: unknown,
    find: () => Promise<SessionRef | undefined> | SessionRef | undefined,
    act: (session: SessionRef) => Promise<void> | void,
  ): Promise<void> => {
    const named = sessionArgument(value);
    const session = named === undefined ? await find() : (await own([named]))?.[0];
    if (session !== undefined) await act(session);
  };
  /** What is looked at, else the person is asked. */
  const looked = (title: string) => async () =>
    view.selected()?.ref ?? panel.selected() ?? (await pickSession(backend, title));
  const shown = (session: SessionRef | undefined): void => {
    if (session !== undefined) panel.show(session);
  };
  const actions = sessionActions({ backend, cli, panel });
  const openSettings = async (): Promise<void> => {
    await commands.executeCommand('workbench.action.openSettings', '@ext:session-diagnostics.session-diagnostics');
  };

  const handlers: Readonly<Record<SwitchedCommand, (first: unknown, second: unknown) => unknown>> = {
    openPanel: (value) =>
      sessionArgument(value) === undefined ? panel.show(undefined) : withSession(value, () => undefined, shown),
    runSession: async () => {
      const started = await runSession(cli, backend);
      if (started !== undefined) panel.showOutput(started);
    },
    openOutput: (value) => withSession(value, looked('Open Output'), (session) => panel.showOutput(session)),
    watchAgents,
    attach: async () => shown(await attachSession(cli, backend)),
    stopSession: (value) => {
      // What is selected may have ended: only a running session can be meant.
      const find = () => pickSession(backend, 'Stop Session', { filter: 'running', isWanted: hasProcess });
      return withSession(value, find, async (session) => {
        if (await isStopMeant(backend, session)) await stopSession(cli, session);
      });
    },
    exportReport: async (value, all) => {
      // From the palette one chooses, the failed ones first; elsewhere it is clear which sessions are meant.
      const meant = sessionArguments(value, all);
      const find = () => pickSessions(backend, 'Export Privacy-First Bug Report', { isFirst: isFailed });
      const sessions = (meant.length === 0 ? await find() : await own(meant)) ?? [];
      if (sessions.length > 0) panel.showPage({ kind: 'report', sessions, isDetailed: false, note: '' });
    },
    askAgent: (value) => {
      const find = () => pickSession(backend, 'Ask an Agent About This', { isFirst: isFailed });
      return withSession(value, find, (session) => askAnAgent(cli, session));
    },
    analyzeLog: (file) => analyzeLog(panel, file instanceof Uri ? file : undefined),
    findOutWhy: (value) =>
      withSession(
        value,
        () => pickDead(backend),
        (session) => panel.showPage({ kind: 'why', session }),
      ),
    showOnTimeline: (value, seq) =>
      withSession(value, looked('Show on Timeline'), (session) =>
        panel.show(session, typeof seq === 'number' ? seq : undefined),
      ),
    compareSessions: async (value, all) => {
      const meant = await own(sessionArguments(value, all));
      const two = meant && (await sessionsToCompare(backend, meant, panel.selected()));
      if (two !== undefined) panel.showPage({ kind: 'compare', a: two[0], b: two[1] });
    },
    open: (file) => opener.choose(file instanceof Uri ? file : undefined),
    moreActions: (value, atMs) => withSession(value, looked('Actions'), (session) => actions.choose(session, atMs)),
    runAgain: (value) => withSession(value, looked('Run Again'), (session) => actions.act('runAgain', session)),
    openTranscript: (value) =>
      withSession(value, looked('Open Transcript'), (session) => actions.act('openTranscript', session)),
    copyVerdict: (value) =>
      withSession(value, looked('Copy Verdict'), (session) => actions.act('copyVerdict', session)),
    copyLink: (value, atMs) =>
      withSession(value, looked('Copy Link to This Moment'), (session) => actions.act('copyLink', session, atMs)),
    deleteSession: (value) =>
      withSession(value, looked('Delete Session'), (session) => actions.act('deleteSession', session)),
    showIncident: (value) => {
      const incident = incidentRefFrom(value);
      if (incident !== undefined && backend.isOwn(incident)) panel.showIncident(incident);
    },
    openLogFolder: (value) =>
      sessionArgument(value) === undefined
        ? openLogFolder(backend, undefined)
        : withSession(
            value,
            () => undefined,
            (session) => openLogFolder(backend, session),
          ),
    cleanUpLeftovers: (value) =>
      withSession(value, looked('Clean Up Leftovers'), (session) => cleanUpLeftovers(cli, session)),
    linkTranscript: (value) => {
      const find = () => pickSession(backend, 'Link Agent Log', { isFirst: isFailed });
      return withSession(value, find, (session) => linkTranscript(cli, session));
    },
    showTrend: () => panel.showPage({ kind: 'trend' }),
    showPatterns: () => panel.showPage({ kind: 'patterns' }),
    filterSessions: () => view.chooseFilter(),
    clearSessionFilter: () => view.clearFilter(),
    refreshSessions: () => view.refresh(),
    showMoreSessions: () => view.showMore(),
    restartServer: () => backend.restart(),
    installCommand: async () => await installCommand({ script: await terminalCommand.script(), ...userPlaces() }),
    openSchema: () => openSchema(media),
  };
  /** VS Code shows an error's own text as it is: it is ours to show. */
  const guarded = async (act: () => unknown): Promise<void> => {
    try {
      await act();
    } catch (error) {
      log.error(error instanceof Error ? error : String(error));
      showProblem({ what: 'This could not be done.', why: String(error), next: 'More is in the log.', action: 'log' });
    }
  };
  const names = Object.keys(handlers) as SwitchedCommand[]; // the record's own keys
  const registered = names.map((name) =>
    commands.registerCommand(commandId(name), (first: unknown, second: unknown) =>
      guarded(() => (setting('enabled') ? handlers[name](first, second) : showProblem(disabled))),
    ),
  );
  registered.push(commands.registerCommand(commandId('openSettings'), openSettings));
  registered.push(commands.registerCommand(commandId('showLog'), () => log.show()));

  return {
    openHandle: (session, handle) => {
      const show = (known: SessionRef): Promise<void> => openHandle(cli, known, handle);
      return guarded(() => withSession(session, () => undefined, show));
    },
    act: (action, session, atMs) => void commands.executeCommand(commandId(ACTION_COMMANDS[action]), session, atMs),
    dispose: () => Disposable.from(...registered).dispose(),
  };
}

/** Of a session that somebody else named; without an answer the command line looks for itself in that very root. */
async function whyNotOwn(backend: Backend, session: SessionRef): Promise<QueryFailure | undefined> {
  await backend.roots(); // there may be no server yet
  if (!backend.isOwn(session) || !isSessionRef(session)) return { kind: 'no_such_session', detail: undefined };
  const reply = await backend.query('place', { session });
  return reply.ok || reply.failure.kind === 'server_unavailable' ? undefined : reply.failure;
}

function userPlaces(): { readonly home: string; readonly path: string } {
  return { home: homedir(), path: process.env['PATH'] ?? '' };
}

/** A trace, or an agent's own log, is written by a process that is not ours to stop. */
function hasProcess({ ref, logOnly }: SessionRow): boolean {
  return !isTraceName(ref.id) && logOnly === undefined;
}

function isFailed({ isRunning, outcome }: SessionRow): boolean {
  return !isRunning && outcome !== 'succeeded' && outcome !== 'stopped';
}

const ACTION_COMMANDS: { readonly [A in PanelAction]: CommandName } = {
  run: 'runSession',
  attach: 'attach',
  stop: 'stopSession',
  exportReport: 'exportReport',
  openLogFolder: 'openLogFolder',
  cleanUpLeftovers: 'cleanUpLeftovers',
  linkTranscript: 'linkTranscript',
  more: 'moreActions',
  openSettings: 'openSettings',
  restartServer: 'restartServer',
};
