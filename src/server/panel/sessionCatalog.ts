import { statSync } from 'node:fs';
import { join } from 'node:path';
import { anomalyFrom, type Anomaly } from '../../core/session/anomaly.ts';
import { episodesOf } from '../../core/anomalies/episodes.ts';
import { listedFacts } from '../../core/find/listedFacts.ts';
import { isFound, searched, sessionQuery, type Searched } from '../../core/find/sessionQuery.ts';
import type { ListQuery, RootStatus, SessionPage } from '../../core/panel/serverProtocol.ts';
import type { SessionRef, SessionRow } from '../../core/panel/sessionView.ts';
import type { AgentLogsSetting } from '../../core/panel/agentLogsSetting.ts';
import { isTraceName } from '../../core/session/devboyTrace.ts';
import { listedLog } from '../../sessions/unrecorded/listedLog.ts';
import type { UnrecordedLog } from '../../sessions/unrecorded/unrecordedLog.ts';
import { outcomeOf } from '../../core/session/summaryVerdict.ts';
import { BAD_OUTCOMES, SEVERITIES, type Severity } from '../../core/words/vocabulary.ts';
import { suspectedLayer } from '../../core/failures/suspect.ts';
import { readJsonLines } from '../../logs/jsonLines.ts';
import { logRootAt, type LogRoot } from '../../logs/logRoot.ts';
import { listSessions, type ListedSession } from '../../logs/sessionIndex.ts';
import { listTraces } from '../../logs/traceFolders.ts';
import { clippedLabel } from './clippedRecord.ts';
import { type BookedIncident, IncidentBook, isInIncident } from './incidentBook.ts';
import { isUnusedTraceFolder, rootStatus } from './rootStatus.ts';
import { entryOf, SearchedSessions, type Entry } from './searchedSessions.ts';
import { SessionThings } from './sessionThings.ts';
import { UnrecordedBook } from './unrecordedBook.ts';
import { isOfFilter, unrecordedRow } from './unrecordedRows.ts';

/** A thousand traces take 80 ms to list; a recorded session that is looked at asks several times a second. */
const TRACES_KEPT_MS = 2000;

interface FoundLog {
  readonly row: SessionRow;
  readonly searched: Searched;
}

/** Every session of all roots, and those that nobody recorded. Read when somebody asks, kept until something changes. */
export class SessionCatalog {
  readonly #unrecorded: UnrecordedBook;
  #unrecordedCount = 0;
  #roots: readonly LogRoot[] = [];
  #entries: readonly Entry[] | undefined;
  #traces: { readonly entries: readonly Entry[]; readonly readMs: number } | undefined;
  #status: readonly RootStatus[] = [];
  /** Roots that were there once: what is missing of them is gone, and not still to come. */
  readonly #seen = new Set<string>();
  readonly #incidents = new IncidentBook();
  readonly #things = new SessionThings();
  readonly #searched = new SearchedSessions();
  readonly #badges = new Map<string, { readonly size: number; readonly worst: readonly Severity[] }>();

  /** Told when a session that nobody recorded is found, or is found otherwise. */
  constructor(onUnrecorded: () => void = () => undefined) {
    this.#unrecorded = new UnrecordedBook(onUnrecorded);
  }

  /** Whether and where agents' own logs are sessions of their own. */
  setAgentLogs(setting: AgentLogsSetting | undefined): void {
    this.#unrecorded.configure(setting, this.#roots[0]);
  }

  /** Of a reference that is no recorded session's. */
  unrecorded(ref: SessionRef): UnrecordedLog | undefined {
    return ref.root === this.#roots[0]?.path ? this.#unrecorded.find(ref.id) : undefined;
  }

  setRoots(paths: readonly string[]): void {
    this.#roots = [...new Set(paths)].map((path) => logRootAt(path));
    this.#unrecorded.configure(this.#unrecorded.setting, this.#roots[0]);
    this.invalidate();
  }

  get roots(): readonly LogRoot[] {
    return this.#roots;
  }

  invalidate(): void {
    this.#entries = undefined;
    this.#traces = undefined;
  }

  rootAt(path: string): LogRoot | undefined {
    return this.#roots.find((root) => root.path === path);
  }

