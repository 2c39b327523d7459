import type { Alert } from '../../core/panel/serverProtocol.ts';
import { isInIncident } from './incidentBook.ts';
import type { SessionCatalog } from './sessionCatalog.ts';

type Death = Extract<Alert, { readonly type: 'unexpected_death' }>;

/** The recorders of sessions that die together find each other within two seconds. */
export const HOLD_MS = 2500;
/** Whoever dies last is to be counted. */
const SETTLE_MS = 1500;

/** Tells of deaths: once of those that an incident has together, else of each alone. */
export class DeathNews {
  readonly #catalog: SessionCatalog;
  readonly #tell: (alert: Alert) => void;
  readonly #told = new Set<string>();

  constructor(catalog: SessionCatalog, tell: (alert: Alert) => void) {
    this.#catalog = catalog;
    this.#tell = tell;
  }

  /** What had happened before anybody looked is no news. */
  reset(): void {
    for (const { row } of this.#catalog.incidents()) this.#told.add(keyOf(row.ref));
  }

  /** A single death is held for a moment: it may be one of several. */
  died(death: Death): void {
    setTimeout(() => {
      const isShared = this.#catalog.incidents().some((booked) => isInIncident(booked, death.session));
      if (!isShared) this.#tell(death);
    }, HOLD_MS);
  }

  /** Tells of incidents that are new. */
  look(): void {
    for (const { row } of this.#catalog.incidents()) {
      const key = keyOf(row.ref);
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      setTimeout(() => this.#tellOf(key), SETTLE_MS);
    }
  }

  /** As it is known now; one that was found to be part of another is told as that one. */
  #tellOf(key: string): void {
    const row = this.#catalog.incidents().find((booked) => keyOf(booked.row.ref) === key)?.row;
    if (row !== undefined) this.#tell({ type: 'simultaneous_deaths', incident: row.ref, sentence: row.sentence });
  }
}

function keyOf({ root, id }: { readonly root: string; readonly id: string }): string {
  return `${root}\n${id}`;
}
