import { isTraceName } from '../../src/core/session/devboyTrace.ts';
import { agentWords } from '../../src/core/find/shownWords.ts';
import { hostWords } from '../../src/core/find/shownWords.ts';
import { displayText } from '../../src/core/words/displayText.ts';
import { humanSeconds } from '../../src/core/words/humanUnits.ts';
import type { IncidentRef, IncidentRow } from '../../src/core/panel/incidentView.ts';
import type { PanelAction } from '../../src/core/panel/panelProtocol.ts';
import type { Overview } from '../../src/core/panel/sessionView.ts';
import { element, Section, setAttribute, setShown, setText } from '../parts/element.ts';
import { replaySentence, type ReplayPoint } from './replayPoint.ts';
import { pointBeforeEnd, type SessionState } from './sessionState.ts';
import { momentOf } from '../parts/timeFormat.ts';
import { button } from '../parts/toolkit.ts';
import { endWords, stateOf, type StateWords } from '../parts/words.ts';

/** Name, state, duration, agent, the verdict in one sentence, and what can be done. */
export class SessionHeader {
  readonly element: HTMLElement;
  readonly #title = element('h1');
  readonly #status = element('span', { class: 'state' });
  readonly #facts = element('dl', { class: 'facts' });
  readonly #verdict = element('p', { class: 'verdict', attributes: { role: 'status' } });
  readonly #evidence = element('details', { class: 'evidence' });
  readonly #incident = element('button', { class: 'link', attributes: { type: 'button' } });
  readonly #damage = element('div', { class: 'damage' });
  readonly #details = element('button', {
    class: 'link facts-more',
    text: 'Details',
    attributes: { type: 'button', 'aria-expanded': 'false' },
  });
  readonly #stop: HTMLElement;
  readonly #more: HTMLElement;
  readonly #cleanUp: HTMLElement;
  readonly #factsSection: Section<readonly (readonly [string, string])[]>;
  readonly #evidenceSection: Section<readonly string[]>;
  readonly #damageSection: Section<readonly string[]>;
  #state: Pick<SessionState, 'overview' | 'isStale' | 'point'> = {
    overview: undefined,
    isStale: false,
    point: undefined,
  };
  #grown: Pick<Overview, 'snapshotCount' | 'lastMs'> | undefined;
  #shared: IncidentRow | undefined;

  constructor(onAction: (action: PanelAction) => void, onIncident: (incident: IncidentRef) => void) {
    const action = (label: string, name: PanelAction) => button({ label, onClick: () => onAction(name) });
    this.#incident.addEventListener('click', () => {
      if (this.#shared !== undefined) onIncident(this.#shared.ref);
    });
    setShown(this.#incident, false);
    this.#stop = action('Stop', 'stop');
    this.#more = action('More…', 'more');
    this.#cleanUp = action('Clean up leftovers', 'cleanUpLeftovers');
    this.#factsSection = new Section(this.#facts, (facts) =>
      facts.map(([term, value]) => element('div', {}, [element('dt', { text: term }), element('dd', { text: value })])),
    );
    this.#evidenceSection = new Section(this.#evidence, (sentences) => [
      element('summary', { text: `Evidence (${sentences.length})` }),
      element(
        'ul',
        {},
        sentences.map((text) => element('li', { text })),
      ),
    ]);
    this.#damageSection = new Section(this.#damage, (sentences) => sentences.map((text) => element('p', { text })));
    this.#details.addEventListener('click', () => {
      const isOpen = this.element.classList.toggle('is-open');
      setAttribute(this.#details, 'aria-expanded', String(isOpen));
    });
    this.element = element('header', { class: 'session-header' }, [
      element('div', { class: 'title-row' }, [this.#title, this.#status]),
      element('div', { class: 'facts-row' }, [
        this.#facts,
        this.#details,
        element('div', { class: 'actions', attributes: { role: 'group', 'aria-label': 'Actions on this session' } }, [
          this.#stop,
          this.#cleanUp,
          action('Export report', 'exportReport'),
          action('Open log folder', 'openLogFolder'),
          this.#more,
        ]),
      ]),
      element('div', { class: 'told', attributes: { tabindex: '0', role: 'region', 'aria-label': 'What happened' } }, [
        this.#verdict,
        this.#incident,
        this.#evidence,
      ]),
      this.#damage,
    ]);
  }

  /** Between two overviews: how long it runs and how much was sampled. */
  grow(snapshotCount: number, lastMs: number): void {
    this.#grown = { snapshotCount, lastMs };
    if (this.#state.overview !== undefined) this.#showFacts(this.#state.overview);
  }

  /** The incident that the session's death is part of. */
  setIncident(incident: IncidentRow | undefined): void {
    this.#shared = incident;
    this.#showIncident();
  }

  show(state: SessionState): void {
    const { overview } = state;
    const isNew = overview !== this.#state.overview;
    this.#state = state;
    if (overview === undefined) return;
    if (isNew) this.#showOverview(overview);
    this.#showState(overview);
  }

  #showOverview(overview: Overview): void {
    const { row, leftovers } = overview;
    this.#grown = undefined;
    setText(this.#title, displayText(row.title, 200));
    this.#title.title = displayText(overview.command);
    // A trace is written by somebody else's process, and so is a log.
    setShown(this.#stop, row.isRunning && row.logOnly === undefined && !isTraceName(row.ref.id));
    const stopped = overview.attached === undefined ? 'the agent' : 'the process itself, not only its recording';
    setAttribute(this.#stop, 'title', `Stop ends ${stopped}.`);
    setShown(this.#cleanUp, leftovers.length > 0);
    setShown(this.#more, row.logOnly === undefined);
    this.#evidenceSection.update(overview.evidenceSentences.map((sentence) => displayText(sentence)));
    setShown(this.#damage, overview.damage.length > 0);
    this.#damageSection.update(
      overview.damage.map(({ file, badLines, code }) =>
        code === undefined
          ? `${file}: ${badLines} damaged ${badLines === 1 ? 'line was' : 'lines were'} skipped; the rest is shown.`
          : `${file} cannot be read (${code}).`,
      ),
    );
  }

  #showState(overview: Overview): void {
    const point = pointBeforeEnd(this.#state);
    // Of a session that ran when it was last heard of, nobody knows whether it still does.
    const isUnknown = this.#state.isStale && overview.row.isRunning;
    const now = isUnknown ? UNKNOWN : stateOf(overview.row);
    const state = point === undefined ? now : ({ text: 'Replay', tone: 'running' } as const);
    const { host } = overview.row;
    setText(this.#status, host === undefined ? state.text : `${state.text} ${hostWords(displayText(host, 64))}`);
    this.#status.className = `state tone-${state.tone}`;
    this.#showFacts(overview);
    // In a replay: what was known then, in the words and the place of the verdict.
    const verdict = isUnknown ? 'It was running when it was last heard of.' : overview.verdictSentence;
    const sentence = point === undefined ? verdict : replaySentence(overview, point);
    // Read out when it changes; not at every picture of a replay that plays.
    setAttribute(this.#verdict, 'aria-live', this.#state.point?.isPlaying === true ? 'off' : 'polite');
    setText(this.#verdict, displayText(sentence));
    this.#verdict.className = `verdict tone-${state.tone}`;
    setShown(this.#evidence, point === undefined && overview.evidenceSentences.length > 0);
    this.#showIncident();
  }

  #showFacts(overview: Overview): void {
    this.#factsSection.update(factsOf({ ...overview, ...this.#grown }, pointBeforeEnd(this.#state)));
  }

  #showIncident(): void {
    const others = (this.#shared?.sessions.length ?? 0) - 1;
    setShown(this.#incident, others > 0 && pointBeforeEnd(this.#state) === undefined);
    setText(this.#incident, `Died together with ${others === 1 ? '1 other' : `${others} others`}: show the incident`);
  }
}

const UNKNOWN: StateWords = { text: 'Not known', tone: 'neutral' };

function factsOf(overview: Overview, point: ReplayPoint | undefined): readonly (readonly [string, string])[] {
  const { row } = overview;
  const end = point === undefined ? endWords(overview) : undefined;
  const untilMs = point?.ms ?? (row.isRunning ? overview.lastMs : undefined);
  const seconds =
    untilMs !== undefined && overview.startMs !== undefined
      ? Math.max(0, untilMs - overview.startMs) / 1000
      : row.durationSeconds;
  return [
    ['Agent', agentWords(row.agent)],
    ...startFacts(overview),
    ...(seconds === undefined
      ? []
      : ([[overview.attached === undefined ? 'Duration' : 'Watched for', humanSeconds(seconds)]] as const)),
    ...(end === undefined ? [] : ([['Ended with', end]] as const)),
    ['Samples', overview.snapshotCount.toLocaleString('en')],
    ...(overview.cwd === undefined ? [] : ([['Folder', displayText(overview.cwd, 200)]] as const)),
    ['Id', displayText(row.ref.id, 140)],
  ];
}

/** A process that was attached to is older than its recording. */
function startFacts({ row, attached }: Overview): readonly (readonly [string, string])[] {
  if (row.startMs === undefined) return [];
  if (attached === undefined) return [['Started', momentOf(row.startMs)]];
  const since = attached.processStartMs;
  return [
    ...(since === undefined ? [] : ([['Runs since', momentOf(since)]] as const)),
    ['Watched since', momentOf(row.startMs)],
  ];
}
