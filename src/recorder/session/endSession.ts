import { createHash } from 'node:crypto';
import { freemem, hostname, totalmem } from 'node:os';
import type { DeathFacts } from '../../core/death/deathFacts.ts';
import type { Incident } from '../../core/session/incident.ts';
import type { Failures } from '../../core/session/failures.ts';
import {
  SCHEMA_VERSION,
  type Enrollment,
  type Leftover,
  type LifecycleEvent,
  type ResourceLimits,
  type SessionEnvironment,
  type Summary,
} from '../../core/session/session.ts';
import { sessionOutcome } from '../../core/death/sessionOutcome.ts';
import { hasLostNetwork, isDeath, type Death } from '../../core/death/simultaneousDeath.ts';
import { isoFromMs, msFromIso } from '../../core/words/time.ts';
import type { Verdict } from '../../core/session/verdict.ts';
import type { LifecycleEventName } from '../../core/words/vocabulary.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import type { Published, RunningSession } from '../../logs/runningSession.ts';
import { sessionEnvironment } from '../../sessions/sessionEnvironment.ts';
import { judgeEnd, type AgentSurroundings, type JudgedEnd } from '../../sessions/judgeEnd.ts';
import type { DeathNews } from '../coroner/simultaneousDeaths.ts';
import type { Progress } from './recording.ts';

/** A session whose processes have ended, whoever saw it: its recorder, whoever recovers it, or nobody as it never began. */
export interface SessionEnd {
  readonly root: LogRoot;
  readonly store: RunningSession;
  readonly surroundings: AgentSurroundings;
  readonly enrollment: Enrollment;
  readonly facts: DeathFacts;
  /** How long it took, whatever the wall's clock was set to meanwhile. */
  readonly elapsedMs: number;
  /** The anomalies of its end included. */
  readonly series: Progress;
  readonly leftovers: readonly Leftover[];
  /** What its processes were seen to hold open for writing. */
  readonly openFiles?: ReadonlySet<string>;
  readonly redactions: Readonly<Record<string, number>>;
  readonly limits?: ResourceLimits | undefined;
}

/** An end that has been judged and is still to be published. */
export interface Ending {
  /** To be told to those who may have died with it; `undefined` when it was no death. */
  readonly news: DeathNews | undefined;
  /** What it was part of, when others died with it. */
  readonly publish: (incident: Incident | undefined) => Published;
}

/** The one way in which a session ends: judged with its transcript, then published with whoever died with it. */
export function endSession(end: SessionEnd): Ending {
  const { root, store, enrollment, facts, leftovers } = end;
  const judged = judgeEnd({ enrollment, facts, dir: store.dir, openFiles: end.openFiles }, root, end.surroundings);
  const lifecycle = (event: LifecycleEventName, details: Pick<LifecycleEvent, 'reason' | 'context'>): void =>
    store.appendLifecycle({
      timestamp: isoFromMs(Date.now()),
      event,
      session_id: enrollment.session_id,
      ...details,
    });
  return {
    news: deathNews(end, judged.verdict, judged.failures),
    publish: (incident) => {
      if (incident !== undefined) lifecycle('simultaneous_deaths', incidentEvent(incident));
      if (leftovers.length > 0) lifecycle('leftovers_found', { context: { pids: leftovers.map(({ pid }) => pid) } });
      const summary = summaryOf(end, judged, incident);
      lifecycle('session_finished', { reason: summary.verdict.cause });
      return store.publish(summary);
    },
  };
}

/** `undefined` when it was no death; the agent's failures may say of an exit by code that it was one after all. */
export function deathNews(
  { root, store, enrollment, facts }: Pick<SessionEnd, 'root' | 'store' | 'enrollment' | 'facts'>,
  verdict: Verdict,
  failures: Failures | undefined,
): DeathNews | undefined {
  // Where something else has the session's path by now, nothing is told: it may lead out of the root.
  if (!isDeath(verdict, failures) || !store.isInPlace()) return undefined;
  const death: Death = {
    session_id: enrollment.session_id,
    dir_name: store.dirName,
    ts: facts.at,
    // It lived at its last sample, and there was no next one. Only of a machine that went down it is known that all ended
    // at one instant, however far apart their last samples are.
    slack_seconds: facts.isRebooted ? enrollment.interval_seconds : 0,
    verdict,
    has_lost_network: hasLostNetwork(failures),
  };
  return { root, death, onFailure: store.onWriteFailure };
}

