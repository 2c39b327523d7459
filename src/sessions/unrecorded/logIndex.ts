import { hostname, userInfo } from 'node:os';
import { dirname } from 'node:path';
import { allLogs, logFileAt, type LogFile, type Pace } from '../../agents/allLogs.ts';
import { agentOfFormat } from '../../agents/logDigest.ts';
import { relatedFindings } from '../../core/death/relateRecords.ts';
import type { Finding } from '../../core/death/machineRecord.ts';
import { createRedactor, secretsOfEnvironment, type Redactor } from '../../core/privacy/redact.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { gatherRecords } from '../machine/gatherRecords.ts';
import type { Gathered, MachineQuestion } from '../machine/looked.ts';
import { claimLogs, type Claim } from './claimLogs.ts';
import { isInTheMiddle, judgeLog } from './judgeLog.ts';
import { liveAgents } from './liveAgents.ts';
import { readLogCache, stampOf, writeLogCache, type KeptLog } from './logCache.ts';
import { readDigest } from './readDigest.ts';
import { asSession, unrecordedId, type UnrecordedLog } from './unrecordedLog.ts';

export interface LogIndexOptions {
  /** Whose `agent-logs.json` keeps what was read. */
  readonly root: LogRoot;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly nowMs: () => number;
  /** More folders with logs, and for how many days back. */
  readonly places: readonly string[];
  readonly days: number;
  /** Where the machine's records lie, when not where they always do. */
  readonly records?: MachineRecords;
}

export type MachineRecords = Pick<MachineQuestion, 'journal' | 'logins' | 'kernelLog'>;

export const DEFAULT_DAYS = 90;
/** So many are read unless somebody asks for more: reading all of thousands takes a while. */
export const NEWEST_LOGS = 200;
const MOST_LOGS = 2000;
const SHORTEST_ID = 6;
const DAY_MS = 86_400_000;
/** What a listing waits for; `why` waits longer. */
const LISTING_TIMEOUT_MS = 1500;
const WHY_TIMEOUT_MS = 10_000;
/** Before the first last sign: clocks differ, and what led to an end comes before it. */
const BEFORE_MS = 60_000;
/** After it: an agent may wait for hours, but what is found then proves less and less. */
const AFTER_MS = DAY_MS;

/** The newest logs of this user's agents, each with what became of its session. */
export class LogIndex {
  readonly #options: LogIndexOptions;
  readonly #redactor: Redactor;
  #kept: Map<string, KeptLog> | undefined;
  #files: readonly LogFile[] = [];
  #logs: readonly UnrecordedLog[] = [];

  constructor(options: LogIndexOptions) {
    this.#options = options;
    const identity = { home: options.home, user: userName(), host: hostname(), workspace: '' };
    this.#redactor = createRedactor({ identity, secrets: secretsOfEnvironment(options.env) });
  }

  /** As they were found the last time, the newest first. */
  get logs(): readonly UnrecordedLog[] {
    return this.#logs;
  }

  /** How many logs there are, read or not. */
  get total(): number {
    return this.#files.length;
  }

  /**
   * Looks again, and reads what is new among the newest `most`; true when anything is other than before. What the logs
   * say is there (`onFound`) before the machine has been asked why some of them stop.
   */
  async refresh(most: number, pace: Pace, onFound: () => void = () => undefined): Promise<boolean> {
    const { env, home, places, days, nowMs } = this.#options;
    const wanted = { env, home, places, sinceMs: nowMs() - days * DAY_MS, most: MOST_LOGS };
    const files = await allLogs(wanted, pace);
    if (pace.isCancelled()) return false;
    this.#files = files;
    return await this.#read(files.slice(0, most), pace, onFound);
  }

