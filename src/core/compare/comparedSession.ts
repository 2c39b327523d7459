import type { FailureSource } from '../session/failures.ts';
import type { ResourceLimits, SessionEnvironment } from '../session/session.ts';
import type { Verdict } from '../session/verdict.ts';
import type { FailureCategory, ToolKind } from '../words/vocabulary.ts';

/** One session as it is laid beside another. Times are seconds since its own start. */
export interface ComparedSession {
  readonly verdict: Verdict;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly durationSeconds: number | null;
  readonly intervalSeconds: number;
  readonly agent: string;
  readonly command: string;
  readonly folder: string;
  readonly environment: Partial<SessionEnvironment>;
  /** `undefined` where nobody looked, as of another writer's session or one that was over at once. */
  readonly limits: ResourceLimits | undefined;
  /** Of its control group; `null` where it had none, `undefined` where nobody looked. */
  readonly memoryLimitKb: number | null | undefined;
  /** Those that it was given on purpose, by their names. */
  readonly ownLimits: string | null;
  readonly timeoutSeconds: number | null;
  readonly cores: number | null;
  readonly peaks: {
    readonly rssKb: number | null;
    readonly treeRssKb: number | null;
    readonly fdRatio: number | null;
    readonly cpuPercent: number | null;
    readonly processes: number;
  };
  readonly samples: number;
  readonly failureCounts: Readonly<Partial<Record<FailureCategory, number>>>;
  readonly failures: readonly ComparedFailure[];
  readonly calls: readonly ComparedCall[];
  readonly processes: readonly ComparedProcess[];
  readonly leftovers: readonly string[];
  /** Memory of the whole tree, one point a second at most. */
  readonly memory: readonly MemoryPoint[];
}

export interface ComparedFailure extends Pick<FailureSource, 'category' | 'detail' | 'exit_code'> {
  readonly at: number | undefined;
  readonly asked: string | undefined;
  readonly answer: string | undefined;
}

export interface ComparedCall {
  readonly at: number | undefined;
  readonly seconds: number | undefined;
  readonly kind: ToolKind;
  readonly status: 'ok' | 'failed' | 'open';
  readonly asked: string | undefined;
  readonly answer: string | undefined;
}

/** All processes of one command. */
export interface ComparedProcess {
  readonly command: string;
  readonly at: number;
  /** Of the longest. */
  readonly seconds: number;
  readonly peakKb: number;
  readonly samples: number;
}

export interface MemoryPoint {
  readonly at: number;
  readonly kb: number;
}

/** Two runs of one thing are never quite alike: numbers, random names and folders of their own are no difference. */
export function likeness(text: string, folder: string): string {
  const placed = folder.length > 1 ? text.replaceAll(folder, '.') : text;
  return placed
    .replaceAll(/\/tmp\/[^\s'"`:;)]*\//g, '/tmp/#/')
    .replaceAll(/\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b/gi, '#')
    .replaceAll(/\b\d{4,}\b/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
