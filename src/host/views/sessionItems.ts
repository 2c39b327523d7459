import { ThemeColor, ThemeIcon, Uri, type TreeItem } from 'vscode';
import { commandId } from '../../core/words/commandNames.ts';
import { isTraceName } from '../../core/session/devboyTrace.ts';
import { displayText } from '../../core/words/displayText.ts';
import { endWords, rowFacts } from '../../core/find/shownWords.ts';
import type { SessionDay } from '../../core/panel/dayGroups.ts';
import type { IncidentRow, ListItem } from '../../core/panel/incidentView.ts';
import type { EpisodeView, SessionRef, SessionRow } from '../../core/panel/sessionView.ts';
import type { StoryLine } from '../../core/story/storyFacts.ts';
import type { Outcome, Severity } from '../../core/words/vocabulary.ts';
import { kindWords } from '../../core/words/vocabularyWords.ts';
import { treeRow } from '../surfaces.ts';
import type { LogOnlyGroup } from './logOnlyGroups.ts';

/** What the Sessions view is made of. */
export type SessionNode =
  | ListItem
  | { readonly type: 'episode'; readonly session: SessionRef; readonly episode: EpisodeView }
  | { readonly type: 'more'; readonly hidden: number }
  | { readonly type: 'day'; readonly group: SessionDay }
  /** Of sessions that nobody recorded. */
  | { readonly type: 'group'; readonly group: LogOnlyGroup }
  | { readonly type: 'notice'; readonly text: string }
  /** The way out when nothing reads the sessions. */
  | { readonly type: 'restart' };

export const BADGE_SCHEME = 'session-diagnostics-badge';

const OUTCOME_ICONS: { readonly [O in Outcome]: ThemeIcon } = {
  running: new ThemeIcon('sync~spin', new ThemeColor('charts.blue')),
  succeeded: new ThemeIcon('pass', new ThemeColor('testing.iconPassed')),
  incomplete: new ThemeIcon('circle-slash', new ThemeColor('testing.iconFailed')),
  failed: new ThemeIcon('error', new ThemeColor('testing.iconFailed')),
  died: new ThemeIcon('flame', new ThemeColor('testing.iconErrored')),
  stopped: new ThemeIcon('debug-stop', new ThemeColor('descriptionForeground')),
  lost: new ThemeIcon('question', new ThemeColor('descriptionForeground')),
};

const SEVERITY_ICONS: { readonly [S in Severity]: ThemeIcon } = {
  critical: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
  warning: new ThemeIcon('warning', new ThemeColor('list.warningForeground')),
  info: new ThemeIcon('info', new ThemeColor('descriptionForeground')),
};

export function treeItem(node: SessionNode, nowMs: number): TreeItem {
  if (node.type === 'session') return sessionItem(node.row, nowMs);
  if (node.type === 'episode') return episodeItem(node.session, node.episode);
  if (node.type === 'incident') return incidentItem(node.row);
  if (node.type === 'more') return moreItem(node.hidden);
  if (node.type === 'group') return groupItem(node.group);
  if (node.type === 'day') return dayItem(node.group);
  if (node.type === 'restart') return restartItem();
  return noticeItem(node.text);
}

function moreItem(hidden: number): TreeItem {
  const item = treeRow({ label: `Show more (${hidden})` });
  item.command = { command: commandId('showMoreSessions'), title: 'Show More' };
  item.iconPath = new ThemeIcon('ellipsis');
  return item;
}

function groupItem({ id, label, rows, isOpen }: LogOnlyGroup): TreeItem {
  const stopped = rows.filter(
    ({ isRunning, outcome }) => !isRunning && outcome !== 'succeeded' && outcome !== 'stopped',
  ).length;
  const description = `log only · ${rows.length}${stopped === 0 ? '' : ` · ${stopped} ended badly`}`;
  const tooltip = ['Sessions that nobody recorded, known from the logs that their agents keep.'];
  const item = treeRow({ label, description, tooltip, isCollapsed: !isOpen, isOpen });
  item.id = `log only ${id}`;
  item.iconPath = LOG_ONLY;
  item.contextValue = 'group';
  return item;
}

function dayItem({ name, items }: SessionDay): TreeItem {
  const count = items.filter(({ type }) => type === 'session').length;
  const item = treeRow({ label: name, description: String(count), isOpen: true });
  item.id = `day ${name}`;
  item.contextValue = 'day';
  return item;
}

function restartItem(): TreeItem {
  const item = treeRow({ label: 'Restart the language server' });
  item.command = { command: commandId('restartServer'), title: 'Restart Language Server' };
  item.iconPath = new ThemeIcon('debug-restart');
  return item;
}

function noticeItem(text: string): TreeItem {
  const item = treeRow({ label: text, tooltip: [text] });
  item.iconPath = SEVERITY_ICONS.warning;
  return item;
}