function summaryOf(end: SessionEnd, judged: JudgedEnd, incident: Incident | undefined): Summary {
  const { enrollment, facts, series } = end;
  const { failures = null, transcript = null, candidates } = judged;
  const verdict = withIncident(judged.verdict, incident);
  const startMs = msFromIso(enrollment.enrolled_at) ?? 0;
  const elapsedMs = Math.max(0, Math.round(end.elapsedMs));
  return {
    schema_version: SCHEMA_VERSION,
    session_id: enrollment.session_id,
    dir_name: end.store.dirName,
    pid: facts.trackedPid ?? enrollment.pid,
    cwd: enrollment.cwd,
    skill_command: enrollment.skill_command,
    ...sessionOutcome(verdict, facts.exit),
    start_ts: enrollment.enrolled_at,
    end_ts: isoFromMs(startMs + elapsedMs),
    duration_seconds: elapsedMs / 1000,
    snapshot_interval_seconds: enrollment.interval_seconds,
    snapshot_count: series.nextSeq,
    anomaly_count: series.anomalyCount,
    ...series.peaks,
    kill_reason: killReason(verdict),
    tracked_comm: facts.trackedComm ?? enrollment.comm,
    tracked_comm_drift: series.hasDrifted,
    claude_code_log: enrollment.agent === 'claude' ? transcript : null,
    transcript,
    ...(candidates !== undefined && { transcript_candidates: candidates }),
    agent: enrollment.agent,
    label: enrollment.label,
    cores: enrollment.cores,
    verdict,
    failures,
    leftover_processes: end.leftovers,
    redactions: end.redactions,
    environment: environmentOf(end, transcript),
    host: hostname(),
    ...(enrollment.timeout_seconds !== null && { timeout_seconds: enrollment.timeout_seconds }),
    ...(end.limits !== undefined && { limits: end.limits }),
    recorder_id: recorderId(enrollment),
    ...(enrollment.trace !== undefined && { trace: enrollment.trace }),
    ...(enrollment.interactive === true && { interactive: true }),
  };
}

function environmentOf({ enrollment, series, store }: SessionEnd, transcript: string | null): SessionEnvironment {
  return sessionEnvironment({
    agent: enrollment.agent,
    cores: enrollment.cores,
    cgroupLimitKb: series.lastSnapshot?.ours?.cgroup_memory_limit_kb,
    dir: store.dir,
    transcript,
  });
}

/** Of its identity, of which the boot's id is random; a UUID of version 8. */
function recorderId({ boot_id: bootId, recorder }: Enrollment): string {
  const identity = `${bootId} ${recorder.pid} ${recorder.starttime_ticks ?? 0}`;
  const hex = createHash('sha256').update(identity).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function withIncident(verdict: Verdict, incident: Incident | undefined): Verdict {
  if (incident === undefined) return verdict;
  const { first_ts: ts, sessions } = incident;
  return { ...verdict, evidence: [...verdict.evidence, { kind: 'simultaneous_deaths', ts, value: sessions.length }] };
}

/** What `simultaneous_deaths` says: which incident, of how many, and its likeliest cause. */
function incidentEvent(incident: Incident): Pick<LifecycleEvent, 'reason' | 'context'> {
  const { incident_id, cause, confidence, sessions } = incident;
  return { reason: cause, context: { incident_id, confidence, sessions: sessions.map(({ dir_name }) => dir_name) } };
}

/** AutoSkillit leaves it empty unless something killed the process. */
function killReason({ cause, outcome }: Verdict): string {
  return outcome === 'died' || outcome === 'stopped' ? cause : '';
}

/** What `session_death_detected` says of the session and of the machine at that instant. */
export interface DeathContext {
  readonly facts: DeathFacts;
  readonly ageMs: number;
  readonly lastSampleAgeMs: number | undefined;
  readonly snapshotCount: number;
  readonly outputBytes: number | undefined;
  readonly activeSessions: number;
  readonly cpuPercent: number | undefined;
}

export function deathContext(context: DeathContext): Record<string, unknown> {
  const { facts } = context;
  return {
    exit_code: facts.exit?.code ?? null,
    signal: facts.exit?.signal ?? null,
    age_seconds: tenths(context.ageMs),
    last_snapshot_age_seconds: context.lastSampleAgeMs === undefined ? null : tenths(context.lastSampleAgeMs),
    snapshot_count: context.snapshotCount,
    output_size_bytes: context.outputBytes ?? null,
    active_sessions_count: context.activeSessions,
    system_memory_mb: Math.round(totalmem() / 1024 / 1024),
    system_cpu_percent: context.cpuPercent ?? null,
    mem_available_kb: facts.lastSnapshot?.ours?.mem_available_kb ?? Math.round(freemem() / 1024),
    oom_kill_delta: facts.oom.systemDelta ?? null,
  };
}

function tenths(ms: number): number {
  return Math.round(ms / 100) / 10;
}
