import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildReport } from '../../../src/core/report/reportBuild.ts';
import type { SessionReport } from '../../../src/core/report/report.ts';
import { otlpRecords } from '../../../src/telemetry/otlp/otlpRecords.ts';
import { reportInput } from '../../core/report/reportFixtures.ts';

const COURSE = { startMs: 1_000_000, endMs: 2_000_000 };

function session(): SessionReport {
  const built = buildReport(reportInput());
  return (built.ok ? built.report.sessions[0] : undefined) ?? assert.fail('the fixture is a report');
}

test('a death with others is an incident, told with how many died; what ended well is neither', () => {
  const report = session();
  const { verdict } = report;
  const together = { kind: 'simultaneous_deaths', name: null, value: 4, limit: null, relation: null } as const;
  const alone = otlpRecords(report, COURSE);
  const withOthers = otlpRecords(
    { ...report, verdict: { ...verdict, evidence: [...verdict.evidence, together] } },
    COURSE,
  );
  const eventsOf = (records: ReturnType<typeof otlpRecords>): readonly string[] =>
    records.map(({ event }) => event.replace('session_diagnostics.', ''));
  const anomalies = report.episodes.map(() => 'anomaly');
  assert.deepEqual(eventsOf(alone), [...anomalies, 'death']);
  assert.deepEqual(eventsOf(withOthers), [...anomalies, 'death', 'incident']);
  assert.equal(withOthers.at(-1)?.attributes['session_diagnostics.incident.sessions'], 4);
  assert.ok(withOthers.every(({ attributes }) => attributes['session.id'] === report.handle));
  const well = otlpRecords({ ...report, verdict: { ...verdict, outcome: 'succeeded' } }, COURSE);
  assert.deepEqual(eventsOf(well), anomalies);
});

test('an anomaly stands at its instant, as grave as it was', () => {
  const report = session();
  for (const [n, { severity, atMs, attributes }] of otlpRecords(report, COURSE)
    .slice(0, report.episodes.length)
    .entries()) {
    const episode = report.episodes[n];
    assert.equal(atMs, COURSE.startMs + (episode?.from_seconds ?? 0) * 1000);
    assert.equal(severity, { info: 9, warning: 13, critical: 17 }[episode?.severity ?? 'info']);
    assert.equal(attributes['session_diagnostics.anomaly.kind'], episode?.kind);
  }
});
