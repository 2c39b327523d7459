import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failuresFrom } from '../../../src/core/session/readFailures.ts';
import { otlpSession } from '../../../src/telemetry/otlp/otlpSession.ts';
import type { Report } from '../../../src/core/report/report.ts';
import { buildReport, type ReportedSession } from '../../../src/core/report/reportBuild.ts';
import { reportMarkdown } from '../../../src/core/report/reportMarkdown.ts';
import { provenReport } from '../../../src/core/report/reportProof.ts';
import { SampleStore } from '../../../src/core/panel/sampleStore.ts';
import { SeriesTally } from '../../../src/core/report/seriesTally.ts';
import { skillEvolveLogs } from '../../../src/core/report/skillEvolve.ts';
import type { Snapshot } from '../../../src/core/session/snapshot.ts';
import { reportInput } from './reportFixtures.ts';

/** A telephone number with and without its country, one of a town, 10.20.30.40 as a number, a card's number, a date of birth. */
const CANARIES = [4_915_112_345_678, 2_125_551_234, 55_512_348, 169_090_600, 4_242_424_242_424_242, 19_840_229];

/** Every number that a file says, replaced. */
function forged<T>(value: T, by: number, key = ''): T {
  if (typeof value === 'number') return by as T;
  // Instants: one that holds the number as milliseconds.
  if (typeof value === 'string' && /(?:^|_)ts$/.test(key)) return new Date(by % 8e15).toISOString() as T;
  if (Array.isArray(value)) return value.map((item: unknown) => forged(item, by, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, forged(item as unknown, by, name)]),
  ) as T;
}

function snapshotsOf({ series }: ReportedSession): readonly Snapshot[] {
  return series.spread(1000);
}

function samplesOf(session: ReportedSession): SampleStore {
  const samples = new SampleStore();
  for (const snapshot of snapshotsOf(session)) samples.append(snapshot);
  return samples;
}

/** The same series with each sample changed. */
function changed(session: ReportedSession, change: (snapshot: Snapshot) => Snapshot): SeriesTally {
  const series = new SeriesTally();
  for (const snapshot of snapshotsOf(session)) series.addSnapshot(change(snapshot));
  if (session.series.fullest !== undefined) series.addTree(session.series.fullest);
  return series;
}

function everything(report: Report, session: ReportedSession): string {
  return JSON.stringify([
    report,
    reportMarkdown(report),
    skillEvolveLogs(report, ['a1b2c3']),
    otlpSession({
      report,
      samples: samplesOf(session),
      cores: 1,
      turns: [],
      trace: undefined,
      machine: 'src:0123456789ab:L1',
      recorder: 'src:0123456789ab:L1',
      asked: {},
    }),
  ]);
}

test('no number of a summary, a sample, an anomaly or a failure can carry a telephone number or an address', () => {
  const input = reportInput();
  const [session] = input.sessions;
  assert.ok(session);
  for (const canary of CANARIES) {
    for (const [what, hostile] of Object.entries({
      all: {
        ...forged({ ...session, handleOfFailure: undefined, series: undefined }, canary),
        handleOfFailure: session.handleOfFailure,
        series: changed(session, (snapshot) => forged(snapshot, canary)),
      },
      summary: { ...session, summary: forged(session.summary, canary) },
      'summary but its times': {
        ...session,
        summary: { ...forged(session.summary, canary), start_ts: session.summary?.['start_ts'] },
      },
      verdict: { ...session, verdict: forged(session.verdict, canary) },
      episodes: { ...session, episodes: forged(session.episodes, canary) },
      failures: { ...session, failures: failuresFrom(forged(session.failures, canary)) },
      snapshots: { ...session, series: changed(session, (snapshot) => forged(snapshot, canary)) },
      'values of snapshots': {
        ...session,
        series: changed(session, (snapshot) => ({ ...forged(snapshot, canary), ts: snapshot.ts })),
      },
    })) {
      const proven = buildReport({ ...input, sessions: [hostile] });
      assert.ok(proven.ok, `${what} ${canary}: ${proven.ok ? '' : proven.place}`);
      const told = everything(proven.report, hostile);
      for (const form of [String(canary), String(canary / 10), new Date(canary % 8e15).toISOString().slice(0, 10)])
        assert.ok(
          !told.includes(form),
          `${form} by ${what}: ${told.slice(Math.max(0, told.indexOf(form) - 80)).slice(0, 120)}`,
        );
    }
  }
});

test('versions that are addresses, and handles that a file made up, are not told', () => {
  const input = reportInput();
  const [session] = input.sessions;
  assert.ok(session?.failures);
  const sources = session.failures.sources.map((source) => ({ ...source, handle: 'src:491511234567:L4915112345678' }));
  const proven = buildReport({
    ...input,
    sessions: [{ ...session, agentVersion: '10.20.30.40', failures: { ...session.failures, sources } }],
  });
  assert.ok(proven.ok);
  assert.equal(proven.report.sessions[0]?.agent_version, null);
  assert.deepEqual(
    proven.report.sessions[0]?.failures?.sources.map(({ handle }) => handle),
    ['src:0123456789ab:L42', 'src:0123456789ab:L43'],
  );
});

test('a report in which such a number stands is refused whatever put it there', () => {
  const proven = buildReport(reportInput());
  assert.ok(proven.ok);
  const [session] = proven.report.sessions;
  assert.ok(session);
  for (const hostile of [
    { exit_code: 4_915_112_345_678 },
    { exit_code: 2_125_551_234 },
    { exit_code: 1.5 },
    { duration_seconds: 55_512_348 },
    { agent_version: '10.20.30.40' },
    { handle: 'src:deadbeefcafe:L4915112345678' },
    { timeline: { ...session.timeline, peak_rss_kb: 2_125_551_234 } },
    { tree: { ...session.tree, most_processes: 55_512_348 } },
    { tree: { ...session.tree, kinds: { node: 55_512_348 } } },
  ]) {
    assert.equal(
      provenReport({ ...proven.report, sessions: [{ ...session, ...hostile }] }).ok,
      false,
      JSON.stringify(hostile),
    );
  }
});

test('exit codes of every system are told', () => {
  const input = reportInput();
  const [session] = input.sessions;
  assert.ok(session);
  for (const code of [0, 1, 255, -9, 137, 0xc000_0005, -1_073_741_819, 0xe043_4352]) {
    const proven = buildReport({
      ...input,
      sessions: [{ ...session, summary: { ...session.summary, exit_code: code } }],
    });
    assert.ok(proven.ok && proven.report.sessions[0]?.exit_code === code, String(code));
  }
});
