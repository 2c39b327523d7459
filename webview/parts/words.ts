import { agentRow } from '../../src/core/words/agentTable.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import type { EpisodeView, Overview, SessionRow } from '../../src/core/panel/sessionView.ts';
import type { AgentKind, FailureCategory, LifecycleEventName, Severity } from '../../src/core/words/vocabulary.ts';
import { LIFECYCLE_EVENTS, wordOf } from '../../src/core/words/vocabulary.ts';
import { causeWords, wordsOf } from '../../src/core/words/vocabularyWords.ts';

/** The vocabulary's words as a person reads them. */

export type StateTone = 'running' | 'good' | 'bad' | 'neutral';

export interface StateWords {
  readonly text: string;
  readonly tone: StateTone;
}

export function stateOf(row: SessionRow): StateWords {
  const { text, tone } = endedState(row);
  return row.logOnly === undefined ? { text, tone } : { text: `${text} (log only)`, tone };
}

function endedState(row: SessionRow): StateWords {
  if (row.isRunning) return { text: 'Running', tone: 'running' };
  const text = row.cause === undefined ? wordsOf(row.outcome) : causeWords(row.cause);
  if (row.outcome === 'succeeded') return { text, tone: 'good' };
  return { text, tone: row.outcome === 'stopped' || row.outcome === 'lost' ? 'neutral' : 'bad' };
}

export function agentWords(agent: AgentKind): string {
  return agentRow(agent)?.name ?? 'Other agent';
}

const LIFECYCLE: { readonly [event in LifecycleEventName]: string } = {
  session_created: 'Session created',
  agent_spawned: 'Agent started',
  sampling_started: 'Sampling started',
  anomaly_detected: 'Anomaly detected',
  attached: 'Attached',
  heartbeat_missed: 'Heartbeat missed',
  stop_requested: 'Stop requested',
  session_death_detected: 'Death detected',
  session_finished: 'Session finished',
  session_recovered: 'Session recovered',
  leftovers_found: 'Leftovers found',
  tmux_health: 'tmux checked',
  tmux_lost: 'tmux lost',
  simultaneous_deaths: 'Simultaneous deaths',
  sessions_pruned: 'Old sessions removed',
};

export function lifecycleWords(event: string): string {
  const known = wordOf(LIFECYCLE_EVENTS, event);
  return known === undefined ? 'Other event' : LIFECYCLE[known];
}

const CATEGORIES: { readonly [category in FailureCategory]: string } = {
  model: 'Model',
  tool_schema: 'Tool schema',
  command_exit: 'Command exit',
  network: 'Network',
  sandbox_approval: 'Sandbox or approval',
  missing_dependency: 'Missing dependency',
  timeout: 'Timeout',
  background_job: 'Background job',
  resource: 'Resource',
  unknown: 'Unknown',
};

export function categoryWords(category: FailureCategory): string {
  return CATEGORIES[category];
}

const SEVERITY_WORDS: { readonly [severity in Severity]: string } = {
  info: 'Info',
  warning: 'Warning',
  critical: 'Critical',
};

export function severityWords(severity: Severity): string {
  return SEVERITY_WORDS[severity];
}

export function endWords(overview: Overview): string | undefined {
  if (overview.signal !== undefined) return displayText(overview.signal, 40);
  return overview.exitCode === undefined ? undefined : `exit code ${overview.exitCode}`;
}

/** The end of an episode moves while it lasts; its beginning does not. */
export function episodeKey({ kind, firstSeq, pid }: EpisodeView): string {
  return `${kind} ${firstSeq} ${pid ?? ''}`;
}