/** Stands above its sessions. */
function incidentItem(row: IncidentRow): TreeItem {
  const item = treeRow({
    label: `${row.sessions.length} sessions died together`,
    description: displayText(row.why, 200),
    tooltip: [`${displayText(row.sentence, 300)} ${new Date(row.firstMs).toLocaleString()}`],
  });
  item.id = JSON.stringify(['incident', row.ref]);
  item.iconPath = new ThemeIcon('warning', new ThemeColor('list.errorForeground'));
  item.contextValue = 'incident';
  item.command = { command: commandId('showIncident'), title: 'Show Incident', arguments: [row.ref] };
  return item;
}

function sessionItem(row: SessionRow, nowMs: number): TreeItem {
  const isCollapsed = row.criticals + row.warnings > 0;
  const label = displayText(row.title, 200);
  const description = descriptionOf(row, nowMs);
  // Its tooltip is its story, which is read when somebody points at it.
  const item = treeRow({ label, description, isCollapsed });
  item.id = JSON.stringify(row.ref);
  item.iconPath = row.logOnly === undefined ? OUTCOME_ICONS[row.outcome] : logOnlyIcon(row);
  // A trace has no process to stop, none to clean up after, and is its own log.
  item.contextValue = contextOf(row);
  item.accessibilityInformation = { label: `${label}, ${description}` };
  // Only carries the badge; the scheme is nobody's, so nothing can be opened through it.
  if (isCollapsed) item.resourceUri = badgeUri(row);
  item.command = { command: commandId('openPanel'), title: 'Open', arguments: [row.ref] };
  return item;
}

function contextOf(row: SessionRow): string {
  if (row.logOnly !== undefined) return 'session.logOnly';
  if (isTraceName(row.ref.id)) return 'session.trace';
  // What it has stands behind, so that menus offer nothing else: `session.ended+output+leftovers`.
  return row.isRunning ? 'session.running' : ['session.ended', ...(row.has ?? [])].join('+');
}

const LOG_ONLY = new ThemeIcon('note');

/** A note, for there is nothing but a log; its colour tells how it ended. */
function logOnlyIcon({ isRunning, outcome }: SessionRow): ThemeIcon {
  if (isRunning) return OUTCOME_ICONS.running;
  const colour = outcome === 'lost' ? new ThemeColor('testing.iconErrored') : OUTCOME_ICONS[outcome].color;
  return colour === undefined ? LOG_ONLY : new ThemeIcon('note', colour);
}

function descriptionOf(row: SessionRow, nowMs: number): string {
  return [
    ...rowFacts(row, nowMs),
    counted(row.criticals, 'critical', 'critical'),
    counted(row.warnings, 'warning', 'warnings'),
  ]
    .filter((part) => part !== undefined)
    .join(' · ');
}

function counted(count: number, one: string, many: string): string | undefined {
  return count === 0 ? undefined : `${count} ${count === 1 ? one : many}`;
}

/** As the panel writes it. */
const WITH_24_HOURS = { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' } as const;

/** What happened in it, in a few lines; where that cannot be read, how it ended. */
export function sessionTooltip(row: SessionRow, story: readonly StoryLine[]): readonly string[] {
  const told = story.map(({ text, quoted }) => [text, ...quoted].map((line) => displayText(line, 300)).join('\n'));
  return [
    displayText(row.title, 500),
    ...(told.length === 0 ? [endWords(row)] : told),
    ...(row.logOnly === undefined ? [] : [logOnlyWords(row.logOnly)]),
    `${row.startMs === undefined ? '' : `Started ${new Date(row.startMs).toLocaleString(undefined, WITH_24_HOURS)} · `}${row.ref.id}`,
  ];
}

function logOnlyWords({ lastMs, folder }: NonNullable<SessionRow['logOnly']>): string {
  const where = folder === undefined ? '' : ` in ${displayText(folder, 300)}`;
  return `Log only: nobody recorded it. Last sign of life ${new Date(lastMs).toLocaleString(undefined, WITH_24_HOURS)}${where}`;
}

function episodeItem(session: SessionRef, episode: EpisodeView): TreeItem {
  const times = episode.count === 1 ? '' : `${episode.count} samples · `;
  const description = `${times}${new Date(episode.firstMs).toLocaleTimeString(undefined, { hourCycle: 'h23' })}`;
  const item = treeRow({ label: kindWords(episode.kind), description });
  item.iconPath = SEVERITY_ICONS[episode.severity];
  item.contextValue = 'episode';
  item.command = {
    command: commandId('showOnTimeline'),
    title: 'Show on Timeline',
    arguments: [session, episode.firstSeq],
  };
  return item;
}

function badgeUri(row: SessionRow): Uri {
  const counts = new URLSearchParams({ critical: String(row.criticals), warning: String(row.warnings) });
  return Uri.from({ scheme: BADGE_SCHEME, path: `/${row.ref.id}`, query: counts.toString() });
}
