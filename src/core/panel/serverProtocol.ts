import type { StoryLine } from '../story/storyFacts.ts';
import type { ActionFacts } from './actionFacts.ts';
import type { CompareQuery, CompareView } from './compareView.ts';
import type { AreaKind, AreasView } from './areasView.ts';
import type { FindOutputQuery, FoundOutput, OutputQuery, OutputView } from './outputView.ts';
import type { IncidentRef, IncidentRow, IncidentView } from './incidentView.ts';
import type {
  ForecastView,
  MomentView,
  Overview,
  SampleRow,
  SeriesSet,
  SessionRef,
  SessionRow,
} from './sessionView.ts';
import type { AnomalyKind, Cause, Outcome, Severity } from '../words/vocabulary.ts';

/** What the language server answers and tells, as custom requests and notifications beside the standard protocol. */

export const SESSION_FILTERS = ['all', 'running', 'failed', 'anomalous'] as const;
export type SessionFilter = (typeof SESSION_FILTERS)[number];

export interface ListQuery {
  readonly filter: SessionFilter;
  /** See `sessionQuery`; "" for all. */
  readonly text: string;
  readonly offset: number;
  readonly limit: number;
}

export interface SessionPage {
  /** Running first, then newest first. */
  readonly rows: readonly SessionRow[];
  /** Those that one of the rows belongs to, the newest first. */
  readonly incidents: readonly IncidentRow[];
  /** How many match the query. */
  readonly matching: number;
  readonly total: number;
  readonly running: number;
  readonly roots: readonly RootStatus[];
  /** What of the search cannot be meant; then nothing matches. */
  readonly problem?: string;
}

/** `missing` is no error: nothing has been recorded there yet. `gone`: this server has seen it before. */
export type RootCondition = 'readable' | 'missing' | 'gone' | 'unreadable' | 'not_a_directory';

export interface RootStatus {
  readonly root: string;
  readonly condition: RootCondition;
  /** What in it the condition is about, such as `sessions`; `undefined` when it is the root itself. */
  readonly part: string | undefined;
  /** Lines of the index that could not be read. */
  readonly badIndexLines: number;
  /** The system's error code, such as EACCES. */
  readonly code: string | undefined;
}

export interface SeriesQuery {
  readonly session: SessionRef;
  /** `undefined`: from the first, to the last sample. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  /** Width of the plot: what cannot be told apart is not sent. */
  readonly pixels: number;
}

export interface SeriesSlice {
  readonly revision: number;
  /** How many samples the session had when this was drawn up. */
  readonly snapshotCount: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly series: SeriesSet;
}

export interface AreasQuery extends SeriesQuery {
  readonly kind: AreaKind;
}

/** Which sample is meant by a number or a time: the nearest, the last up to then, or its neighbours. */
export const MOMENT_PICKS = ['nearest', 'latest', 'previous', 'next'] as const;
export type MomentPick = (typeof MOMENT_PICKS)[number];

export interface MomentQuery {
  readonly session: SessionRef;
  /** The number of a sample. */
  readonly seq: number | undefined;
  /** Or a time. */
  readonly atMs: number | undefined;
  /** `nearest` when it is left out. */
  readonly pick?: MomentPick;
}

/** Samples themselves, evenly picked from a range: the timelines as a table. */
export interface RowsQuery {
  readonly session: SessionRef;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly limit: number;
}

export interface SampleRows {
  readonly rows: readonly SampleRow[];
  /** Samples in the range, of which `rows` are some. */
  readonly inRange: number;
}

export interface SessionPlaceView {
  readonly isRunning: boolean;
  /** Of one that runs: since when. */
  readonly startMs?: number | undefined;
  /** Where the log of a session lies that nobody recorded. */
  readonly folder?: string;
}

export interface IncidentQuery {
  readonly incident: IncidentRef;
  /** Width of the plots. */
  readonly pixels: number;
}

export interface StoryView {
  readonly story: readonly StoryLine[];
}

/** Every query with its parameters and its result; the LSP method is `queryMethod(name)`. */
export interface Queries {
  readonly listSessions: { readonly params: ListQuery; readonly result: SessionPage };
  /** Whether there is such a session, without reading it. */
  readonly place: { readonly params: { readonly session: SessionRef }; readonly result: SessionPlaceView };
  readonly overview: { readonly params: { readonly session: SessionRef }; readonly result: Overview };
  readonly series: { readonly params: SeriesQuery; readonly result: SeriesSlice };
  /** What happened in a session, for a hover: without reading its series. */
  readonly story: { readonly params: { readonly session: SessionRef }; readonly result: StoryView };
  readonly areas: { readonly params: AreasQuery; readonly result: AreasView };
  readonly output: { readonly params: OutputQuery; readonly result: OutputView };
  readonly findOutput: { readonly params: FindOutputQuery; readonly result: FoundOutput };
  readonly moment: { readonly params: MomentQuery; readonly result: MomentView };
  readonly rows: { readonly params: RowsQuery; readonly result: SampleRows };
  readonly actions: { readonly params: { readonly session: SessionRef }; readonly result: ActionFacts };
  readonly compare: { readonly params: CompareQuery; readonly result: CompareView };
  readonly incident: { readonly params: IncidentQuery; readonly result: IncidentView };
}

