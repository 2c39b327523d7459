import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { anomalyFrom, type Anomaly } from '../../core/session/anomaly.ts';
import type { Alert, ServerNotifications, SessionChanged } from '../../core/panel/serverProtocol.ts';
import { sessionKey, type SessionRef, type SessionRow } from '../../core/panel/sessionView.ts';
import { anomalyNews } from '../../core/anomalies/anomalySentence.ts';
import { shortStory, storyOf } from '../../core/story/storyOf.ts';
import { BAD_OUTCOMES } from '../../core/words/vocabulary.ts';
import { knownEnd } from '../../sessions/knownEnd.ts';
import { findSession } from '../../logs/sessionFiles.ts';
import { readStoryFacts } from '../../sessions/readStory.ts';
import type { StoryFacts } from '../../core/story/storyFacts.ts';
import { StallNews } from './stallNews.ts';
import { META_FILE } from '../../logs/traceFolders.ts';
import { DeathNews, HOLD_MS } from './deathNews.ts';
import { JsonlTail } from './jsonlTail.ts';
import { forecastsNow } from './overviewOf.ts';
import type { SessionCatalog } from './sessionCatalog.ts';
import { worstOf } from './sessionCatalog.ts';
import type { Progress, SessionReader } from './sessionReader.ts';
import type { SessionReaders } from './sessionReaders.ts';

/** More new samples than this are asked for down-sampled instead of being pushed. */
const MOST_PUSHED = 500;

export type Notify = <M extends keyof ServerNotifications>(method: M, params: ServerNotifications[M]) => void;

interface Guarded {
  readonly row: SessionRow;
  readonly anomalies: JsonlTail;
  readonly dir: string;
}

/** Turns changed files into what the host is told: lists to ask for again, samples to draw, alerts to show. */
export class ChangeReporter {
  readonly #catalog: SessionCatalog;
  readonly #readers: SessionReaders;
  readonly #notify: Notify;
  readonly #deaths: DeathNews;
  readonly #stalls: StallNews;
  readonly #told = new Map<string, Progress>();
  #guarded = new Map<string, Guarded>();
  #isFirstLook = true;
  #moved: string | undefined;
  /** `undefined` when the list is to be told whatever it shows. */
  #toldBadges: string | undefined;

  constructor(catalog: SessionCatalog, readers: SessionReaders, notify: Notify) {
    this.#catalog = catalog;
    this.#readers = readers;
    this.#notify = notify;
    const tell = (alert: Alert): void => notify('sessionDiagnostics/alert', alert);
    this.#deaths = new DeathNews(catalog, tell);
    this.#stalls = new StallNews((row) => this.#factsOf(row), tell);
  }

  /** Other roots: nothing that is known of the old ones counts. */
  reset(): void {
    this.#guarded.clear();
    this.#deaths.reset();
    this.#isFirstLook = true;
    this.#listChanged();
  }

  /** From now on changes of these are told; whoever watches asks for the state up to now. */
  watch(sessions: readonly SessionRef[]): void {
    this.#readers.watch(sessions);
    this.#told.clear();
    for (const session of sessions) {
      const reader = this.#read(session);
      if (reader !== undefined) this.#told.set(sessionKey(session), reader.progress);
    }
    this.#readOn();
  }

  /** The list has other sessions that nobody recorded; one of them may be looked at. */
  unrecordedChanged(): void {
    this.#toldBadges = undefined;
    this.#lookForAlerts();
    this.#reportWatched();
  }

