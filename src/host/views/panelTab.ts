import { Disposable, Uri, ViewColumn, window, workspace, type ExtensionContext, type WebviewPanel } from 'vscode';
import { randomBytes } from 'node:crypto';
import {
  handle,
  panelMessageFrom,
  type HostMessage,
  type PanelAction,
  type PanelQuery,
} from '../../core/panel/panelProtocol.ts';
import { sessionRefFrom } from '../../core/panel/sessionRefs.ts';
import type { IncidentRef } from '../../core/panel/incidentView.ts';
import type { PageAction } from '../../core/panel/pageContent.ts';
import { isSamePage, type PageRef, type ToldPageRef } from '../../core/panel/pageRef.ts';
import type { PageTeller } from '../pages/pageTeller.ts';
import type { SessionRef } from '../../core/panel/sessionView.ts';
import type { Backend } from '../backend.ts';
import { panelHtml } from './panelHtml.ts';

const VIEW_TYPE = 'sessionDiagnostics.panel';
/** The selection survives the window's reload here; the webview keeps only what it needs while it is hidden. */
const SELECTED_KEY = 'panel.selected';

/** The one panel of this window. */
export interface SessionPanel extends Disposable {
  readonly show: (session: SessionRef | undefined, seq?: number) => void;
  /** What the agent printed, beside its timelines. */
  readonly showOutput: (session: SessionRef) => void;
  readonly showIncident: (incident: IncidentRef) => void;
  readonly showPage: (page: PageRef) => void;
  /** What a log tells that the person has chosen. */
  readonly showLog: (file: string) => void;
  /** Whether the list of the sessions is seen beside it. */
  readonly setSessionsView: (isVisible: boolean) => void;
  /** What the panel is about, for commands that are called without saying for which session. */
  readonly selected: () => SessionRef | undefined;
}

export interface PanelEvents {
  readonly onAction: (action: PanelAction, session: SessionRef | undefined, atMs: number | undefined) => void;
  readonly teller: PageTeller;
  readonly onDropped: (uris: readonly string[]) => void;
  readonly onDroppedFile: (name: string, bytes: Uint8Array) => void;
  readonly onOpenHandle: (session: SessionRef, handle: string) => void;
}