  /** The log of an id, or of the beginning of one or of the agent's own; it may be an old one. */
  async find(id: string, pace: Pace): Promise<readonly UnrecordedLog[]> {
    await this.refresh(NEWEST_LOGS, pace);
    const isNamed = (log: UnrecordedLog): boolean =>
      log.id.startsWith(id) || (id.length >= SHORTEST_ID && log.digest.sessionId?.startsWith(id) === true);
    const found = this.#logs.filter(isNamed);
    if (found.length > 0) return found;
    // The agent's id stands in the name of its file or folder mostly.
    const file = this.#files.find(
      ({ agent, path }) => unrecordedId(agent, path).startsWith(id) || (id.length >= SHORTEST_ID && path.includes(id)),
    );
    const log = file && (await this.read(file.path, pace));
    return log === undefined ? [] : [log];
  }

  /** One log, wherever it lies. */
  async read(path: string, pace: Pace): Promise<UnrecordedLog | undefined> {
    const file = this.#files.find((known) => known.path === path) ?? logFileAt(path);
    if (file === undefined) return undefined;
    await this.#read([file, ...this.#files.filter((known) => known.path !== path).slice(0, this.#logs.length)], pace);
    return this.#logs.find((log) => log.file.path === path);
  }

  /** Asks the machine again, for as long as it takes, what it remembers of a session's end. */
  async why(log: UnrecordedLog): Promise<{ readonly log: UnrecordedLog; readonly gathered: Gathered }> {
    const gathered = await gatherRecords(this.#question([log], WHY_TIMEOUT_MS));
    const now = relatedFindings(asSession(log), gathered.records).map(withoutTexts);
    const findings = merged(now, log.findings);
    this.#keep(log.file, { findings });
    this.#save();
    return { log: { ...log, findings, verdict: judgeLog(log.digest, log.writer, findings) }, gathered };
  }

  async #read(files: readonly LogFile[], pace: Pace, onFound: () => void = () => undefined): Promise<boolean> {
    const before = shownState(this.#logs);
    const isNew = await this.#digestAll(files, pace);
    if (pace.isCancelled()) return false;
    const logs = files.flatMap((file) => this.#bare(file) ?? []);
    const claims = this.#claims(logs);
    const seen = this.#rememberProcesses(claims, logs);
    const stopped = logs.filter((log) => !claims.has(log.file.path) && isInTheMiddle(log.digest));
    const judged = (): readonly UnrecordedLog[] => logs.map((log) => this.#judged(log, claims.get(log.file.path)));
    this.#logs = judged();
    if (shownState(this.#logs) !== before) onFound();
    const isAsked = await this.#askMachine(stopped);
    if (isAsked) this.#logs = judged();
    if (isNew || seen || isAsked) this.#save();
    return shownState(this.#logs) !== before;
  }

  get #cache(): Map<string, KeptLog> {
    return (this.#kept ??= readLogCache(this.#options.root));
  }

  async #digestAll(files: readonly LogFile[], pace: Pace): Promise<boolean> {
    let isNew = false;
    for (const file of files) {
      const kept = this.#cache.get(file.path);
      if (kept?.stamp === stampOf(file)) continue;
      const digest = await readDigest(file, this.#redactor, pace);
      await pace.pause();
      if (pace.isCancelled()) return isNew;
      if (digest === undefined) continue;
      isNew = true;
      this.#cache.set(file.path, {
        stamp: stampOf(file),
        digest,
        processes: kept?.processes ?? [],
        findings: undefined,
      });
    }
    return isNew;
  }

  /** Without its end; `undefined` for what holds no turn of anybody. */
  #bare(file: LogFile): UnrecordedLog | undefined {
    const kept = this.#cache.get(file.path);
    if (kept === undefined || (kept.digest.ending === 'untold' && kept.digest.end === undefined)) return undefined;
    const { digest, processes, findings = [] } = kept;
    const agent = file.agent === 'other' ? agentOfFormat(digest.format) : file.agent;
    const lastMs = Math.min(digest.lastMs ?? file.mtimeMs, this.#options.nowMs());
    return {
      id: unrecordedId(agent, file.path),
      file,
      agent,
      digest,
      writer: undefined,
      processes,
      findings,
      verdict: judgeLog(digest, undefined, findings),
      startMs: digest.firstMs ?? file.bornMs ?? lastMs,
      lastMs,
    };
  }

  #claims(logs: readonly UnrecordedLog[]): ReadonlyMap<string, Claim> {
    const claimable = logs.map(({ file, agent, digest, startMs }) => ({
      path: file.path,
      agent,
      digest,
      startMs,
      changedMs: file.mtimeMs,
    }));
    return claimLogs(claimable, liveAgents(this.#options.nowMs()) ?? []);
  }

  /** A process that is proven to write a log is known from now on, whatever becomes of it. */
  #rememberProcesses(claims: ReadonlyMap<string, Claim>, logs: readonly UnrecordedLog[]): boolean {
    let isNew = false;
    for (const { file, processes } of logs) {
      const claim = claims.get(file.path);
      if (claim === undefined || claim.how === 'folder_and_time') continue;
      const { pid, comm, bootId, startMs, seenMs, group } = claim.process;
      const others = processes.filter((known) => known.pid !== pid || known.bootId !== bootId);
      isNew ||= others.length === processes.length;
      this.#keep(file, {
        processes: [...others, { pid, comm, bootId, startMs, seenMs, group }].slice(-MOST_PROCESSES),
      });
    }
    return isNew;
  }

  /** Once for each that is newly found stopped: the machine is asked about all of them together. */
  async #askMachine(stopped: readonly UnrecordedLog[]): Promise<boolean> {
    const unasked = stopped.filter(({ file }) => this.#cache.get(file.path)?.findings === undefined);
    if (unasked.length === 0) return false;
    const { records } = await gatherRecords(this.#question(unasked, LISTING_TIMEOUT_MS));
    for (const log of unasked)
      this.#keep(log.file, { findings: relatedFindings(asSession(log), records).map(withoutTexts) });
    return true;
  }

  #judged(log: UnrecordedLog, claim: Claim | undefined): UnrecordedLog {
    const kept = this.#cache.get(log.file.path);
    const writer = claim && { pid: claim.pid, how: claim.how };
    const findings = writer === undefined ? (kept?.findings ?? []) : [];
    const verdict = judgeLog(log.digest, writer, findings);
    return { ...log, writer, findings, processes: kept?.processes ?? log.processes, verdict };
  }

  #question(logs: readonly UnrecordedLog[], timeoutMs: number): MachineQuestion {
    const nowMs = this.#options.nowMs();
    return {
      fromMs: Math.min(...logs.map(({ lastMs }) => lastMs)) - BEFORE_MS,
      toMs: Math.min(nowMs, Math.max(...logs.map(({ lastMs }) => lastMs)) + AFTER_MS),
      nowMs,
      timeoutMs,
      folders: logs
        .slice(0, MOST_FOLDERS)
        .flatMap(({ file, digest }) => [dirname(file.path), ...(digest.cwd === undefined ? [] : [digest.cwd])]),
      groups: [...new Set(logs.flatMap(({ processes }) => processes.flatMap(({ group }) => group ?? [])))],
      ...this.#options.records,
    };
  }

  #keep(file: LogFile, change: Partial<Pick<KeptLog, 'processes' | 'findings'>>): void {
    const kept = this.#cache.get(file.path);
    if (kept !== undefined) this.#cache.set(file.path, { ...kept, ...change });
  }

  /** What was not found again is forgotten. */
  #save(): void {
    const paths = new Set([...this.#files, ...this.#logs.map(({ file }) => file)].map(({ path }) => path));
    if (this.#files.length > 0) for (const path of this.#cache.keys()) if (!paths.has(path)) this.#cache.delete(path);
    writeLogCache(this.#options.root, this.#cache);
  }
}

const MOST_PROCESSES = 4;
const MOST_FOLDERS = 50;

/** When a process was last seen alive is no news. */
function shownState(logs: readonly UnrecordedLog[]): string {
  return JSON.stringify(logs, (key, value: unknown) => (key === 'seenMs' ? undefined : value));
}

/** Other programs' command lines are not kept. */
function withoutTexts({ record, ...rest }: Finding): Finding {
  const { commandLine: _, cwd: __, ...kept } = record;
  return { ...rest, record: kept };
}

/** What the machine has forgotten since it was first asked counts on. */
function merged(now: readonly Finding[], before: readonly Finding[]): readonly Finding[] {
  const isKnown = ({ record }: Finding): boolean =>
    now.some((one) => one.record.kind === record.kind && Math.abs(one.record.ms - record.ms) < 5000);
  return [...now, ...before.filter((finding) => !isKnown(finding))];
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return ''; // a user without a name in a container
  }
}

/** For whoever has nobody else waiting. */
export const AT_ONCE: Pace = { pause: () => Promise.resolve(), isCancelled: () => false };
