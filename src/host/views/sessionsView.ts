import {
  commands,
  Disposable,
  EventEmitter,
  FileDecoration,
  ThemeColor,
  window,
  workspace,
  type TreeDataProvider,
  type TreeView,
  type Uri,
} from 'vscode';
import { QUERY_EXAMPLE } from '../../core/find/queryExample.ts';
import { dayGroups } from '../../core/panel/dayGroups.ts';
import { withIncidents, type IncidentRow } from '../../core/panel/incidentView.ts';
import { rootProblem } from '../../core/panel/rootWords.ts';
import type { QueryFailure, SessionFilter } from '../../core/panel/serverProtocol.ts';
import type { SessionRow } from '../../core/panel/sessionView.ts';
import type { Backend } from '../backend.ts';
import { queryFailed } from '../messages.ts';
import { BADGE_SCHEME, sessionTooltip, treeItem, type SessionNode } from './sessionItems.ts';
import { labelView, pickAndType, withTooltip } from '../surfaces.ts';
import { logOnlyGroups } from './logOnlyGroups.ts';

const VIEW_ID = 'sessionDiagnostics.sessions';
const PAGE = 200;
/** A burst of changes is one refresh of the list; the panel, not the list, is where liveness is looked at. */
const REFRESH_MS = 200;

export interface SessionsView extends Disposable {
  readonly refresh: () => void;
  readonly showMore: () => void;
  readonly chooseFilter: () => Promise<void>;
  readonly clearFilter: () => void;
  readonly selected: () => SessionRow | undefined;
  /** Told at once and whenever it is shown or hidden. */
  readonly onVisible: (listener: (isVisible: boolean) => void) => void;
  /** Told of what is listed. */
  readonly onListed: (listener: (rows: readonly SessionRow[]) => void) => void;
}

interface Filter {
  readonly filter: SessionFilter;
  readonly text: string;
}

const EVERYTHING: Filter = { filter: 'all', text: '' };

export function createSessionsView(backend: Backend, nowMs: () => number): SessionsView {
  const changed = new EventEmitter<void>();
  let filter = EVERYTHING;
  let limit = PAGE;
  let timer: NodeJS.Timeout | undefined;
  let onVisible: (isVisible: boolean) => void = () => undefined;
  let onListed: (rows: readonly SessionRow[]) => void = () => undefined;

  const provider: TreeDataProvider<SessionNode> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (node) => treeItem(node, nowMs()),
    // Only what is pointed at is read.
    resolveTreeItem: async (item, node) => {
      if (node.type !== 'session') return item;
      const reply = await backend.query('story', { session: node.row.ref });
      return withTooltip(item, sessionTooltip(node.row, reply.ok ? reply.value.story : []));
    },
    getChildren: async (node) => {
      if (node === undefined) return await sessionNodes();
      if (node.type === 'group') return node.group.rows.map((row): SessionNode => ({ type: 'session', row }));
      if (node.type === 'day') return [...node.group.items];
      return node.type === 'session' ? await episodeNodes(node.row) : [];
    },
  };
  const view: TreeView<SessionNode> = window.createTreeView(VIEW_ID, {
    treeDataProvider: provider,
    // For one report of several sessions.
    canSelectMany: true,
  });

  const sessionNodes = async (): Promise<SessionNode[]> => {
    const reply = await backend.query('listSessions', { ...filter, offset: 0, limit });
    if (!reply.ok) return unread(reply.failure);
    const { rows, incidents, matching, running, total, roots, problem } = reply.value;
    onListed(rows);
    labelView(view, problem ?? messageOf(filter, matching, total), running);
    const problems = roots.flatMap((root) => rootProblem(root) ?? []);
    const hidden = matching - rows.length;
    return [
      ...problems.map((text): SessionNode => ({ type: 'notice', text })),
      ...recordedNodes(
        rows.filter(({ logOnly }) => logOnly === undefined),
        incidents,
      ),
      ...unrecordedNodes(rows),
      ...(hidden > 0 ? [{ type: 'more', hidden } as const] : []),
    ];
  };
  const recordedNodes = (rows: readonly SessionRow[], incidents: readonly IncidentRow[]): SessionNode[] => {
    const items = withIncidents(rows, incidents);
    const { running, days } = dayGroups(items, nowMs());
    return [...running, ...days.map((group): SessionNode => ({ type: 'day', group }))];
  };
  const unrecordedNodes = (rows: readonly SessionRow[]): SessionNode[] => {
    const found = rows.filter(({ logOnly }) => logOnly !== undefined);
    const folders = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    return logOnlyGroups(found, folders, nowMs()).map((group) => ({ type: 'group', group }));
  };
  const episodeNodes = async (row: SessionRow): Promise<SessionNode[]> => {
    const reply = await backend.query('overview', { session: row.ref });
    if (!reply.ok) return unread(reply.failure);
    return reply.value.episodes.map((episode) => ({ type: 'episode', session: row.ref, episode }));
  };
  const refresh = (): void => {
    if (!view.visible) return; // becoming visible refreshes
    timer ??= setTimeout(() => {
      timer = undefined;
      changed.fire();
    }, REFRESH_MS);
  };
  const setFilter = (next: Filter): void => {
    filter = next;
    limit = PAGE;
    const isFiltered = next.filter !== 'all' || next.text !== '';
    void commands.executeCommand('setContext', 'sessionDiagnostics.isFiltered', isFiltered);
    changed.fire();
  };
  const parts = [
    view,
    changed,
    view.onDidChangeVisibility(refresh),
    view.onDidChangeVisibility(({ visible }) => onVisible(visible)),
    backend.onSessionsChanged(refresh),
    backend.onState(refresh),
    window.registerFileDecorationProvider({ provideFileDecoration: badgeOf }),
  ];
  return {
    refresh,
    showMore: () => {
      limit += PAGE;
      changed.fire();
    },
    chooseFilter: async () => {
      const chosen = await askForFilter(filter);
      if (chosen !== undefined) setFilter(chosen);
    },
    clearFilter: () => setFilter(EVERYTHING),
    selected: () => {
      const [node] = view.selection;
      return node?.type === 'session' ? node.row : undefined;
    },
    onListed: (listener) => void (onListed = listener),
    onVisible: (listener) => {
      onVisible = listener;
      listener(view.visible);
    },
    dispose: () => {
      clearTimeout(timer);
      Disposable.from(...parts).dispose();
    },
  };
}

