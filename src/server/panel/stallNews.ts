import { sessionKey, type SessionRow } from '../../core/panel/sessionView.ts';
import type { Alert } from '../../core/panel/serverProtocol.ts';
import { shortStory, storyOf } from '../../core/story/storyOf.ts';
import type { StoryFacts } from '../../core/story/storyFacts.ts';
import type { Activity } from '../../core/words/vocabulary.ts';

/** A person needs no news of a hang sooner than this after it is one. */
export const STALL_LOOK_MS = 15_000;

const QUIET: ReadonlySet<Activity> = new Set([
  'idle',
  'waiting_child',
  'waiting_network',
  'waiting_disk',
  'stalled',
  'deadlocked',
]);

/**
 * Tells of sessions that hang: a call is open, and there has been neither output nor CPU time for as long as the user has
 * set. Without an open call a session that does nothing may wait for its user, which is no news.
 */
export class StallNews {
  readonly #factsOf: (row: SessionRow) => StoryFacts | undefined;
  readonly #tell: (alert: Alert) => void;
  readonly #told = new Set<string>();
  /** 0: never. */
  afterSeconds = 0;

  constructor(factsOf: (row: SessionRow) => StoryFacts | undefined, tell: (alert: Alert) => void) {
    this.#factsOf = factsOf;
    this.#tell = tell;
  }

  look(running: readonly SessionRow[]): void {
    if (this.afterSeconds <= 0) return;
    const keys = new Set(running.map(({ ref }) => sessionKey(ref)));
    for (const key of this.#told) if (!keys.has(key)) this.#told.delete(key);
    for (const row of running) {
      const key = sessionKey(row.ref);
      const facts = this.#factsOf(row);
      const seconds = facts === undefined ? undefined : stalledSeconds(facts);
      if (facts === undefined || seconds === undefined || seconds < this.afterSeconds) this.#told.delete(key);
      else if (!this.#told.has(key)) {
        this.#told.add(key);
        this.#tell({ type: 'stalled', session: row.ref, title: row.title, sentence: shortStory(storyOf(facts)) });
      }
    }
  }
}

/** `undefined` when it does something, or may wait for its user. */
export function stalledSeconds({ call, silentSeconds, verdict }: StoryFacts): number | undefined {
  if (call?.status !== 'open' || call.seconds === undefined) return undefined;
  if (verdict.activity === undefined || !QUIET.has(verdict.activity)) return undefined;
  return Math.min(call.seconds, silentSeconds ?? call.seconds);
}
