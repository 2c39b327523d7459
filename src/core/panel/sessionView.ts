import type { Attached } from '../session/attached.ts';
import type { CallText, TimedCall } from '../session/call.ts';
import type { Failures } from '../session/failures.ts';
import type { JsonRecord } from '../words/json.ts';
import type { Leftover } from '../session/session.ts';
import type { StoryLine } from '../story/storyFacts.ts';
import type { TreeMember } from '../session/tree.ts';
import type { Verdict } from '../session/verdict.ts';
import type { AgentKind, AnomalyKind, Cause, Outcome, Severity } from '../words/vocabulary.ts';

/**
 * What a person sees of sessions. All of it survives JSON: no typed arrays, no NaN; a key whose value is `undefined` is
 * simply absent after the journey. Times are milliseconds since the epoch, `*Ms`. Texts from a log are clipped, but
 * still hostile.
 */

/** A session wherever its directory is at the moment: moving from `running/` to `sessions/` does not change it. */
export interface SessionRef {
  /** The log root's absolute path. */
  readonly root: string;
  /** The session's directory name. */
  readonly id: string;
}

export function sessionKey({ root, id }: SessionRef): string {
  return `${root}\n${id}`; // a line break cannot be part of a root we were configured with
}

export function isSameSession(a: SessionRef | undefined, b: SessionRef | undefined): boolean {
  return a?.id === b?.id && a?.root === b?.root;
}

/** One session in a list. */
export interface SessionRow {
  readonly ref: SessionRef;
  readonly isRunning: boolean;
  readonly outcome: Outcome;
  readonly cause: Cause | undefined;
  /** The label or command, else the id. */
  readonly title: string;
  readonly agent: AgentKind;
  readonly startMs: number | undefined;
  readonly durationSeconds: number | undefined;
  readonly anomalyCount: number;
  /** Episodes, not records. */
  readonly criticals: number;
  readonly warnings: number;
  /** What the failures of the transcript point at, when they point at something. */
  readonly suspect: string | undefined;
  /** The machine, where it was another one. */
  readonly host?: string | undefined;
  /** What of it there is to be looked at or done, of a session that has ended. */
  readonly has?: readonly SessionThing[];
  /** Known from its agent's own log only: nobody recorded it. */
  readonly logOnly?: LogOnlyView | undefined;
}

export type SessionThing = 'output' | 'leftovers';

export interface LogOnlyView {
  /** The last sign of life in the log. */
  readonly lastMs: number;
  /** Where the agent worked. */
  readonly folder: string | undefined;
}

/** The measured series of a session. The names are the file's own, where the file has them. */
export const SERIES_NAMES = [
  'vm_rss_kb',
  'tree_rss_kb',
  'cgroup_memory_limit_kb',
  'mem_available_kb',
  'limit_share',
  'oom_score',
  'oom_share',
  'fd_count',
  'tree_fd_count',
  'fd_soft_limit',
  'cpu_percent',
  'tree_cpu_percent',
  'threads',
  'tree_process_count',
  'disk_free_kb',
] as const;
export type SeriesName = (typeof SERIES_NAMES)[number];

/** Points of one series in time order; a `null` value breaks the line. */
export interface SeriesPoints {
  readonly t: readonly number[];
  readonly v: readonly (number | null)[];
}

/** Series without a single value are absent. */
export type SeriesSet = Readonly<Partial<Record<SeriesName, SeriesPoints>>>;

export interface EpisodeView {
  readonly kind: AnomalyKind | 'other';
  readonly severity: Severity;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly count: number;
  readonly pid: number | undefined;
  readonly detail: JsonRecord;
}

export interface LifecycleView {
  readonly ms: number;
  readonly event: string;
  readonly reason: string | undefined;
  readonly context: JsonRecord | undefined;
}

/** A limit ahead, as it looked at an instant. */
export interface ForecastView {
  /** The line that it continues. */
  readonly series: SeriesName;
  readonly fromMs: number;
  readonly value: number;
  readonly limit: number;
  readonly reachedMs: number;
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly sentence: string;
}

/** A call of the agent's transcript; without `endMs` it never returned. */
export interface CallView extends TimedCall, CallText {}

/** A stretch that a trace names: the whole of it at depth 0, its phases at depth 1. Without `endMs` it goes on. */
export interface PhaseView {
  readonly startMs: number;
  readonly endMs: number | undefined;
  /** devboy's word for it, or the trace's own. */
  readonly name: string;
  readonly depth: 0 | 1;
}

/** Everything about a session but its series. */
export interface Overview {
  readonly row: SessionRow;
  /** Grows with everything read; replies of different queries with one revision tell of the same state. */
  readonly revision: number;
  readonly command: string;
  readonly cwd: string | undefined;
  readonly startMs: number | undefined;
  /** Of a session that was attached to: when its process had started, where that is known. */
  readonly attached?: Attached | undefined;
  /** The last sample, or the end when the session has ended. */
  readonly lastMs: number | undefined;
  readonly intervalMs: number | undefined;
  readonly snapshotCount: number;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly verdict: Verdict;
  /** The first line of the story. */
  readonly verdictSentence: string;
  readonly story: readonly StoryLine[];
  /** One sentence per item of `verdict.evidence`, in its order; what is known besides follows. */
  readonly evidenceSentences: readonly string[];
  readonly episodes: readonly EpisodeView[];
  readonly lifecycle: readonly LifecycleView[];
  /** Empty until transcripts are joined to the timelines. */
  readonly calls: readonly CallView[];
  /** Of a trace; empty for everything else. */
  readonly phases: readonly PhaseView[];
  readonly failures: Failures | undefined;
  /** Of each of the failures' sources, in their order. */
  readonly failureTexts: readonly (CallText | null)[];
  readonly leftovers: readonly Leftover[];
  /** The limits ahead of a session that runs. */
  readonly forecasts: readonly ForecastView[];
  readonly damage: readonly Damage[];
}

/** Lines of a file that could not be read; the rest of the file is shown. */
export interface Damage {
  readonly file: string;
  readonly badLines: number;
  /** The system's error code when the file as a whole could not be read. */
  readonly code: string | undefined;
}

/** A process with its command line, where it was recorded. */
export interface NamedMember extends TreeMember {
  readonly command?: string | undefined;
}

export interface MomentView {
  readonly seq: number;
  readonly ms: number;
  /** The sample's line as the file has it, strings clipped. */
  readonly snapshot: JsonRecord;
  /** In the file's order; `undefined` when no tree was recorded for this sample. */
  readonly processes: readonly NamedMember[] | undefined;
  readonly hiddenProcesses: number;
  /** The agent's calls that had begun and not returned, the oldest first. */
  readonly openCalls: readonly CallView[];
  /** The limits ahead as they looked then. */
  readonly forecasts: readonly ForecastView[];
}

export interface SampleRow {
  readonly seq: number;
  readonly ms: number;
  readonly values: Readonly<Partial<Record<SeriesName, number>>>;
}
