import { booleanOf, integerOf, isRecord, numberOf, stringOf } from '../words/json.ts';

/** What a `watch` that runs says of itself to whoever asks. */
export interface WatchStatus {
  readonly pid: number;
  readonly log_root: string;
  readonly since: string;
  /** Sessions that it records now. */
  readonly sessions: number;
  /** The kernel tells it of new programs; else it looks for them. */
  readonly hears_births: boolean;
  readonly cpu_seconds: number;
  readonly elapsed_seconds: number;
  /** Memory that is its own alone. */
  readonly private_kb: number | null;
}

/** Of another process's words, which may be anybody's. */
export function watchStatusFrom(value: unknown): WatchStatus | undefined {
  if (!isRecord(value)) return undefined;
  const pid = integerOf(value['pid']);
  const sessions = integerOf(value['sessions']);
  if (pid === undefined || sessions === undefined) return undefined;
  return {
    pid,
    log_root: stringOf(value['log_root']) ?? '',
    since: stringOf(value['since']) ?? '',
    sessions,
    hears_births: booleanOf(value['hears_births']) ?? false,
    cpu_seconds: numberOf(value['cpu_seconds']) ?? 0,
    elapsed_seconds: numberOf(value['elapsed_seconds']) ?? 0,
    private_kb: integerOf(value['private_kb']) ?? null,
  };
}

/** What it has cost, in a person's words: "0.3% of a core, 41 MB". */
export function watchCost({ cpu_seconds: cpu, elapsed_seconds: elapsed, private_kb: kb }: WatchStatus): string {
  const percent = elapsed > 0 ? (100 * cpu) / elapsed : 0;
  const memory = kb === null ? '' : `, ${Math.round(kb / 1024)} MB`;
  return `${percent.toFixed(percent < 1 ? 2 : 1)}% of a core${memory}`;
}

/** Whoever wants to try one beside another gives it another name. */
export const WATCH_NAME_VARIABLE = 'SESSION_DIAGNOSTICS_WATCH_NAME';

/**
 * Where the one `watch` of a user listens: a name without a file (unix(7), abstract), which nobody can have twice and
 * which goes with its process, however that ends.
 */
export function watchAddress(uid: number, name: string | undefined): string {
  return `\0session-diagnostics-watch-${uid}${name === undefined || name === '' ? '' : `-${name}`}`;
}
