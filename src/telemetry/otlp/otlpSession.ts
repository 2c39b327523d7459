import type { TimedCall } from '../../core/session/call.ts';
import type { TimedTurn } from '../../sessions/timedTurns.ts';
import { otlpSeries, SLACK_MS, type OtlpSeries } from './otlpSeries.ts';
import { otlpDurations, type OtlpDurations } from './otlpDurations.ts';
import { otlpRecords, type OtlpRecord } from './otlpRecords.ts';
import type { OtlpAttributes, OtlpSpan } from './otlpShape.ts';
import { ATTR, OURS, WORD } from './semanticNames.ts';
import type { Report, ReportEnvironment, SessionReport } from '../../core/report/report.ts';
import type { SampleStore } from '../../core/panel/sampleStore.ts';
import type { TraceContext } from '../../core/words/traceContext.ts';
import { msFromIso } from '../../core/words/time.ts';
import { BAD_OUTCOMES, type AgentKind } from '../../core/words/vocabulary.ts';

/**
 * A session as OpenTelemetry shows it. It is made of a report, every byte of which is proven, of instants and of
 * measured numbers: what a report does not hold cannot get into it. What the user asked for besides is `asked`.
 */
export interface OtlpSession {
  /** Stable, whenever and however often it is sent: who receives it twice can see that. */
  readonly id: string;
  readonly resource: OtlpAttributes;
  readonly trace: TraceContext | undefined;
  readonly span: OtlpSpan;
  readonly series: readonly OtlpSeries[];
  readonly durations: readonly OtlpDurations[];
  readonly records: readonly OtlpRecord[];
}

export interface OtlpInput {
  /** Of one session. */
  readonly report: Report;
  readonly samples: SampleStore;
  readonly cores: number;
  readonly turns: readonly TimedTurn[];
  readonly trace: TraceContext | undefined;
  /** A keyed handle of the machine. */
  readonly machine: string;
  /** A UUID of who recorded it. */
  readonly recorder: string;
  /** Names that the user asked to send along, such as the pipeline's. */
  readonly asked: OtlpAttributes;
}

/** `undefined` when it is not known when the session began or how long it took. */
export function otlpSession(input: OtlpInput): OtlpSession | undefined {
  const { report, samples, cores } = input;
  const session = report.sessions[0];
  const startMs = msFromIso(session?.started_at);
  if (session === undefined || startMs === undefined || session.duration_seconds === null) return undefined;
  const endMs = startMs + session.duration_seconds * 1000;
  const isWithin = (ms: number): boolean => ms >= startMs - SLACK_MS && ms <= endMs + SLACK_MS;
  const turns = input.turns
    .filter((turn) => isWithin(turn.startMs) && isWithin(turn.endMs))
    .map((turn) => ({
      ...turn,
      calls: turn.calls.filter((call) => isWithin(call.startMs) && (call.endMs === undefined || isWithin(call.endMs))),
    }));
  const records = otlpRecords(session, { startMs, endMs });
  const span = sessionSpan(session, { startMs, endMs, turns, records });
  return {
    id: session.handle,
    resource: resourceOf(report.environment, session, input),
    trace: input.trace,
    span,
    series: otlpSeries(samples, { startMs, endMs, cores }),
    durations: otlpDurations(span),
    records,
  };
}

/** The semantic conventions' words where they differ from the report's. */
const OS_TYPES = { linux: 'linux', macos: 'darwin', windows: 'windows', other: 'other' } as const;
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64', ia32: 'x86', arm: 'arm32', other: 'other' } as const;

/** Nothing of the SDK's own detectors: they would tell the host's name, the user and command lines. */
function resourceOf(
  { product_version: version, os, arch }: ReportEnvironment,
  session: SessionReport,
  { machine, recorder, asked }: OtlpInput,
): OtlpAttributes {
  return {
    ...asked,
    [ATTR.ATTR_SERVICE_NAME]: 'session-diagnostics',
    ...(version !== null && { [ATTR.ATTR_SERVICE_VERSION]: version }),
    [ATTR.ATTR_SERVICE_INSTANCE_ID]: recorder,
    [ATTR.ATTR_SESSION_ID]: session.handle,
    [ATTR.ATTR_HOST_ID]: machine,
    [OURS.agent]: session.agent,
    [ATTR.ATTR_OS_TYPE]: OS_TYPES[os],
    [ATTR.ATTR_HOST_ARCH]: ARCHITECTURES[arch],
  };
}

/** Whose models an agent speaks to when nobody has told it otherwise; of the others nobody can know. */
const PROVIDERS: Readonly<Partial<Record<AgentKind, string>>> = {
  claude: WORD.GEN_AI_PROVIDER_NAME_VALUE_ANTHROPIC,
  codex: WORD.GEN_AI_PROVIDER_NAME_VALUE_OPENAI,
  gemini: WORD.GEN_AI_PROVIDER_NAME_VALUE_GCP_GEMINI,
};