  page({ filter, text, offset, limit }: ListQuery): SessionPage {
    const entries = this.#all();
    const nowMs = Date.now();
    const query = sessionQuery(text, nowMs);
    const matching = entries.filter(
      ({ root, session, searched: its }) =>
        isFound(query, its, nowMs) &&
        (filter === 'all' ||
          (filter === 'running' && session.state === 'running') ||
          (filter === 'failed' && session.state === 'finished' && isFailure(session)) ||
          (filter === 'anomalous' && this.#isAnomalous(root, session))),
    );
    const logs = this.#logsOf(entries, offset + limit).filter(
      ({ row, searched: its }) => isOfFilter(row, filter) && isFound(query, its, nowMs),
    );
    const recorded = matching.slice(offset, offset + limit).map((entry) => this.#row(entry));
    const behind = logs.slice(Math.max(0, offset - matching.length)).map(({ row }) => row);
    const rows = [...recorded, ...behind].slice(0, limit);
    return {
      rows,
      incidents: this.incidents().flatMap((booked) =>
        rows.some(({ ref }) => isInIncident(booked, ref)) ? booked.row : [],
      ),
      matching: matching.length + logs.length,
      total: entries.length + this.#unrecordedCount,
      running: entries.filter(({ session }) => session.state === 'running').length,
      roots: this.#status,
      ...(query.problems.length > 0 && { problem: query.problems.join(' ') }),
    };
  }

  /** Behind the recorded ones, the newest first. */
  #logsOf(entries: readonly Entry[], most: number): readonly FoundLog[] {
    const [first] = this.#roots;
    if (first === undefined) return [];
    const recorded = this.#roots.map((root) => ({
      root,
      sessions: entries.flatMap((entry) =>
        entry.root === root && !isTraceName(entry.session.dir_name) ? entry.session : [],
      ),
    }));
    const logs = this.#unrecorded.logs(recorded, most);
    this.#unrecordedCount = logs.length;
    return logs.map((log) => ({
      row: unrecordedRow(log, first.path),
      searched: searched(() => listedFacts(listedLog(log))),
    }));
  }

  /** The newest first. */
  incidents(): readonly BookedIncident[] {
    return this.#incidents.list(this.#roots);
  }

  running(): readonly SessionRow[] {
    return this.#all()
      .filter(({ session }) => session.state === 'running')
      .map((entry) => this.#row(entry));
  }

  /** Not every client tells of a trace that begins or ends, and none of one that was abandoned. */
  #allTraces(): readonly Entry[] {
    if (this.#traces === undefined || performance.now() - this.#traces.readMs > TRACES_KEPT_MS) {
      const entries = this.#roots.flatMap((root) => listTraces(root).map((trace) => entryOf(root, trace)));
      this.#traces = { entries, readMs: performance.now() };
    }
    return this.#traces.entries;
  }

  #all(): readonly Entry[] {
    const traces = this.#allTraces();
    if (this.#entries === undefined) {
      this.#status = this.#roots.map((root) => this.#statusOf(root)).filter((status) => !isUnusedTraceFolder(status));
      const listed = this.#roots.flatMap((root) => this.#searched.entries(root, listSessions(root)));
      this.#searched.keep(listed);
      this.#entries = inOrder(withoutDoubles(listed));
    }
    return traces.length === 0 ? this.#entries : inOrder([...this.#entries, ...traces]);
  }

  #statusOf(root: LogRoot): RootStatus {
    const status = rootStatus(root);
    if (status.condition !== 'missing') this.#seen.add(root.path);
    return status.condition === 'missing' && this.#seen.has(root.path) ? { ...status, condition: 'gone' } : status;
  }

  /** A running session's line knows of no anomalies yet; its file does. */
  #isAnomalous(root: LogRoot, { state, anomaly_count, dir_name }: ListedSession): boolean {
    if (state === 'finished') return anomaly_count > 0;
    return this.#worstOfEpisodes(join(root.running, dir_name)).length > 0;
  }

  #row({ root, session, searched: { facts } }: Entry): SessionRow {
    const isRunning = session.state === 'running';
    const dir = join(isRunning ? root.running : root.sessions, session.dir_name);
    const worst = session.anomaly_count > 0 || isRunning ? this.#worstOfEpisodes(dir) : [];
    return {
      ref: { root: root.path, id: session.dir_name },
      isRunning,
      outcome: facts.outcome,
      cause: facts.cause,
      title: clippedLabel(facts.title),
      agent: facts.agent,
      startMs: facts.startMs,
      durationSeconds: facts.durationSeconds,
      anomalyCount: session.anomaly_count,
      criticals: worst.filter((severity) => severity === 'critical').length,
      warnings: worst.filter((severity) => severity === 'warning').length,
      suspect: suspectedLayer(session.suspect),
      ...(session.host !== undefined && { host: clippedLabel(session.host) }),
      ...(!isRunning && { has: this.#things.of(dir) }),
    };
  }

  /** The index counts records; badges count episodes, which only the session's own file tells. */
  #worstOfEpisodes(dir: string): readonly Severity[] {
    const path = join(dir, 'anomalies.jsonl');
    const size = sizeOf(path);
    const known = this.#badges.get(dir);
    if (known?.size === size) return known.worst;
    const worst = size === 0 ? [] : episodesOf(anomaliesIn(path)).map(({ severity }) => severity);
    this.#badges.set(dir, { size, worst });
    return worst;
  }
}

/** The worst severity over rows; `undefined` when nothing is worse than worth knowing. */
export function worstOf(rows: readonly SessionRow[]): Severity | undefined {
  if (rows.some(({ criticals }) => criticals > 0)) return 'critical';
  return rows.some(({ warnings }) => warnings > 0) ? 'warning' : undefined;
}

/** A copied root has the same sessions again, those that ran when it was copied included: the first root has them. */
function withoutDoubles(entries: readonly Entry[]): Entry[] {
  const rootOf = new Map<string, LogRoot>();
  return entries.filter(({ root, session }) => {
    const key = `${session.session_id}\n${session.timestamp}`;
    if (session.session_id === '') return true;
    const first = rootOf.get(key) ?? root;
    rootOf.set(key, first);
    return first === root;
  });
}

/** Running first, then newest first. */
function inOrder(entries: Entry[]): Entry[] {
  return entries.sort((a, b) => rank(a) - rank(b) || compare(b.session.timestamp, a.session.timestamp));
}

function anomaliesIn(path: string): Anomaly[] {
  const anomalies: Anomaly[] = [];
  try {
    readJsonLines(path, 0, (value) => {
      const anomaly = anomalyFrom(value);
      if (anomaly !== undefined) anomalies.push({ ...anomaly, snapshot: undefined });
    });
  } catch {
    return anomalies; // moved between the stat and the reading: the next look finds it
  }
  return anomalies.filter(({ severity }) => SEVERITIES.includes(severity));
}

function isFailure(session: ListedSession): boolean {
  return BAD_OUTCOMES.has(outcomeOf(session));
}

function rank({ session }: Entry): number {
  return session.state === 'running' ? 0 : 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sizeOf(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  } catch {
    return 0; // one session whose folder is closed to us must not hide all the others
  }
}