export const QUERY_NAMES = [
  'listSessions',
  'place',
  'overview',
  'story',
  'series',
  'areas',
  'output',
  'findOutput',
  'moment',
  'rows',
  'actions',
  'compare',
  'incident',
] as const;
export type QueryName = (typeof QUERY_NAMES)[number];

export const QUERY_FAILURES = [
  'no_such_session',
  'no_such_moment',
  'no_such_incident',
  'unreadable',
  'bad_request',
  'server_unavailable',
] as const;

export interface QueryFailure {
  readonly kind: (typeof QUERY_FAILURES)[number];
  /** What a person can do about it or the system's error code; never text of a log. */
  readonly detail: string | undefined;
}

export type QueryReply<N extends QueryName = QueryName> =
  | { readonly ok: true; readonly value: Queries[N]['result'] }
  | { readonly ok: false; readonly failure: QueryFailure };

export function queryMethod(name: QueryName): string {
  return `sessionDiagnostics/${name}`;
}

/** What the server tells the host, by LSP method. */
export interface ServerNotifications {
  /** The list is no longer what it was: ask again when it is looked at. */
  readonly 'sessionDiagnostics/sessionsChanged': SessionsChanged;
  /** A watched session has new samples or new facts. */
  readonly 'sessionDiagnostics/sessionChanged': SessionChanged;
  /** Something happened that is worth interrupting a person for; once per episode and death. */
  readonly 'sessionDiagnostics/alert': Alert;
}

export interface SessionsChanged {
  readonly running: number;
  /** Over all running sessions; `undefined` when nothing is wrong. */
  readonly worst: Severity | undefined;
}

export interface SessionChanged {
  readonly session: SessionRef;
  readonly revision: number;
  /** Everything but the samples may have changed: ask for the overview again. */
  readonly isOverviewChanged: boolean;
  /** New samples since the last notice; `undefined` when they were too many to push: ask for the series again. */
  readonly appended: AppendedSamples | undefined;
  readonly lastMs: number | undefined;
  readonly snapshotCount: number;
  /** How much of its output is kept. */
  readonly outputBytes: number;
  /** The limits ahead, of a session that runs. */
  readonly forecasts: readonly ForecastView[];
}

export interface AppendedSamples {
  /** How many samples came before these: whoever holds fewer has missed some. */
  readonly after: number;
  readonly series: SeriesSet;
}

export type Alert =
  | {
      readonly type: 'critical_anomaly';
      readonly session: SessionRef;
      readonly title: string;
      readonly kind: AnomalyKind | 'other';
      readonly seq: number | undefined;
      /** What it says, in numbers. */
      readonly sentence: string;
    }
  /** A call is open, and nothing has moved for as long as the user has set. */
  | { readonly type: 'stalled'; readonly session: SessionRef; readonly title: string; readonly sentence: string }
  | {
      readonly type: 'unexpected_death';
      readonly session: SessionRef;
      readonly title: string;
      readonly outcome: Outcome;
      readonly cause: Cause;
      /** The first line of the session's story, and its last words. */
      readonly verdictSentence: string;
    }
  /** Several sessions at once; none of them is told alone. */
  | {
      readonly type: 'simultaneous_deaths';
      readonly incident: IncidentRef;
      readonly sentence: string;
    };

/** What the host tells the server, by LSP method. File changes come as `workspace/didChangeWatchedFiles`. */
export interface HostNotifications {
  /** Also the server's `initializationOptions`. */
  readonly 'sessionDiagnostics/roots': RootsParams;
  /** The sessions that a visible panel shows; the server reports changes of these and forgets the others' samples. */
  readonly 'sessionDiagnostics/watch': WatchParams;
}

export interface RootsParams {
  readonly roots: readonly string[];
  /** How long a session may hang before its user is told; 0 for never. */
  readonly stallMinutes?: number;
}

export interface WatchParams {
  readonly sessions: readonly SessionRef[];
}

/**
 * Where logs are to be looked for. The host knows the settings and what is trusted; the server knows the workspace's own
 * configuration file and the standard location. The request's answer is `RootsParams`, the first root being the one
 * that new sessions are recorded to.
 */
export const RESOLVE_ROOTS_METHOD = 'sessionDiagnostics/resolveRoots';

export interface LogPlaces {
  /** The setting; `undefined` when it is not set. */
  readonly logDirectory: string | undefined;
  readonly additionalLogDirectories: readonly string[];
  /** Folders whose `.autoskillit/config.yaml` counts; none while the workspace is not trusted. */
  readonly workspaceFolders: readonly string[];
}

/** `workspace/executeCommand` with a document's uri and a line makes the line's handle, which VS Code copies. */
export const TELL_HANDLE_COMMAND = 'sessionDiagnostics.server.tellHandle';
