import { type IncidentRef } from '../../src/core/panel/incidentView.ts';
import { isSamePage, pageRefFrom, type PageRef } from '../../src/core/panel/pageRef.ts';
import { incidentRefFrom } from '../../src/core/panel/panelProtocol.ts';
import { sessionRefFrom } from '../../src/core/panel/sessionRefs.ts';
import { isSameSession, type SessionRef } from '../../src/core/panel/sessionView.ts';
import { arrayOf, integerOf, isRecord } from '../../src/core/words/json.ts';

/** What the panel can show: one of them. */
export type Place =
  | { readonly type: 'session'; readonly session: SessionRef }
  | { readonly type: 'incident'; readonly incident: IncidentRef }
  | { readonly type: 'page'; readonly page: PageRef };

/** Farther back nobody goes by the arrow. */
const MOST_PLACES = 50;

/** Where one has been, as a browser keeps it: going somewhere forgets what was ahead. */
export class History {
  #places: readonly Place[];
  #at: number;

  constructor(kept: unknown) {
    const record = isRecord(kept) ? kept : {};
    this.#places = arrayOf(record['places']).flatMap((place) => placeFrom(place) ?? []);
    this.#at = Math.min(Math.max(-1, integerOf(record['at']) ?? -1), this.#places.length - 1);
  }

  get kept(): unknown {
    return { places: this.#places, at: this.#at };
  }

  go(place: Place): void {
    const here = this.#places[this.#at];
    if (here !== undefined && isSamePlace(here, place)) return;
    this.#places = [...this.#places.slice(0, this.#at + 1), place].slice(-MOST_PLACES);
    this.#at = this.#places.length - 1;
  }

  canGo(steps: -1 | 1): boolean {
    return this.#places[this.#at + steps] !== undefined;
  }

  /** Where that leads; it is the place now. */
  step(steps: -1 | 1): Place | undefined {
    const place = this.#places[this.#at + steps];
    if (place !== undefined) this.#at += steps;
    return place;
  }
}

function isSamePlace(one: Place, other: Place): boolean {
  if (one.type === 'session') return other.type === 'session' && isSameSession(one.session, other.session);
  if (one.type === 'incident') return other.type === 'incident' && isSameSession(one.incident, other.incident);
  return other.type === 'page' && isSamePage(one.page, other.page);
}

function placeFrom(value: unknown): Place | undefined {
  if (!isRecord(value)) return undefined;
  const [session, incident, page] = [
    sessionRefFrom(value['session']),
    incidentRefFrom(value['incident']),
    pageRefFrom(value['page']),
  ];
  if (session !== undefined) return { type: 'session', session };
  if (incident !== undefined) return { type: 'incident', incident };
  return page && { type: 'page', page };
}
