import { listedFacts } from '../../core/find/listedFacts.ts';
import { searched, type Searched } from '../../core/find/sessionQuery.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import type { ListedSession } from '../../logs/sessionIndex.ts';

export interface Entry {
  readonly root: LogRoot;
  readonly session: ListedSession;
  readonly searched: Searched;
}

export function entryOf(root: LogRoot, session: ListedSession): Entry {
  return { root, session, searched: searched(() => listedFacts(session)) };
}

/** What of a line decides how its session is called and found. */
const TELLING = [
  'state',
  'timestamp',
  'skill_command',
  'label',
  'cause',
  'suspect',
  'success',
  'subtype',
  'exit_code',
  'duration_seconds',
  'anomaly_count',
  'cwd',
  'host',
] as const satisfies readonly (keyof ListedSession)[];

/** Other requests are not kept waiting for longer. */
const SLICE_MS = 8;

/**
 * The sessions of all lists with what a search looks through. That of ten thousand takes 100 ms to be put together: it is
 * made while nobody asks, and kept for as long as a session's line is the same, however often a list is read anew.
 */
export class SearchedSessions {
  #known = new Map<string, Entry>();
  #cold: Entry[] = [];
  #isWarming = false;

  entries(root: LogRoot, sessions: readonly ListedSession[]): Entry[] {
    return sessions.map((session) => this.#entry(root, session));
  }

  /** Forgets what is in none of these, and makes the rest ready. */
  keep(entries: readonly Entry[]): void {
    this.#known = new Map(entries.map((entry) => [keyOf(entry), entry]));
    this.#cold = [...entries];
    if (!this.#isWarming) this.#warmLater();
  }

  #entry(root: LogRoot, session: ListedSession): Entry {
    const entry = entryOf(root, session);
    const known = this.#known.get(keyOf(entry));
    const isSame = known !== undefined && TELLING.every((key) => known.session[key] === session[key]);
    return isSame ? { root, session, searched: known.searched } : entry;
  }

  #warmLater(): void {
    this.#isWarming = this.#cold.length > 0;
    if (this.#isWarming) setImmediate(() => this.#warm());
  }

  #warm(): void {
    const until = performance.now() + SLICE_MS;
    while (performance.now() < until) {
      const entry = this.#cold.pop();
      if (entry === undefined) break;
      entry.searched.text.includes('\n\n'); // made, and laid out in one piece, when it is looked through
    }
    this.#warmLater();
  }
}

function keyOf({ root, session }: Entry): string {
  return `${root.path}\n${session.dir_name}`;
}
