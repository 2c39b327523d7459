import { displayText } from '../../src/core/words/displayText.ts';
import type { CandidateView, IncidentRef, IncidentView } from '../../src/core/panel/incidentView.ts';
import type { SessionRef } from '../../src/core/panel/sessionView.ts';
import { DeathLane } from './deathLane.ts';
import { element, Section } from '../parts/element.ts';
import { FailureNotice } from '../parts/failureNotice.ts';
import type { HostLink } from '../parts/hostLink.ts';
import { GUTTER_LEFT, GUTTER_RIGHT } from '../timeline/lineChart.ts';
import type { Theme } from '../parts/theme.ts';
import { momentOf, timeTicks } from '../parts/timeFormat.ts';
import { Turns } from '../parts/turns.ts';

/** Room for one label of the time axis. */
const TICK_PIXELS = 90;

export interface IncidentPageOptions {
  readonly theme: Theme;
  readonly onSession: (session: SessionRef) => void;
}

/** Several sessions that died together: what they may have had in common, and their last minutes side by side. */
export class IncidentPage {
  readonly element: HTMLElement;
  readonly incident: IncidentRef;
  readonly #link: HostLink;
  readonly #options: IncidentPageOptions;
  readonly #failure = new FailureNotice();
  readonly #body = element('div', { class: 'session-body' });
  readonly #section: Section<IncidentView>;
  readonly #turns = new Turns();
  readonly #resize = new ResizeObserver(() => this.#draw());
  #theme: Theme;
  #lanes: readonly DeathLane[] = [];
  #axis = element('div');
  #view: IncidentView | undefined;

  constructor(link: HostLink, incident: IncidentRef, options: IncidentPageOptions) {
    this.#link = link;
    this.incident = incident;
    this.#options = options;
    this.#theme = options.theme;
    this.#section = new Section(this.#body, (view) => this.#build(view));
    this.element = element('article', { class: 'session incident' }, [this.#failure.element, this.#body]);
    this.#resize.observe(this.#body);
  }

  /** At first, and whenever something was recorded: another death, or better evidence. */
  async load(): Promise<void> {
    await this.#turns.take('incident', async () => {
      const pixels = Math.max(200, this.#body.clientWidth || window.innerWidth);
      const reply = await this.#link.query('incident', { incident: this.incident, pixels });
      if (!reply.ok) {
        this.#failure.show(reply.failure);
        return;
      }
      this.#failure.hide();
      this.#view = reply.value;
      this.#section.update(reply.value);
      this.#draw();
    });
  }

  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.#draw();
  }

  dispose(): void {
    this.#resize.disconnect();
    for (const lane of this.#lanes) lane.dispose();
    this.element.remove();
  }

  #build(view: IncidentView): readonly HTMLElement[] {
    for (const lane of this.#lanes) lane.dispose();
    const mostKb = Math.max(16 * 1024, ...view.sessions.flatMap(({ memory }) => memory?.v.map((kb) => kb ?? 0) ?? []));
    this.#lanes = view.sessions.map(
      (session) =>
        new DeathLane(session, { theme: this.#theme, mostKb, onOpen: () => this.#options.onSession(session.ref) }),
    );
    this.#axis = element('div', { class: 'axis', attributes: { 'aria-hidden': 'true' } });
    return [
      element('header', { class: 'session-header' }, [
        element('div', { class: 'title-text' }, [
          element('h1', { text: `${view.sessions.length} sessions died together` }),
          element('span', { class: 'state tone-bad', text: 'Incident' }),
        ]),
        element('p', { class: 'quiet', text: momentOf(view.row.firstMs) }),
        element('p', {
          class: 'verdict tone-bad',
          text: displayText(view.row.sentence),
          attributes: { role: 'status' },
        }),
      ]),
      element('section', { class: 'candidates', attributes: { 'aria-label': 'Possible causes' } }, [
        element('h2', { text: 'What they may have had in common' }),
        ...candidatesOf(view.candidates),
      ]),
      element('section', { class: 'timeline-section', attributes: { 'aria-label': 'Sessions' } }, [
        element('h2', { text: 'Memory of each before it died' }),
        element('div', { class: 'axis-row' }, [this.#axis]),
        element(
          'ul',
          { class: 'death-lanes' },
          this.#lanes.map((lane) => lane.element),
        ),
      ]),
    ];
  }

  #draw(): void {
    if (this.#view === undefined) return;
    const span = { fromMs: this.#view.fromMs, toMs: this.#view.toMs };
    const width = Math.max(1, this.#body.clientWidth - GUTTER_LEFT - GUTTER_RIGHT);
    const ticks = timeTicks(span.fromMs, span.toMs, Math.floor(width / TICK_PIXELS));
    this.#axis.replaceChildren(
      ...ticks.map(({ ms, label }) => {
        const tick = element('span', { class: 'tick', text: label });
        tick.style.left = `${GUTTER_LEFT + ((ms - span.fromMs) / (span.toMs - span.fromMs)) * width}px`;
        return tick;
      }),
    );
    for (const lane of this.#lanes) lane.draw({ span, ticks }, this.#theme);
  }
}

function candidatesOf(candidates: readonly CandidateView[]): readonly HTMLElement[] {
  if (candidates.length === 0) {
    return [element('p', { class: 'quiet', text: 'Nothing that was recorded is common to all of them.' })];
  }
  const items = candidates.map(({ sentence, evidenceSentences }, i) =>
    element('li', {}, [
      element('details', { attributes: i === 0 ? { open: '' } : {} }, [
        element('summary', { text: sentence }),
        element(
          'ul',
          { class: 'evidence-list' },
          evidenceSentences.map((text) => element('li', { text: displayText(text) })),
        ),
      ]),
    ]),
  );
  return [element('ol', { class: 'candidate-list' }, items)];
}
