import { displayText } from '../../src/core/words/displayText.ts';
import type { CandidateView, IncidentRef, IncidentView } from '../../src/core/panel/incidentView.ts';
import type { SessionRef } from '../../src/core/panel/sessionView.ts';
import { DeathLane } from './deathLane.ts';
import { element } from '../parts/element.ts';
import type { HostLink } from '../parts/hostLink.ts';
import { LanePage, type LaneContent, type LaneSurroundings } from '../timeline/lanePage.ts';
import type { Theme } from '../parts/theme.ts';
import { momentOf } from '../parts/timeFormat.ts';

export interface IncidentPageOptions {
  readonly theme: Theme;
  readonly onSession: (session: SessionRef) => void;
}

/** Several sessions that died together: what they may have had in common, and their last minutes side by side. */
export class IncidentPage extends LanePage<IncidentView> {
  readonly incident: IncidentRef;

  constructor(link: HostLink, incident: IncidentRef, { theme, onSession }: IncidentPageOptions) {
    super({
      name: 'incident',
      theme,
      ask: (pixels) => link.query('incident', { incident, pixels }),
      build: (view, around) => contentOf(view, { ...around, onSession }),
      spanOf: ({ fromMs, toMs }) => ({ fromMs, toMs }),
    });
    this.incident = incident;
  }
}

interface Around extends LaneSurroundings {
  readonly onSession: (session: SessionRef) => void;
}

function contentOf(view: IncidentView, { axis, theme, onSession }: Around): LaneContent {
  const mostKb = Math.max(16 * 1024, ...view.sessions.flatMap(({ memory }) => memory?.v.map((kb) => kb ?? 0) ?? []));
  const lanes = view.sessions.map(
    (session) => new DeathLane(session, { theme, mostKb, onOpen: () => onSession(session.ref) }),
  );
  const content = [
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
      element('div', { class: 'axis-row' }, [axis]),
      element(
        'ul',
        { class: 'death-lanes' },
        lanes.map((lane) => lane.element),
      ),
    ]),
  ];
  return { content, lanes };
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