export function createSessionPanel(context: ExtensionContext, backend: Backend, events: PanelEvents): SessionPanel {
  const bundle = Uri.joinPath(context.extensionUri, 'dist');
  let open: WebviewPanel | undefined;
  let selected = sessionRefFrom(context.workspaceState.get(SELECTED_KEY));
  let seq: number | undefined;
  let incident: IncidentRef | undefined;
  let page: PageRef | undefined;
  let isOutput = false;
  let hasSessionsView = false;

  // A webview's postMessage has no origin to name; it reaches this panel's page only.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  const post = (message: HostMessage): void => void open?.webview.postMessage(message);
  const select = (session: SessionRef | undefined): void => {
    selected = session;
    void context.workspaceState.update(SELECTED_KEY, session);
    watchShown();
  };
  /** A hidden panel costs nothing: nobody watches its session. */
  const watchShown = (): void => {
    backend.watch(open?.visible === true && selected !== undefined ? [selected] : []);
  };
  const answer = async (query: PanelQuery): Promise<void> => {
    post({ type: 'reply', id: query.id, reply: await backend.query(query.name, query.params) });
  };
  const tellPage = async (told: ToldPageRef, action: PageAction | undefined): Promise<void> => {
    const wanted = action === undefined ? told : await events.teller.act(told, action);
    if (wanted === undefined) return;
    if (!isSamePage(wanted, told)) post({ type: 'showPage', page: wanted });
    else post({ type: 'pageContent', page: wanted, content: await events.teller.content(wanted) });
  };
  const receive = (value: unknown): void => {
    const message = panelMessageFrom(value);
    if (message === undefined) return;
    handle(
      {
        ready: () => {
          const { isTrusted } = workspace;
          const about = { isTrusted, hasSessionsView, server: backend.state() };
          post({ type: 'state', selected, incident, page, seq, isOutput, ...about });
          [incident, page, seq, isOutput] = [undefined, undefined, undefined, false];
          watchShown();
        },
        // The page names what the server has listed; what else it names, the page was made to say.
        selected: ({ session }) => (session === undefined || backend.isOwn(session) ? select(session) : undefined),
        query: (query) => void answer(query),
        action: ({ action, session, atMs }) => events.onAction(action, session, atMs),
        page: ({ page: told, action }) => void tellPage(told, action),
        dropped: ({ uris }) => events.onDropped(uris),
        droppedFile: ({ name, bytes }) => events.onDroppedFile(name, bytes),
        openHandle: ({ session, handle: id }) => events.onOpenHandle(session, id),
      },
      message,
    );
  };
  const adopt = (panel: WebviewPanel): void => {
    open = panel;
    panel.iconPath = Uri.joinPath(context.extensionUri, 'media', 'panel.svg');
    panel.webview.options = { enableScripts: true, localResourceRoots: [bundle] };
    const uri = (name: string): string => panel.webview.asWebviewUri(Uri.joinPath(bundle, name)).toString();
    const listeners = Disposable.from(
      panel.webview.onDidReceiveMessage(receive),
      panel.onDidChangeViewState(watchShown),
      panel.onDidDispose(() => {
        listeners.dispose();
        if (open === panel) open = undefined;
        watchShown();
      }),
    );
    panel.webview.html = panelHtml({
      nonce: randomBytes(16).toString('base64'),
      scriptUri: uri('webview.js'),
      styleUri: uri('webview.css'),
      cspSource: panel.webview.cspSource,
    });
  };

  const parts = Disposable.from(
    window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: (panel) => {
        // One per window: a second one can only come from a layout that was saved with two.
        if (open === undefined) adopt(panel);
        else panel.dispose();
        return Promise.resolve();
      },
    }),
    backend.onState((server) => post({ type: 'server', state: server })),
    backend.onSessionsChanged(() => post({ type: 'sessionsChanged' })),
    backend.onSessionChanged((change) => post({ type: 'sessionChanged', change })),
    workspace.onDidGrantWorkspaceTrust(() => post({ type: 'trust', isTrusted: workspace.isTrusted })),
    new Disposable(() => open?.dispose()),
  );
  /** True when the page is there to be told; a hidden page is gone, comes back, says `ready`, and is told then. */
  const reveal = (): boolean => {
    if (open === undefined) {
      adopt(window.createWebviewPanel(VIEW_TYPE, 'Session Diagnostics', ViewColumn.Active, { enableFindWidget: true }));
      return false;
    }
    const isLoaded = open.visible;
    open.reveal();
    return isLoaded;
  };
  const showPage = (shown: PageRef): void => {
    if (reveal()) post({ type: 'showPage', page: shown });
    else [incident, page, seq] = [undefined, shown, undefined];
  };
  return {
    show: (session, moment) => {
      if (session !== undefined) select(session);
      const isLoaded = reveal();
      if (session === undefined) return;
      if (isLoaded) post({ type: 'show', session, seq: moment });
      else [incident, page, seq] = [undefined, undefined, moment];
    },
    showOutput: (session) => {
      select(session);
      if (reveal()) post({ type: 'show', session, seq: undefined, isOutput: true });
      else [incident, page, seq, isOutput] = [undefined, undefined, undefined, true];
    },
    showIncident: (shown) => {
      if (reveal()) post({ type: 'showIncident', incident: shown });
      else [incident, page, seq] = [shown, undefined, undefined];
    },
    showLog: (file) => {
      events.teller.allow(file);
      showPage({ kind: 'analysis', file });
    },
    showPage,
    setSessionsView: (isVisible) => {
      hasSessionsView = isVisible;
      post({ type: 'sessionsView', isVisible });
    },
    selected: () => (open?.visible === true ? selected : undefined),
    dispose: () => parts.dispose(),
  };
}