const FILTER_NAMES: { readonly [F in SessionFilter]: string } = {
  all: 'All sessions',
  running: 'Running',
  failed: 'Failed or died',
  anomalous: 'With anomalies',
};

/** One box for both: picking an item filters by it, and what is typed filters by text. */
async function askForFilter(current: Filter): Promise<Filter | undefined> {
  const choices = Object.entries(FILTER_NAMES).map(([filter, label]) => ({
    label,
    value: filter as SessionFilter, // the table's own keys
  }));
  const chosen = await pickAndType(choices, {
    title: 'Filter Sessions',
    placeHolder: `${QUERY_EXAMPLE}: type what to look for, choose which to show`,
    text: current.text,
    active: current.filter,
  });
  return chosen === undefined ? undefined : { filter: chosen.value ?? 'all', text: chosen.text };
}

/** Why there is nothing to show, and what to do about it. */
function unread(failure: QueryFailure): SessionNode[] {
  const { what, why, action } = queryFailed('This cannot be shown.', failure);
  return [{ type: 'notice', text: `${what} ${why}` }, ...(action === 'restart' ? [{ type: 'restart' } as const] : [])];
}

function messageOf({ filter, text }: Filter, matching: number, total: number): string | undefined {
  if (filter === 'all' && text === '') return undefined;
  const about = text === '' ? '' : ` matching “${text}”`;
  return `${FILTER_NAMES[filter]}${about}: ${matching} of ${total}`;
}

function badgeOf(uri: Uri): FileDecoration | undefined {
  if (uri.scheme !== BADGE_SCHEME) return undefined;
  const counts = new URLSearchParams(uri.query);
  const critical = Number(counts.get('critical'));
  const warning = Number(counts.get('warning'));
  const [count, colour] = critical > 0 ? [critical, 'list.errorForeground'] : [warning, 'list.warningForeground'];
  const tooltip = `${critical} critical, ${warning} warnings`;
  // Two characters is what VS Code draws.
  return new FileDecoration(count > 9 ? '9+' : String(count), tooltip, new ThemeColor(colour));
}
