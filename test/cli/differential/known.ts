import type { Entry } from './entries.ts';

/** Cases in which an entry differs from bare, and why it must. README says the same in words. */
export interface Known {
  readonly cases: RegExp;
  readonly reason: string;
  /** It depends on microseconds whether it shows: it need not occur. */
  readonly onlySometimes?: boolean;
  /** It hangs, or leaves something running, until the harness gives up: only the soak takes the time. */
  readonly isSlow?: boolean;
}

export const KNOWN: Readonly<Record<Entry['name'], readonly Known[]>> = {
  native: [],
  node: [],
  off: [],
};
