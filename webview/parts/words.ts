import { agentRow } from '../../src/core/words/agentTable.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import type { EpisodeView, Overview, SessionRow } from '../../src/core/panel/sessionView.ts';
import type { AgentKind } from '../../src/core/words/vocabulary.ts';
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

export function endWords(overview: Overview): string | undefined {
  if (overview.signal !== undefined) return displayText(overview.signal, 40);
  return overview.exitCode === undefined ? undefined : `exit code ${overview.exitCode}`;
}

/** The end of an episode moves while it lasts; its beginning does not. */
export function episodeKey({ kind, firstSeq, pid }: EpisodeView): string {
  return `${kind} ${firstSeq} ${pid ?? ''}`;
}
