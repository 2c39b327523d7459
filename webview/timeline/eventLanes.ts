import type { CallView, EpisodeView, LifecycleView, PhaseView } from '../../src/core/panel/sessionView.ts';
import { kindWords, lifecycleWords, severityWords, wordsOf } from '../../src/core/words/vocabularyWords.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import { element } from '../parts/element.ts';
import { callMarks } from './callMarks.ts';
import { EventLane, type ShownTime } from './eventLane.ts';
import { clockOf } from '../parts/timeFormat.ts';
import { episodeKey } from '../parts/words.ts';

export interface LaneEvents {
  readonly episodes: readonly EpisodeView[];
  readonly lifecycle: readonly LifecycleView[];
  readonly calls: readonly CallView[];
  readonly phases: readonly PhaseView[];
  readonly snapshotCount: number;
}

export interface LaneHandlers {
  readonly onEpisode: (episode: EpisodeView) => void;
  readonly onInspect: (ms: number) => void;
  /** A mark that is out of view has been reached with the keyboard. */
  readonly onReveal: (ms: number) => void;
}

/** What happened, above the lines that were measured: anomalies, the session's life, the agent's calls and a trace's phases. */
export class EventLanes {
  readonly element: HTMLElement;
  readonly #anomalies: EventLane;
  readonly #lifecycle: EventLane;
  readonly #phases: EventLane;
  readonly #calls: EventLane;
  readonly #handlers: LaneHandlers;

  constructor(handlers: LaneHandlers) {
    this.#handlers = handlers;
    this.#anomalies = new EventLane('Anomalies', 'anomalies', handlers.onReveal);
    this.#lifecycle = new EventLane('Events', 'lifecycle', handlers.onReveal);
    this.#phases = new EventLane('Phases', 'phases', handlers.onReveal);
    this.#calls = new EventLane('Calls', 'calls', handlers.onReveal);
    this.element = element('div', { class: 'event-lanes' }, [
      this.#anomalies.element,
      this.#lifecycle.element,
      this.#phases.element,
      this.#calls.element,
    ]);
  }

  update({ episodes, lifecycle, calls, phases, snapshotCount }: LaneEvents, shown: ShownTime): void {
    const { onEpisode, onInspect } = this.#handlers;
    // What was never sampled, such as a trace, has no moment to stand at.
    const inspect = (ms: number) => (snapshotCount === 0 ? undefined : () => onInspect(ms));
    this.#anomalies.setMarks(
      episodes.map((episode) => ({
        key: episodeKey(episode),
        fromMs: episode.firstMs,
        toMs: episode.lastMs,
        class: `severity-${episode.severity}`,
        label: `${severityWords(episode.severity)}: ${kindWords(episode.kind)}, ${clockOf(episode.firstMs, 1000)}`,
        onClick: () => onEpisode(episode),
      })),
      shown,
    );
    // An anomaly has its own lane.
    const own = lifecycle.filter(({ event }) => event !== 'anomaly_detected');
    this.#lifecycle.setMarks(
      own.map(({ ms, event }) => ({
        key: `${ms} ${event}`,
        fromMs: ms,
        toMs: ms,
        class: event === 'session_death_detected' ? 'is-death' : 'is-event',
        label: `${lifecycleWords(event)}, ${clockOf(ms, 1000)}`,
        onClick: inspect(ms),
      })),
      shown,
    );
    this.#phases.setMarks(
      phases.map(({ startMs, endMs, name, depth }) => ({
        key: `${startMs} ${depth} ${name}`,
        fromMs: startMs,
        toMs: endMs ?? Number.POSITIVE_INFINITY,
        class: `depth-${depth}`,
        label: `${displayText(wordsOf(name), 60)}, ${clockOf(startMs, 1000)}`,
        onClick: inspect(startMs),
      })),
      shown,
    );
    this.#calls.setMarks(callMarks(calls, inspect), shown);
  }

  place(shown: ShownTime): void {
    for (const lane of [this.#anomalies, this.#lifecycle, this.#phases, this.#calls]) lane.place(shown);
  }
}
