import { join } from 'node:path';
import { isTraceName } from '../../core/session/devboyTrace.ts';
import type { Failures } from '../../core/session/failures.ts';
import { failuresFrom } from '../../core/session/readFailures.ts';
import type { Verdict } from '../../core/session/verdict.ts';
import type { Anomaly } from '../../core/session/anomaly.ts';
import { integerOf, numberOf, type JsonRecord } from '../../core/words/json.ts';
import { SampleStore } from '../../core/panel/sampleStore.ts';
import type { MomentPick } from '../../core/panel/serverProtocol.ts';
import type { Enrollment, LifecycleEvent } from '../../core/session/session.ts';
import type { Damage, SessionRef } from '../../core/panel/sessionView.ts';
import { msFromIso } from '../../core/words/time.ts';
import type { Activity } from '../../core/words/vocabulary.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { ProcessCommands } from '../../logs/processCommands.ts';
import { findSession, readSummary, transcriptOf, type SessionPlace } from '../../logs/sessionFiles.ts';
import { readEnrollment, SUMMARY_FILE } from '../../logs/sessionIndex.ts';
import { META_FILE } from '../../logs/traceFolders.ts';
import type { Stretch } from './findLine.ts';
import { writtenStamp } from './writtenStamp.ts';
import { followLog, unrecordedSummary } from './unrecordedReading.ts';
import type { UnrecordedLog } from '../../sessions/unrecorded/unrecordedLog.ts';
import { judgedAnomalies } from './judgedAnomalies.ts';
import { MOST_ANOMALIES, sessionTails, type SessionFile } from './sessionTails.ts';
import { latestActivity } from './latestActivity.ts';
import { MemoryTail } from './memoryTail.ts';
import { OutputReader } from './outputReader.ts';
import { Stretches } from './stretches.ts';
import { TranscriptTail } from '../../sessions/transcriptTail.ts';

export interface Progress {
  /** A file was replaced: what was read before is void. */
  readonly resets: number;
  readonly samples: number;
  /** Grows with anything but samples and output. */
  readonly overview: number;
  readonly outputBytes: number;
}

