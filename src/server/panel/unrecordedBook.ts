import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { AgentLogsSetting } from '../../core/panel/agentLogsSetting.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import type { Pace } from '../../agents/allLogs.ts';
import { LogIndex } from '../../sessions/unrecorded/logIndex.ts';
import { recordedLogPaths, type RecordedSessions } from '../../sessions/unrecorded/recordedLogs.ts';
import type { UnrecordedLog } from '../../sessions/unrecorded/unrecordedLog.ts';

/** What a person who looks at the list sees is at most so old. */
const STALE_MS = 4000;
/** While the list may be looked at it is looked again so often: an agent that nobody records tells nobody. */
const AGAIN_MS = 20_000;
const LOOKED_AT_MS = 600_000;
/** Others wait no longer than this. */
const SLICE_MS = 12;

/** The sessions that nobody recorded: looked for when somebody asks for the list, read in slices, told when found. */
export class UnrecordedBook {
  readonly #onChange: () => void;
  #setting: AgentLogsSetting | undefined;
  #root: LogRoot | undefined;
  #index: LogIndex | undefined;
  #wanted = 0;
  #refreshedMs = Number.NEGATIVE_INFINITY;
  #askedMs = Number.NEGATIVE_INFINITY;
  #turn = 0;
  #isBusy = false;
  #timer: NodeJS.Timeout | undefined;
  #joined:
    | { readonly of: readonly UnrecordedLog[]; readonly counts: string; readonly logs: readonly UnrecordedLog[] }
    | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Of another setting, or with another root to keep what was read in, everything is looked for anew. */
  configure(setting: AgentLogsSetting | undefined, root: LogRoot | undefined): void {
    if (JSON.stringify([setting, root?.path]) === JSON.stringify([this.#setting, this.#root?.path])) return;
    [this.#setting, this.#root] = [setting, root];
    this.#turn += 1;
    this.#index = undefined;
    this.#isBusy = false;
    this.#refreshedMs = Number.NEGATIVE_INFINITY;
    clearTimeout(this.#timer);
    // Whoever has looked at the list is told that it is another one now.
    if (Number.isFinite(this.#askedMs)) this.#onChange();
  }

  get setting(): AgentLogsSetting | undefined {
    return this.#setting;
  }

  /** What is known so far, without the logs of recorded sessions; looks for more when that is old. */
  logs(recorded: readonly RecordedSessions[], most: number): readonly UnrecordedLog[] {
    this.#askedMs = Date.now();
    this.#look(most);
    const found = this.#index?.logs ?? [];
    const counts = recorded.map(({ sessions }) => sessions.map(({ state }) => state).join()).join('\n');
    if (this.#joined?.of !== found || this.#joined.counts !== counts) {
      const paths = recordedLogPaths(found, recorded);
      this.#joined = { of: found, counts, logs: found.filter(({ file }) => !paths.has(file.path)) };
    }
    return this.#joined.logs;
  }

  find(id: string): UnrecordedLog | undefined {
    return this.#index?.logs.find((log) => log.id === id);
  }

  dispose(): void {
    this.#turn += 1;
    clearTimeout(this.#timer);
  }

  #look(most: number): void {
    if (this.#setting === undefined || this.#root === undefined) return;
    const isMore = most > this.#wanted;
    this.#wanted = Math.max(this.#wanted, most);
    if (this.#isBusy || (!isMore && Date.now() - this.#refreshedMs < STALE_MS)) return;
    const { places, days } = this.#setting;
    const home = homedir();
    this.#index ??= new LogIndex({
      root: this.#root,
      env: process.env,
      home,
      nowMs: () => Date.now(),
      places: places.map((place) => resolve(home, place.replace(/^~(?=$|[/\\])/, home))),
      days,
    });
    this.#isBusy = true;
    void this.#refresh(this.#index, this.#turn);
  }

  async #refresh(index: LogIndex, turn: number): Promise<void> {
    const isCurrent = (): boolean => turn === this.#turn;
    // What goes wrong here (a disk, a right) costs this list, and nothing else.
    const pace = breathing(() => !isCurrent());
    const tell = (): void => (isCurrent() ? this.#onChange() : undefined);
    const hasChanged = await index.refresh(this.#wanted, pace, tell).catch(() => false);
    if (!isCurrent()) return;
    this.#isBusy = false;
    this.#refreshedMs = Date.now();
    if (hasChanged) this.#onChange();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (Date.now() - this.#askedMs < LOOKED_AT_MS) this.#look(this.#wanted);
    }, AGAIN_MS);
    this.#timer.unref();
  }
}

/** Lets the server's answers go first. */
function breathing(isCancelled: () => boolean): Pace {
  let sinceMs = performance.now();
  return {
    isCancelled,
    pause: async () => {
      if (performance.now() - sinceMs < SLICE_MS) return;
      await new Promise((next) => setImmediate(next));
      sinceMs = performance.now();
    },
  };
}
