import { stateWords } from '../../src/core/find/shownWords.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import type { EpisodeView, Overview, SessionRow } from '../../src/core/panel/sessionView.ts';

/** The vocabulary's words as a person reads them. */

export type StateTone = 'running' | 'good' | 'bad' | 'neutral';

export interface StateWords {
  readonly text: string;
  readonly tone: StateTone;
}

export function stateOf(row: SessionRow): StateWords {
  return { text: stateWords(row), tone: toneOf(row) };
}

function toneOf({ isRunning, outcome }: SessionRow): StateTone {
  if (isRunning) return 'running';
  if (outcome === 'succeeded') return 'good';
  return outcome === 'stopped' || outcome === 'lost' ? 'neutral' : 'bad';
}

export function endWords(overview: Overview): string | undefined {
  if (overview.signal !== undefined) return displayText(overview.signal, 40);
  return overview.exitCode === undefined ? undefined : `exit code ${overview.exitCode}`;
}

/** The end of an episode moves while it lasts; its beginning does not. */
export function episodeKey({ kind, firstSeq, pid }: EpisodeView): string {
  return `${kind} ${firstSeq} ${pid ?? ''}`;
}