/** One session's files, read on from where they were last read; the directory may move meanwhile. */
export class SessionReader {
  readonly ref: SessionRef;
  readonly #root: LogRoot;
  #place: SessionPlace | undefined;
  #samples = new SampleStore();
  readonly #stretches = new Stretches();
  readonly memory = new MemoryTail();
  readonly #output = new OutputReader();
  #anomalies: Anomaly[] = [];
  #lifecycle: LifecycleEvent[] = [];
  #summary: JsonRecord | undefined;
  #summaryStamp: string | undefined;
  #enrollment: Enrollment | undefined;
  #codes = new Map<string, string>();
  #tails = sessionTails({
    samples: () => this.#samples,
    anomalies: () => this.#anomalies,
    lifecycle: () => this.#lifecycle,
  });
  readonly #commands = new ProcessCommands();
  readonly #transcript: TranscriptTail;
  #revision = 0;
  #overviewRevision = 0;
  #resets = 0;
  #activity: Activity | undefined;
  readonly #unrecorded: () => UnrecordedLog | undefined;
  #log: UnrecordedLog | undefined;

  /** @param unrecorded the session's log, when it is no recorded one's */
  constructor(ref: SessionRef, root: LogRoot, unrecorded: () => UnrecordedLog | undefined = () => undefined) {
    this.ref = ref;
    this.#unrecorded = unrecorded;
    this.#root = root;
    this.#transcript = new TranscriptTail(root);
  }

  get transcript(): TranscriptTail {
    return this.#transcript;
  }

  /** The command lines of its processes. */
  get commands(): ProcessCommands {
    if (this.#place !== undefined) this.#commands.read(this.#place.dir);
    return this.#commands;
  }

  get samples(): SampleStore {
    return this.#samples;
  }

  /** Each as it was, where the range is short enough to see each. */
  samplesIn(range: Stretch): SampleStore {
    return this.#stretches.of(range, { all: this.#samples, dir: this.dir });
  }

  rowsIn(range: Stretch & { readonly limit: number }): ReturnType<SampleStore['rows']> {
    return this.#stretches.rows(range, { all: this.#samples, dir: this.dir });
  }

  samplesAround(wanted: { readonly seq: number } | { readonly ms: number }, pick: MomentPick): SampleStore {
    return this.#stretches.around(wanted, pick, { all: this.#samples, dir: this.dir });
  }

  get anomalies(): readonly Anomaly[] {
    return this.#anomalies;
  }

  get lifecycle(): readonly LifecycleEvent[] {
    return this.#lifecycle;
  }

  get summary(): JsonRecord | undefined {
    return this.#summary;
  }

  /** As the account says, else as the agent's log tells so far: `knownFailures` of a log that is read as it grows. */
  failures(verdict: Verdict): Failures | undefined {
    const told = this.#summary?.['failures'];
    if (told !== undefined) return failuresFrom(told);
    const isByItself = this.isRunning || this.#log !== undefined || isTraceName(this.ref.id);
    return this.#transcript.failures(isByItself ? undefined : verdict);
  }

  get enrollment(): Enrollment | undefined {
    return this.#enrollment;
  }

  get isRunning(): boolean {
    return this.#place?.state === 'running' || this.#log?.writer !== undefined;
  }

  /** Of a session that nobody recorded. */
  get log(): UnrecordedLog | undefined {
    return this.#log;
  }

  /** What it does while it runs. */
  get activity(): Activity | undefined {
    return this.#activity;
  }

  get revision(): number {
    return this.#revision;
  }

  /** How far the reading has come: what was told can be compared with what there is. */
  get progress(): Progress {
    const outputBytes = this.dir === undefined ? 0 : OutputReader.sizeIn(this.dir);
    return { resets: this.#resets, samples: this.#samples.count, overview: this.#overviewRevision, outputBytes };
  }

  /** What the agent printed, with all that has come. */
  output(): OutputReader {
    if (this.dir !== undefined) this.#output.read(this.dir);
    return this.#output;
  }

  get dir(): string | undefined {
    return this.#place?.dir;
  }

  get damage(): readonly Damage[] {
    return [this.#tails.trace, this.#tails.anomalies, this.#tails.lifecycle].flatMap((tail) => {
      const badLines = tail.badLines(!this.isRunning);
      const code = this.#codes.get(tail.file);
      return badLines === 0 && code === undefined ? [] : [{ file: tail.file, badLines, code }];
    });
  }

  /** From the first sample to the last; without any, from the start to the end or to what the agent's log tells last. */
  get extent(): { readonly firstMs: number | undefined; readonly lastMs: number | undefined } {
    const { firstMs, lastMs } = this.#samples;
    if (lastMs !== undefined) return { firstMs, lastMs };
    return {
      firstMs: msFromIso(this.#summary?.['start_ts']),
      lastMs: msFromIso(this.#summary?.['end_ts']) ?? msFromIso(this.#transcript.failures()?.last_ts),
    };
  }

  /** Reads what is new; false when the session's directory is gone. */
  refresh(): boolean {
    const before = this.#place;
    const place = findSession(this.#root, this.ref.id);
    this.#place = place;
    if (place === undefined) return this.#readLog();
    const summaryStamp = writtenStamp(join(place.dir, SUMMARY_FILE)) ?? writtenStamp(join(place.dir, META_FILE));
    const hasNewFacts = before?.state !== place.state || summaryStamp !== this.#summaryStamp;
    if (hasNewFacts) {
      this.#summaryStamp = summaryStamp;
      this.#enrollment = readEnrollment(place.dir) ?? this.#enrollment;
      this.#summary = readSummary(place.dir);
      this.#samples.intervalMs = this.#intervalMs();
    }
    const countBefore = this.#samples.count;
    const isReset = this.#read(place.dir, 'trace');
    const anomaliesBefore = this.#anomalies.length;
    const eventsBefore = this.#lifecycle.length;
    const damageBefore = this.#damageCount();
    this.#read(place.dir, 'anomalies');
    this.#read(place.dir, 'lifecycle');
    const hasNewCalls = this.#readTranscript(place);
    const hasNewSamples = isReset || this.#samples.count > countBefore;
    if (hasNewSamples || hasNewFacts) this.#judgeUnjudged(place);
    const activityBefore = this.#activity;
    if (hasNewSamples || hasNewFacts) {
      this.#activity = this.isRunning ? latestActivity(place.dir, this.#anomalies) : undefined;
    }
    const isOverviewChanged =
      hasNewFacts ||
      this.#activity !== activityBefore ||
      isReset ||
      hasNewCalls ||
      this.#anomalies.length !== anomaliesBefore ||
      this.#lifecycle.length !== eventsBefore ||
      this.#damageCount() !== damageBefore;
    if (isReset) this.#resets += 1;
    if (isOverviewChanged) this.#overviewRevision += 1;
    if (hasNewSamples || isOverviewChanged) this.#revision += 1;
    return true;
  }

  /** Without a directory there may be its agent's log. */
  #readLog(): boolean {
    const before = JSON.stringify(this.#log);
    this.#log = this.#unrecorded();
    if (this.#log === undefined) return false;
    const isNew = JSON.stringify(this.#log) !== before;
    if (isNew) this.#summary = unrecordedSummary(this.#log, this.#root);
    const news = Number(followLog(this.#transcript, this.#log) || isNew);
    [this.#overviewRevision, this.#revision] = [this.#overviewRevision + news, this.#revision + news];
    return true;
  }

  #readTranscript({ state, dir }: SessionPlace): boolean {
    const named = transcriptOf(dir, this.#summary);
    if (named !== undefined) this.#transcript.follow(named);
    else if (state === 'running' && this.#enrollment !== undefined) {
      this.#transcript.search(this.#enrollment, dir, Date.now());
    }
    const hasRead = this.#transcript.read();
    if (state === 'finished') this.#transcript.finish();
    return hasRead;
  }

  #forget(name: SessionFile): void {
    if (name === 'anomalies') this.#anomalies = [];
    if (name === 'lifecycle') this.#lifecycle = [];
    if (name !== 'trace') return;
    this.#stretches.forget();
    this.#samples = new SampleStore();
    this.#samples.intervalMs = this.#intervalMs();
  }

  #damageCount(): number {
    return this.damage.reduce((sum, { badLines, code }) => sum + badLines + (code === undefined ? 0 : 1), 0);
  }

  #intervalMs(): number | undefined {
    const seconds = numberOf(this.#summary?.['snapshot_interval_seconds']) ?? this.#enrollment?.interval_seconds;
    return seconds === undefined || seconds <= 0 ? undefined : seconds * 1000;
  }

  /** Whether the file was another one than before. */
  #read(dir: string, name: SessionFile): boolean {
    const tail = this.#tails[name];
    let state = tail.read(dir);
    const isReset = state.type === 'replaced';
    if (isReset) {
      this.#forget(name);
      state = tail.read(dir);
    }
    if (state.type === 'unreadable') this.#codes.set(tail.file, state.code);
    else this.#codes.delete(tail.file);
    return isReset;
  }

  /** A finished session whose recorder judged nothing, as one that died with its recorder: judged here. */
  #judgeUnjudged(place: SessionPlace): void {
    const isJudged =
      this.#anomalies.length > 0 || this.isRunning || integerOf(this.#summary?.['anomaly_count']) !== undefined;
    if (isJudged || this.#samples.count === 0) return;
    this.#anomalies = judgedAnomalies(place.dir, {
      summary: this.#summary,
      enrollment: this.#enrollment,
      most: MOST_ANOMALIES,
    });
  }
}
