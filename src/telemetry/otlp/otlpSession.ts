import type { TimedTurn } from '../../sessions/timedTurns.ts';
import { otlpSeries, SLACK_MS, type OtlpSeries } from './otlpSeries.ts';
import type { Report, ReportEnvironment, ReportEpisode, SessionReport } from '../../core/report/report.ts';
import type { SampleStore } from '../../core/panel/sampleStore.ts';
import { msFromIso } from '../../core/words/time.ts';
import { BAD_OUTCOMES } from '../../core/words/vocabulary.ts';

/**
 * A session as OpenTelemetry shows it. It is made of a report, every byte of which is proven, of instants and of
 * measured numbers: what a report does not hold cannot get into it.
 */
export interface OtlpSession {
  readonly resource: OtlpAttributes;
  readonly span: OtlpSpan;
  readonly series: readonly OtlpSeries[];
}

export type OtlpAttributes = Readonly<Record<string, string | number | boolean>>;

export interface OtlpSpan {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly isFailed: boolean;
  readonly attributes: OtlpAttributes;
  readonly events: readonly OtlpEvent[];
  readonly children: readonly OtlpSpan[];
}

export interface OtlpEvent {
  readonly name: string;
  readonly atMs: number;
  readonly attributes: OtlpAttributes;
}

export interface OtlpInput {
  /** Of one session. */
  readonly report: Report;
  readonly samples: SampleStore;
  readonly cores: number;
  readonly turns: readonly TimedTurn[];
}

/** `undefined` when it is not known when the session began or how long it took. */
export function otlpSession({ report, samples, cores, turns }: OtlpInput): OtlpSession | undefined {
  const session = report.sessions[0];
  const startMs = msFromIso(session?.started_at);
  if (session === undefined || startMs === undefined || session.duration_seconds === null) return undefined;
  const endMs = startMs + session.duration_seconds * 1000;
  const isWithin = (ms: number): boolean => ms >= startMs - SLACK_MS && ms <= endMs + SLACK_MS;
  const within = turns
    .filter((turn) => isWithin(turn.startMs) && isWithin(turn.endMs))
    .map((turn) => ({
      ...turn,
      calls: turn.calls.filter((call) => isWithin(call.startMs) && (call.endMs === undefined || isWithin(call.endMs))),
    }));
  return {
    resource: resourceOf(report.environment, session),
    span: sessionSpan(session, { startMs, endMs, turns: within }),
    series: otlpSeries(samples, { startMs, endMs, cores }),
  };
}

/** The semantic conventions' words where they differ from the report's. */
const OS_TYPES = { linux: 'linux', macos: 'darwin', windows: 'windows', other: 'other' } as const;
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64', ia32: 'x86', arm: 'arm32', other: 'other' } as const;

/** Nothing of the SDK's own detectors: they would tell the host's name, the user and command lines. */
function resourceOf({ product_version: version, os, arch }: ReportEnvironment, session: SessionReport): OtlpAttributes {
  return {
    'service.name': 'session-diagnostics',
    ...(version !== null && { 'service.version': version }),
    'service.instance.id': session.handle,
    'session_diagnostics.agent': session.agent,
    'os.type': OS_TYPES[os],
    'host.arch': ARCHITECTURES[arch],
  };
}

interface Course {
  readonly startMs: number;
  readonly endMs: number;
  readonly turns: readonly TimedTurn[];
}

function sessionSpan(session: SessionReport, { startMs, endMs, turns }: Course): OtlpSpan {
  const { outcome, cause } = session.verdict;
  const isFailed = BAD_OUTCOMES.has(outcome);
  const events = session.episodes.map((episode) => anomalyEvent(episode, startMs));
  if (outcome === 'died' || outcome === 'lost') events.push(deathEvent(session, endMs));
  return {
    name: 'session',
    startMs,
    endMs,
    isFailed,
    attributes: { ...sessionAttributes(session), ...(isFailed && { 'error.type': cause }) },
    events,
    children: turns.map((turn) => turnSpan(turn, endMs)),
  };
}

function sessionAttributes(session: SessionReport): OtlpAttributes {
  const { verdict, failures, timeline, exit_code: exitCode } = session;
  return {
    'session_diagnostics.agent': session.agent,
    'session_diagnostics.outcome': verdict.outcome,
    'session_diagnostics.cause': verdict.cause,
    'session_diagnostics.layer': verdict.layer,
    'session_diagnostics.confidence': verdict.confidence,
    ...(exitCode !== null && { 'process.exit.code': exitCode }),
    ...(timeline.peak_rss_kb !== null && { 'session_diagnostics.peak_memory_bytes': timeline.peak_rss_kb * 1024 }),
    ...(failures !== null && {
      'session_diagnostics.suspect.layer': failures.suspect.layer,
      'session_diagnostics.suspect.confidence': failures.suspect.confidence,
    }),
    ...Object.fromEntries(
      Object.entries(failures?.counts ?? {}).map(([category, n]) => [`session_diagnostics.failures.${category}`, n]),
    ),
  };
}

function anomalyEvent(episode: ReportEpisode, startMs: number): OtlpEvent {
  const { from_seconds: from, to_seconds: to } = episode;
  return {
    name: 'anomaly',
    atMs: startMs + (from ?? 0) * 1000,
    attributes: {
      'session_diagnostics.anomaly.kind': episode.kind,
      'session_diagnostics.anomaly.severity': episode.severity,
      'session_diagnostics.anomaly.count': episode.count,
      ...(from !== null && to !== null && { 'session_diagnostics.anomaly.duration_seconds': Math.max(0, to - from) }),
    },
  };
}

function deathEvent({ verdict }: SessionReport, endMs: number): OtlpEvent {
  return {
    name: 'death',
    atMs: endMs,
    attributes: {
      'session_diagnostics.cause': verdict.cause,
      'session_diagnostics.confidence': verdict.confidence,
      'session_diagnostics.evidence': [...new Set(verdict.evidence.map(({ kind }) => kind))].join(' '),
    },
  };
}

function turnSpan({ startMs, endMs, calls }: TimedTurn, sessionEndMs: number): OtlpSpan {
  return {
    name: 'turn',
    startMs,
    endMs,
    isFailed: false,
    attributes: { 'session_diagnostics.calls': calls.length },
    events: [],
    children: calls.map((call) => ({
      name: `call ${call.tool_kind}`,
      startMs: call.startMs,
      endMs: Math.max(call.startMs, call.endMs ?? sessionEndMs),
      isFailed: call.status !== 'ok',
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'session_diagnostics.tool_kind': call.tool_kind,
        'session_diagnostics.call.status': call.status,
      },
      events: [],
      children: [],
    })),
  };
}
