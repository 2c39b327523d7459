import type { CallView, EpisodeView, LifecycleView, PhaseView } from '../src/core/sessionView.ts';
import { kindWords, wordsOf } from '../src/core/vocabularyWords.ts';
import { displayText } from '../src/core/displayText.ts';
import { element, setShown } from './element.ts';
import { GUTTER_LEFT, GUTTER_RIGHT } from './lineChart.ts';
import { clockOf } from './timeFormat.ts';
import type { TimeSpan } from './viewport.ts';
import { lifecycleWords, severityWords } from './words.ts';

/** More marks than this on one lane are a bar of paint: the nearest neighbours are joined instead. */
const MOST_MARKS = 120;

/** What a viewport shows of what there is. */
interface ShownTime {
  readonly span: TimeSpan;
  readonly whole: TimeSpan;
}

interface Mark {
  readonly fromMs: number;
  readonly toMs: number;
  readonly class: string;
  readonly label: string;
  readonly onClick?: () => void;
}

/** A row of marks on the timelines' own axis. Marks are a pointer's shortcut: the lists hold the same for the keyboard. */
class EventLane {
  readonly element: HTMLElement;
  readonly #track = element('div', { class: 'track' });
  #marks: readonly Mark[] = [];

  constructor(title: string, name: string) {
    this.#track.style.marginLeft = `${GUTTER_LEFT}px`;
    this.#track.style.marginRight = `${GUTTER_RIGHT}px`;
    this.element = element('div', { class: `event-lane lane-of-${name}`, attributes: { 'aria-hidden': 'true' } }, [
      element('span', { class: 'event-lane-title', text: title }),
      this.#track,
    ]);
    this.element.hidden = true;
  }

  setMarks(marks: readonly Mark[], shown: ShownTime): void {
    this.#marks = marks;
    setShown(this.element, marks.length > 0);
    this.place(shown);
  }

  place({ span: { fromMs, toMs }, whole }: ShownTime): void {
    const length = toMs - fromMs;
    // A session begins before its first sample and dies after its last: these marks stand at the edges.
    const inside = (ms: number) => Math.min(Math.max(ms, whole.fromMs), whole.toMs);
    const visible = this.#marks.filter((mark) => inside(mark.toMs) >= fromMs && inside(mark.fromMs) <= toMs);
    const stride = Math.ceil(visible.length / MOST_MARKS);
    const shown = visible.filter((_, i) => i % stride === 0);
    this.#track.replaceChildren(
      ...shown.map((mark) => {
        const left = Math.max(0, (inside(mark.fromMs) - fromMs) / length);
        const right = Math.min(1, (inside(mark.toMs) - fromMs) / length);
        const created = element('div', { class: `mark ${mark.class}`, title: mark.label });
        created.style.left = `${left * 100}%`;
        created.style.width = `${Math.max(0, right - left) * 100}%`;
        if (mark.onClick !== undefined) created.addEventListener('click', mark.onClick);
        return created;
      }),
    );
  }
}

export interface LaneEvents {
  readonly episodes: readonly EpisodeView[];
  readonly lifecycle: readonly LifecycleView[];
  readonly calls: readonly CallView[];
  readonly phases: readonly PhaseView[];
}

/** What happened, above the lines that were measured: anomalies, the session's life, the agent's calls and a trace's phases. */
export class EventLanes {
  readonly element: HTMLElement;
  readonly #anomalies = new EventLane('Anomalies', 'anomalies');
  readonly #lifecycle = new EventLane('Events', 'lifecycle');
  readonly #phases = new EventLane('Phases', 'phases');
  readonly #calls = new EventLane('Calls', 'calls');
  readonly #onEpisode: (episode: EpisodeView) => void;

  constructor(onEpisode: (episode: EpisodeView) => void) {
    this.#onEpisode = onEpisode;
    this.element = element('div', { class: 'event-lanes' }, [
      this.#anomalies.element,
      this.#lifecycle.element,
      this.#phases.element,
      this.#calls.element,
    ]);
  }

  update({ episodes, lifecycle, calls, phases }: LaneEvents, shown: ShownTime): void {
    this.#anomalies.setMarks(
      episodes.map((episode) => ({
        fromMs: episode.firstMs,
        toMs: episode.lastMs,
        class: `severity-${episode.severity}`,
        label: `${severityWords(episode.severity)}: ${kindWords(episode.kind)}, ${clockOf(episode.firstMs, 1000)}`,
        onClick: () => this.#onEpisode(episode),
      })),
      shown,
    );
    // An anomaly has its own lane.
    const own = lifecycle.filter(({ event }) => event !== 'anomaly_detected');
    this.#lifecycle.setMarks(
      own.map(({ ms, event }) => ({
        fromMs: ms,
        toMs: ms,
        class: event === 'session_death_detected' ? 'is-death' : 'is-event',
        label: `${lifecycleWords(event)}, ${clockOf(ms, 1000)}`,
      })),
      shown,
    );
    this.#phases.setMarks(
      phases.map(({ startMs, endMs, name, depth }) => ({
        fromMs: startMs,
        toMs: endMs ?? Number.POSITIVE_INFINITY,
        class: `depth-${depth}`,
        label: `${displayText(wordsOf(name), 60)}, ${clockOf(startMs, 1000)}`,
      })),
      shown,
    );
    this.#calls.setMarks(
      calls.map((call) => ({
        fromMs: call.startMs,
        toMs: call.endMs ?? Number.POSITIVE_INFINITY,
        class: `call-${call.status}`,
        label: `${wordsOf(call.kind)} call, ${call.status}, ${clockOf(call.startMs, 1000)}`,
      })),
      shown,
    );
  }

  place(shown: ShownTime): void {
    for (const lane of [this.#anomalies, this.#lifecycle, this.#phases, this.#calls]) lane.place(shown);
  }
}
