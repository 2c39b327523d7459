/** What is known of the other sessions of the same agent in the same folder that ran at the same time. */
export interface OtherSessions {
  /** Their logs, where they are known. */
  readonly logs: ReadonlySet<string>;
  /** The agent's own ids of them, where those are known. */
  readonly ids: ReadonlySet<string>;
  /** How many there are of which neither is known. */
  readonly unplaced: number;
}

export const NO_OTHERS: OtherSessions = { logs: new Set(), ids: new Set(), unplaced: 0 };

/** A file that may be the log of a session by its place, its folder and its time. */
export interface LogCandidate {
  readonly path: string;
  /** By its first lines, else by its birth; `undefined` where neither is told. */
  readonly begunMs: number | undefined;
  readonly changedMs: number;
}

export interface LogTimes {
  readonly startMs: number;
  readonly endMs: number;
  /** It may go on with a log that is older than it. */
  readonly mayResume: boolean;
}

export type LogChoice =
  | { readonly type: 'one'; readonly path: string }
  /** Nothing proves which: it is said, and none is taken. */
  | { readonly type: 'unsure'; readonly paths: readonly string[] };

/** Agents write their first line within a moment of their start, and may add one as they are told to go. */
export const SLACK_MS = 5000;

/**
 * The log of a session among those that no id and no open file proves to be it, and that no other session is known to
 * hold. Several that follow one another are one session's that was begun anew in it: what it did last tells.
 */
export function chooseLog(
  candidates: readonly LogCandidate[],
  times: LogTimes,
  unplaced: number,
): LogChoice | undefined {
  const isBegunThen = ({ begunMs }: LogCandidate): boolean =>
    begunMs === undefined || (begunMs >= times.startMs - SLACK_MS && begunMs <= times.endMs + SLACK_MS);
  const begun = candidates.filter(isBegunThen);
  const possible = begun.length > 0 || !times.mayResume ? begun : candidates;
  const [first] = possible;
  if (first === undefined) return undefined;
  const paths = possible.map(({ path }) => path);
  if (unplaced > 0) return { type: 'unsure', paths };
  if (possible.length === 1) return { type: 'one', path: first.path };
  const inOrder = possible.toSorted((a, b) => (a.begunMs ?? Infinity) - (b.begunMs ?? Infinity));
  const last = inOrder.at(-1) ?? first;
  return isSequence(inOrder) ? { type: 'one', path: last.path } : { type: 'unsure', paths };
}

function isSequence(inOrder: readonly LogCandidate[]): boolean {
  return inOrder.every(({ begunMs }, index) => {
    const before = inOrder[index - 1];
    return begunMs !== undefined && (before === undefined || before.changedMs <= begunMs);
  });
}