interface Course {
  readonly startMs: number;
  readonly endMs: number;
  readonly turns: readonly TimedTurn[];
  readonly records: readonly OtlpRecord[];
}

function sessionSpan(session: SessionReport, { startMs, endMs, turns, records }: Course): OtlpSpan {
  const { outcome, cause } = session.verdict;
  const isFailed = BAD_OUTCOMES.has(outcome);
  return {
    name: `${WORD.GEN_AI_OPERATION_NAME_VALUE_INVOKE_AGENT} ${session.agent}`,
    startMs,
    endMs,
    isFailed,
    attributes: { ...sessionAttributes(session), ...(isFailed && { [ATTR.ATTR_ERROR_TYPE]: cause }) },
    // Who takes traces alone sees them as well.
    events: records.map(({ event, atMs, attributes }) => ({ name: event, atMs, attributes })),
    children: turns.map((turn) => turnSpan(turn, { session, endMs })),
  };
}

function agentAttributes({ agent, agent_version: version, handle }: SessionReport): OtlpAttributes {
  const provider = PROVIDERS[agent];
  return {
    [ATTR.ATTR_GEN_AI_AGENT_NAME]: agent,
    ...(version !== null && { [ATTR.ATTR_GEN_AI_AGENT_VERSION]: version }),
    ...(provider !== undefined && { [ATTR.ATTR_GEN_AI_PROVIDER_NAME]: provider }),
    [ATTR.ATTR_GEN_AI_CONVERSATION_ID]: handle,
    [ATTR.ATTR_SESSION_ID]: handle,
  };
}

function sessionAttributes(session: SessionReport): OtlpAttributes {
  const { verdict, failures, timeline, exit_code: exitCode } = session;
  const { peak_rss_kb: peak, peak_tree_rss_kb: treePeak, rss_slope_kb_per_minute: slope } = timeline;
  return {
    [ATTR.ATTR_GEN_AI_OPERATION_NAME]: WORD.GEN_AI_OPERATION_NAME_VALUE_INVOKE_AGENT,
    ...agentAttributes(session),
    [OURS.agent]: session.agent,
    [OURS.outcome]: verdict.outcome,
    [OURS.cause]: verdict.cause,
    [OURS.layer]: verdict.layer,
    [OURS.confidence]: verdict.confidence,
    ...(exitCode !== null && { [ATTR.ATTR_PROCESS_EXIT_CODE]: exitCode }),
    ...(peak !== null && { [OURS.peakMemory]: peak * 1024 }),
    ...(treePeak !== null && { [OURS.peakTreeMemory]: treePeak * 1024 }),
    ...(slope !== null && { [OURS.memorySlope]: slope * 1024 }),
    ...(failures !== null && {
      [OURS.suspectLayer]: failures.suspect.layer,
      [OURS.suspectConfidence]: failures.suspect.confidence,
    }),
    ...Object.fromEntries(
      Object.entries(failures?.counts ?? {}).map(([category, n]) => [`${OURS.failures}${category}`, n]),
    ),
  };
}

interface Around {
  readonly session: SessionReport;
  readonly endMs: number;
}

function turnSpan({ startMs, endMs, calls }: TimedTurn, around: Around): OtlpSpan {
  return {
    name: 'turn',
    startMs,
    endMs,
    isFailed: false,
    attributes: { [OURS.calls]: calls.length },
    events: [],
    children: calls.map((call) => callSpan(call, around)),
  };
}

function callSpan(call: TimedCall, { session, endMs }: Around): OtlpSpan {
  const isFailed = call.status !== 'ok';
  const error = call.failure ?? (call.status === 'open' ? 'unanswered' : WORD.ERROR_TYPE_VALUE_OTHER);
  return {
    name: `${WORD.GEN_AI_OPERATION_NAME_VALUE_EXECUTE_TOOL} ${call.tool_kind}`,
    startMs: call.startMs,
    endMs: Math.max(call.startMs, call.endMs ?? endMs),
    isFailed,
    attributes: {
      [ATTR.ATTR_GEN_AI_OPERATION_NAME]: WORD.GEN_AI_OPERATION_NAME_VALUE_EXECUTE_TOOL,
      [ATTR.ATTR_GEN_AI_TOOL_NAME]: call.tool_kind,
      ...agentAttributes(session),
      [OURS.callStatus]: call.status,
      ...(isFailed && { [ATTR.ATTR_ERROR_TYPE]: error }),
    },
    events: [],
    children: [],
  };
}
