import type { EpisodeView, LifecycleView } from '../../src/core/panel/sessionView.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import { numberOf, stringOf } from '../../src/core/words/json.ts';
import { kindWords, lifecycleWords, wordsOf } from '../../src/core/words/vocabularyWords.ts';
import { element } from '../parts/element.ts';

/** What changes everything after it: a line through all lanes. */
export interface ThroughMark {
  readonly ms: number;
  readonly label: string;
  readonly tone: 'bad' | 'warn';
}

/** More are no marks but a hatching. */
const MOST_MARKS = 40;

const LIFECYCLE_TONES: Readonly<Record<string, ThroughMark['tone']>> = {
  session_death_detected: 'bad',
  tmux_lost: 'bad',
  stop_requested: 'warn',
  signal_observed: 'warn',
  limit_set: 'warn',
  process_ended: 'warn',
  process_frozen: 'warn',
  process_thawed: 'warn',
};
const EPISODE_TONES: Readonly<Record<string, ThroughMark['tone']>> = { oom_kill: 'bad' };

export function throughMarks(
  lifecycle: readonly LifecycleView[],
  episodes: readonly EpisodeView[],
): readonly ThroughMark[] {
  const marks = [
    ...lifecycle.flatMap((event) => {
      const tone = LIFECYCLE_TONES[event.event];
      return tone === undefined ? [] : [{ ms: event.ms, label: labelOf(event), tone }];
    }),
    ...episodes.flatMap(({ kind, firstMs, detail }) => {
      const tone = EPISODE_TONES[kind];
      const who = stringOf(detail['comm']) ?? stringOf(detail['name']);
      const label = who === undefined ? kindWords(kind) : `${kindWords(kind)}: ${displayText(who, 40)}`;
      return tone === undefined ? [] : [{ ms: firstMs, label, tone }];
    }),
  ];
  return marks.sort((a, b) => a.ms - b.ms).slice(-MOST_MARKS);
}

function labelOf({ event, context }: LifecycleView): string {
  const signal = stringOf(context?.['signal']) ?? stringOf(context?.['name']);
  const code = numberOf(context?.['exit_code']);
  const words = lifecycleWords(event);
  const known = words === 'Other event' ? wordsOf(displayText(event, 40)) : words;
  if (signal !== undefined) return `${known}: ${displayText(signal, 40)}`;
  return code === undefined ? known : `${known}: exit code ${code}`;
}

/** Their words are in the lanes of events and anomalies, where keyboard and screen readers find them. */
export function throughMarkElement({ label, tone }: ThroughMark): HTMLElement {
  return element('div', { class: `through-mark tone-${tone}`, attributes: { 'aria-hidden': 'true' } }, [
    element('span', { class: 'through-label', text: label }),
  ]);
}