  /** `paths` of files and directories that were created, changed or removed. */
  filesChanged(paths: readonly string[]): void {
    const listing = this.#catalog.roots.flatMap(({ path, running, sessions, index }) => [
      path,
      running,
      sessions,
      index,
    ]);
    const incidents = this.#catalog.roots.map((root) => root.incidents);
    const isIncident = (path: string) => incidents.includes(path) || incidents.includes(join(path, '..'));
    // Directories directly in a root's two folders are sessions; what is deeper belongs to one session.
    const isListed = (path: string) =>
      listing.includes(path) ||
      // a trace that begins or ends
      basename(path) === META_FILE ||
      this.#catalog.roots.some(({ running, sessions }) => [running, sessions].includes(join(path, '..')));
    if (paths.some(isIncident)) this.#deaths.look();
    const hasMoved = this.#hasListMoved();
    if (hasMoved || paths.some((path) => isListed(path) || isIncident(path))) this.#listChanged();
    else this.#lookForAlerts();
    this.#reportWatched();
  }

  /** Of directories that come and go at once the watcher misses one now and then; their folder's own time does not. */
  #hasListMoved(): boolean {
    const moved = this.#catalog.roots
      .map(({ running, sessions }) => `${modifiedMs(running)} ${modifiedMs(sessions)}`)
      .join();
    const hasMoved = moved !== this.#moved;
    this.#moved = moved;
    return hasMoved;
  }

  /** What the watched sessions have that has not been told. */
  #reportWatched(): void {
    for (const session of this.#readers.watched) {
      const change = this.#changeOf(session);
      if (change !== undefined) this.#notify('sessionDiagnostics/sessionChanged', change);
    }
    this.#readOn();
  }

  /** A large transcript is read in parts, with everybody else's questions in between. */
  #readOn(): void {
    const isBehind = this.#readers.watched.some((session) => this.#readers.get(session)?.transcript.isBehind === true);
    if (isBehind) setImmediate(() => this.#reportWatched());
  }

  /** One that is closed to us must not take the news of all others along; whoever asks for it is told why. */
  #read(session: SessionRef): SessionReader | undefined {
    try {
      return this.#readers.read(session);
    } catch {
      return undefined;
    }
  }

  #changeOf(session: SessionRef): SessionChanged | undefined {
    const key = sessionKey(session);
    const reader = this.#read(session);
    const told = this.#told.get(key);
    if (reader === undefined) return this.#told.delete(key) ? goneSession(session) : undefined;
    const now = reader.progress;
    this.#told.set(key, now);
    const isOverviewChanged = told?.overview !== now.overview;
    const hasPrinted = told?.outputBytes !== now.outputBytes;
    if (!isOverviewChanged && !hasPrinted && told.samples === now.samples && told.resets === now.resets)
      return undefined;
    const { samples } = reader;
    // The panel drops what a query of its own has already brought it.
    const isPushed = told?.resets === now.resets && now.samples - told.samples <= MOST_PUSHED;
    return {
      session,
      revision: reader.revision,
      isOverviewChanged,
      appended: isPushed ? { after: told.samples, series: samples.since(told.samples) } : undefined,
      lastMs: reader.extent.lastMs,
      snapshotCount: samples.count,
      outputBytes: now.outputBytes,
      forecasts: forecastsNow(reader),
    };
  }

  #listChanged(): void {
    this.#catalog.invalidate();
    this.#toldBadges = undefined;
    this.#guard(this.#catalog.running());
    this.#lookForAlerts();
  }

  /** Keeps an eye on every running session, watched or not, and says how those ended that are no longer. */
  #guard(running: readonly SessionRow[]): void {
    const next = new Map<string, Guarded>();
    for (const row of running) {
      const key = sessionKey(row.ref);
      next.set(key, this.#guarded.get(key) ?? this.#newGuarded(row));
    }
    for (const [key, { row }] of this.#guarded) if (!next.has(key)) this.#ended(row);
    this.#guarded = next;
    this.#isFirstLook = false;
  }

  #newGuarded(row: SessionRow): Guarded {
    const dir = join(row.ref.root, 'running', row.ref.id);
    const key = sessionKey(row.ref);
    const told = new Set<string>();
    // What had happened before this server looked for the first time is no news.
    let isNews = !this.#isFirstLook;
    const tell = (alert: Alert): void => {
      if (isNews) this.#tellAnomaly(alert, key);
    };
    const anomalies = new JsonlTail('anomalies.jsonl', (value) => {
      const anomaly = anomalyFrom(value);
      if (anomaly?.severity === 'critical' && !told.has(anomaly.kind)) {
        told.add(anomaly.kind);
        const news = newsOf(anomaly);
        const isTold = told.has(news) && news !== anomaly.kind;
        if (isNews) told.add(news);
        const sentence = anomalyNews(anomaly.kind, anomaly.detail);
        const alert = { session: row.ref, title: row.title, kind: anomaly.kind, seq: anomaly.seq, sentence };
        if (!isTold) tell({ type: 'critical_anomaly', ...alert });
      }
      return anomaly !== undefined;
    });
    anomalies.read(dir);
    isNews = true;
    return { row, anomalies, dir };
  }

  #lookForAlerts(): void {
    for (const { anomalies, dir } of this.#guarded.values()) anomalies.read(dir);
    const running = this.#catalog.running();
    // A sample more is no news for a list; another badge is.
    const badges = running.map(({ ref, criticals, warnings }) => `${sessionKey(ref)} ${criticals} ${warnings}`).join();
    if (badges === this.#toldBadges) return;
    this.#toldBadges = badges;
    this.#notify('sessionDiagnostics/sessionsChanged', { running: running.length, worst: worstOf(running) });
  }

  /** How often they are looked for: a session that hangs changes no file that is watched. */
  lookForStalls(): void {
    this.#stalls.look([...this.#guarded.values()].map(({ row }) => row));
  }

  set stallMinutes(minutes: number) {
    this.#stalls.afterSeconds = minutes * 60;
  }

  #factsOf(row: SessionRow): StoryFacts | undefined {
    const root = this.#catalog.rootAt(row.ref.root);
    try {
      const place = root && findSession(root, row.ref.id);
      return root && place && readStoryFacts({ root, place }, Date.now());
    } catch {
      return undefined; // closed to us: whoever asks for it is told why
    }
  }

  /** What the kernel killed is mostly the agent itself, whose death is told a moment later. */
  #tellAnomaly(alert: Alert, key: string): void {
    const tell = (): void => this.#notify('sessionDiagnostics/alert', alert);
    if (alert.type !== 'critical_anomaly' || alert.kind !== 'oom_kill') tell();
    else
      setTimeout(() => {
        if (this.#guarded.has(key)) tell();
      }, HOLD_MS);
  }

  #ended(row: SessionRow): void {
    const dir = join(row.ref.root, 'sessions', row.ref.id);
    if (!existsSync(dir)) return; // removed, not ended
    const verdict = knownEnd(dir)?.verdict;
    if (verdict === undefined || !BAD_OUTCOMES.has(verdict.outcome)) return;
    const facts = this.#factsOf(row);
    this.#deaths.died({
      type: 'unexpected_death',
      session: row.ref,
      title: row.title,
      outcome: verdict.outcome,
      cause: verdict.cause,
      verdictSentence: facts === undefined ? '' : shortStory(storyOf(facts)),
    });
  }
}

/** Memory that runs out is foretold, near and pressing: one piece of news. */
function newsOf({ kind }: Anomaly): string {
  return OF_MEMORY.has(kind) ? 'memory' : kind;
}

const OF_MEMORY: ReadonlySet<string> = new Set([
  'oom_forecast',
  'oom_critical',
  'oom_spike',
  'memory_limit_near',
  'memory_pressure',
  'tree_rss_growth',
  'rss_growth',
]);

/** Its folder was there and is not any more: whoever shows it asks, and is told so. */
function goneSession(session: SessionRef): SessionChanged {
  const nothing = { appended: undefined, lastMs: undefined, snapshotCount: 0, outputBytes: 0, forecasts: [] };
  return { session, revision: 0, isOverviewChanged: true, ...nothing };
}

function modifiedMs(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined; // not there, or not ours to look at
  }
}
