import { freemem, totalmem } from 'node:os';
import type { DeathFacts } from '../../core/death/deathFacts.ts';
import type { Incident } from '../../core/session/incident.ts';
import type { Failures } from '../../core/session/failures.ts';
import {
  SCHEMA_VERSION,
  type Enrollment,
  type Leftover,
  type LifecycleEvent,
  type Summary,
} from '../../core/session/session.ts';
import { sessionOutcome } from '../../core/death/sessionOutcome.ts';
import { isoFromMs, msFromIso } from '../../core/words/time.ts';
import type { Verdict } from '../../core/session/verdict.ts';
import type { Peaks } from './peaks.ts';

/** Everything a summary is made of, once the session has ended. */
export interface SessionEnd {
  readonly enrollment: Enrollment;
  readonly dirName: string;
  readonly facts: DeathFacts;
  /** Of `facts`. */
  readonly verdict: Verdict;
  /** What it was part of, when others died with it. */
  readonly incident: Incident | undefined;
  /** How long it took, whatever the wall's clock was set to meanwhile. */
  readonly elapsedMs: number;
  readonly snapshotCount: number;
  readonly anomalyCount: number;
  readonly hasDrifted: boolean;
  readonly peaks: Peaks;
  readonly leftovers: readonly Leftover[];
  readonly failures: Failures | undefined;
  readonly transcript: string | undefined;
  /** Logs of which one may be its transcript. */
  readonly candidates?: readonly string[] | undefined;
  readonly redactions: Readonly<Record<string, number>>;
}

export function summaryOf(end: SessionEnd): Summary {
  const { enrollment, facts } = end;
  const verdict = withIncident(end.verdict, end.incident);
  const startMs = msFromIso(enrollment.enrolled_at) ?? 0;
  const elapsedMs = Math.max(0, Math.round(end.elapsedMs));
  return {
    schema_version: SCHEMA_VERSION,
    session_id: enrollment.session_id,
    dir_name: end.dirName,
    pid: facts.trackedPid ?? enrollment.pid,
    cwd: enrollment.cwd,
    skill_command: enrollment.skill_command,
    ...sessionOutcome(verdict, facts.exit),
    start_ts: enrollment.enrolled_at,
    end_ts: isoFromMs(startMs + elapsedMs),
    duration_seconds: elapsedMs / 1000,
    snapshot_interval_seconds: enrollment.interval_seconds,
    snapshot_count: end.snapshotCount,
    anomaly_count: end.anomalyCount,
    ...end.peaks,
    kill_reason: killReason(verdict),
    tracked_comm: facts.trackedComm ?? enrollment.comm,
    tracked_comm_drift: end.hasDrifted,
    claude_code_log: enrollment.agent === 'claude' ? (end.transcript ?? null) : null,
    transcript: end.transcript ?? null,
    ...(end.candidates !== undefined && { transcript_candidates: end.candidates }),
    agent: enrollment.agent,
    label: enrollment.label,
    cores: enrollment.cores,
    verdict,
    failures: end.failures ?? null,
    leftover_processes: end.leftovers,
    redactions: end.redactions,
  };
}

function withIncident(verdict: Verdict, incident: Incident | undefined): Verdict {
  if (incident === undefined) return verdict;
  const { first_ts: ts, sessions } = incident;
  return { ...verdict, evidence: [...verdict.evidence, { kind: 'simultaneous_deaths', ts, value: sessions.length }] };
}

/** What `simultaneous_deaths` says: which incident, of how many, and its likeliest cause. */
export function incidentEvent(incident: Incident): Pick<LifecycleEvent, 'reason' | 'context'> {
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
  readonly ageSeconds: number;
  readonly lastSnapshotAgeSeconds: number | undefined;
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
    age_seconds: tenths(context.ageSeconds),
    last_snapshot_age_seconds:
      context.lastSnapshotAgeSeconds === undefined ? null : tenths(context.lastSnapshotAgeSeconds),
    snapshot_count: context.snapshotCount,
    output_size_bytes: context.outputBytes ?? null,
    active_sessions_count: context.activeSessions,
    system_memory_mb: Math.round(totalmem() / 1024 / 1024),
    system_cpu_percent: context.cpuPercent ?? null,
    mem_available_kb: facts.lastSnapshot?.ours?.mem_available_kb ?? Math.round(freemem() / 1024),
    oom_kill_delta: facts.oom.systemDelta ?? null,
  };
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
