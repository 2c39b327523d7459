import assert from 'node:assert/strict';
import { SampleStore } from '../../src/core/panel/sampleStore.ts';
import { buildReport } from '../../src/core/report/reportBuild.ts';
import { SeriesTally } from '../../src/core/report/seriesTally.ts';
import { failuresFrom } from '../../src/core/session/readFailures.ts';
import { snapshotFrom } from '../../src/core/session/snapshot.ts';
import { isoFromMs } from '../../src/core/words/time.ts';
import type { Cause, Layer, Outcome } from '../../src/core/words/vocabulary.ts';
import type { TimedCall } from '../../src/core/session/call.ts';
import { otlpSession, type OtlpSession } from '../../src/telemetry/otlp/otlpSession.ts';
import { ATTR, OURS } from '../../src/telemetry/otlp/semanticNames.ts';

/** What is known of a synthetic session before anything is made of it: what the answers are counted from. */
export interface Spec {
  readonly n: number;
  readonly startMs: number;
  readonly seconds: number;
  readonly agent: 'claude' | 'codex' | 'gemini';
  readonly version: string;
  readonly outcome: Outcome;
  readonly cause: Cause;
  readonly layer: Layer;
  readonly suspect: Layer;
  readonly machine: string;
  readonly runner: string;
  readonly repository: string;
  readonly job: string;
  readonly revision: string;
  readonly label: string;
  readonly peakKb: number;
  readonly slopeKbPerMinute: number;
  readonly calls: readonly TimedCall[];
}

const DAY_MS = 86_400_000;
export const FIRST_MS = Date.UTC(2026, 2, 1);
export const DAYS = 10;
/** From then on one version dies of memory more often. */
export const CHANGE_MS = FIRST_MS + 5 * DAY_MS;

/** So many die within seconds of each other. */
export const TOGETHER = 6;

const ENDS: readonly (readonly [Outcome, Cause, Layer])[] = [
  ['succeeded', 'completed', 'none'],
  ['died', 'killed', 'environment'],
  ['failed', 'exit_nonzero', 'tool'],
  ['lost', 'vanished', 'unknown'],
];

/** The n-th of so many: everything about it follows from its number. */
export function specOf(n: number, count: number): Spec {
  // The first few end together, on as many machines.
  const startMs = FIRST_MS + (n < TOGETHER ? n * 1000 : Math.floor((n / count) * DAYS * DAY_MS));
  const agent = (['claude', 'codex', 'gemini'] as const)[n % 3] ?? 'claude';
  const version = n % 2 === 0 ? '2.0.1' : '2.1.0';
  const isHit = startMs >= CHANGE_MS && version === '2.1.0' && n % 11 === 0;
  const [outcome, cause, layer] = isHit
    ? (['died', 'oom_kill', 'environment'] as const)
    : (ENDS[n < TOGETHER || n % 17 === 0 ? 1 : n % 13 === 0 ? 2 : n % 101 === 0 ? 3 : 0] ?? ENDS[0] ?? assert.fail());
  const seconds = n < TOGETHER ? 60 : 60 + (n % 10) * 60;
  return {
    n,
    startMs,
    seconds,
    agent,
    version,
    outcome,
    cause,
    layer,
    suspect: n % 7 === 0 ? 'environment' : 'none',
    machine: `src:${String(n % 20).padStart(12, '0')}:L1`,
    runner: `runner-${n % 20}`,
    repository: `repository-${n % 4}`,
    job: `job-${n % 3}`,
    revision: `revision-${Math.floor(n / 50)}`,
    label: `eval-${n % 5}`,
    peakKb: 100_000 + (n % 100) * 1000,
    slopeKbPerMinute: n % 19 === 0 ? 8000 : 10,
    calls: callsOf(n, startMs),
  };
}

/** Each third session has a call that fails and is made again; every call lasts as many seconds as nothing else says. */
function callsOf(n: number, startMs: number): readonly TimedCall[] {
  const call = (at: number, seconds: number, rest: Pick<TimedCall, 'status' | 'failure'>): TimedCall => ({
    startMs: startMs + at * 1000,
    endMs: startMs + (at + seconds) * 1000,
    tool_kind: n % 2 === 0 ? 'shell' : 'web',
    ...rest,
  });
  if (n % 3 !== 0) return [call(1, 1 + (n % 5), { status: 'ok' })];
  return [
    call(1, 2, { status: 'failed', failure: 'network' }),
    call(5, 3 + n / 100_000, { status: n % 2 === 0 ? 'ok' : 'failed', ...(n % 2 === 1 && { failure: 'timeout' }) }),
  ];
}

/** By the recorder's own types and the exporter's own way: what is sent is made from a proven report. */
export function sessionOf(spec: Spec): OtlpSession {
  const series = new SeriesTally();
  const samples = new SampleStore();
  for (let at = 0; at < 4; at += 1) {
    const snapshot = snapshotOf(spec, at) ?? assert.fail();
    series.addSnapshot(snapshot);
    samples.append(snapshot);
  }
  const handle = `src:${(spec.n + 0x100000).toString(16).padStart(12, '0')}:L1`;
  const built = buildReport({
    createdMs: FIRST_MS + DAYS * DAY_MS,
    environment: { productVersion: '0.2.0', platform: 'linux', arch: 'x64', cores: 8 },
    sessions: [
      {
        handle,
        handleOfFailure: () => handle,
        summary: {
          agent: spec.agent,
          start_ts: isoFromMs(spec.startMs),
          duration_seconds: spec.seconds,
          exit_code: spec.outcome === 'succeeded' ? 0 : 1,
        },
        verdict: { outcome: spec.outcome, cause: spec.cause, layer: spec.layer, confidence: 'certain', evidence: [] },
        episodes: [],
        failures: failuresFrom({
          format: 'claude_transcript',
          counts: {},
          sources: [],
          suspect: { layer: spec.suspect, confidence: 'likely', because: [], sentence: '' },
        }),
        series,
        agentVersion: spec.version,
        badLines: 0,
      },
    ],
  });
  assert.ok(built.ok, built.ok ? '' : built.message);
  const endMs = spec.startMs + spec.seconds * 1000;
  return (
    otlpSession({
      report: built.report,
      samples,
      cores: 8,
      turns: [{ startMs: spec.startMs, endMs, calls: spec.calls }],
      trace: undefined,
      machine: spec.machine,
      recorder: spec.machine,
      asked: {
        [ATTR.ATTR_CICD_WORKER_NAME]: spec.runner,
        [ATTR.ATTR_CICD_PIPELINE_TASK_NAME]: spec.job,
        [ATTR.ATTR_VCS_REPOSITORY_NAME]: spec.repository,
        [ATTR.ATTR_VCS_REF_HEAD_REVISION]: spec.revision,
        [OURS.label]: spec.label,
      },
    }) ?? assert.fail('it has a beginning and an end')
  );
}

function snapshotOf({ startMs, seconds, peakKb, slopeKbPerMinute }: Spec, at: number) {
  const minutes = (at * seconds) / 3 / 60;
  return snapshotFrom(
    {
      ts: isoFromMs(startMs + minutes * 60_000),
      seq: at,
      event: 'snapshot',
      pid: 100,
      comm: 'agent',
      state: 'running',
      vm_rss_kb: Math.round(50_000 + minutes * slopeKbPerMinute),
      threads: 4,
      fd_count: 20,
      fd_soft_limit: 1024,
      oom_score: 666,
      cpu_percent: 10,
      oom_score_adj: 0,
      tree_process_count: 2,
      tree_rss_kb: at === 2 ? peakKb : 60_000,
    },
    at,
  );
}
