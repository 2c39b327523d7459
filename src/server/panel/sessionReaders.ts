import { isSameSession, sessionKey, type SessionRef } from '../../core/panel/sessionView.ts';
import type { SessionCatalog } from './sessionCatalog.ts';
import { SessionReader } from './sessionReader.ts';

/** Sessions looked at a moment ago stay in memory: going back and forth between two is what people do. */
const KEPT = 3;

/** The sessions whose samples are in memory. */
export class SessionReaders {
  readonly #catalog: SessionCatalog;
  /** In the order of their last use. */
  readonly #readers = new Map<string, SessionReader>();
  #watched: readonly SessionRef[] = [];

  constructor(catalog: SessionCatalog) {
    this.#catalog = catalog;
  }

  get watched(): readonly SessionRef[] {
    return this.#watched;
  }

  watch(sessions: readonly SessionRef[]): void {
    this.#watched = sessions;
    this.#forgetOthers();
  }

  clear(): void {
    this.#readers.clear();
  }

  /** With everything that the files hold now; `undefined` when there is no such session. */
  read(ref: SessionRef): SessionReader | undefined {
    const reader = this.get(ref);
    return reader?.refresh() === true ? reader : undefined;
  }

  /** As it was last read. */
  get(ref: SessionRef): SessionReader | undefined {
    const root = this.#catalog.rootAt(ref.root);
    if (root === undefined) return undefined;
    const key = sessionKey(ref);
    const reader = this.#readers.get(key) ?? new SessionReader(ref, root, () => this.#catalog.unrecorded(ref));
    this.#readers.delete(key);
    this.#readers.set(key, reader);
    this.#forgetOthers();
    return reader;
  }

  #forgetOthers(): void {
    const others = [...this.#readers].filter(([, { ref }]) => !this.#watched.some((one) => isSameSession(one, ref)));
    for (const [key] of others.slice(0, Math.max(0, others.length - KEPT))) this.#readers.delete(key);
  }
}
