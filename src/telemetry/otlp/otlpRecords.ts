import type { ReportEpisode, SessionReport } from '../../core/report/report.ts';
import type { Severity } from '../../core/words/vocabulary.ts';
import { ATTR, EVENT, OURS } from './semanticNames.ts';
import type { OtlpAttributes } from './otlpShape.ts';

/** A log record that is an event: its name says what it tells of. */
export interface OtlpRecord {
  readonly event: (typeof EVENT)[keyof typeof EVENT];
  readonly atMs: number;
  /** Of OpenTelemetry's numbers: 9 INFO, 13 WARN, 17 ERROR, 21 FATAL. */
  readonly severity: 9 | 13 | 17 | 21;
  readonly attributes: OtlpAttributes;
}

interface Course {
  readonly startMs: number;
  readonly endMs: number;
}

const SEVERITY_NUMBERS: Readonly<Record<Severity, OtlpRecord['severity']>> = { info: 9, warning: 13, critical: 17 };

/** Anomalies, then the death, then the incident that it was a part of. */
export function otlpRecords(session: SessionReport, { startMs, endMs }: Course): readonly OtlpRecord[] {
  const { outcome, cause, confidence, evidence } = session.verdict;
  const anomalies = session.episodes.map((episode) => anomalyRecord(episode, { startMs, handle: session.handle }));
  if (outcome !== 'died' && outcome !== 'lost') return anomalies;
  const common = {
    [ATTR.ATTR_SESSION_ID]: session.handle,
    [OURS.cause]: cause,
    [OURS.confidence]: confidence,
  };
  const kinds = [...new Set(evidence.map(({ kind }) => kind))].join(' ');
  const together = evidence.find(({ kind }) => kind === 'simultaneous_deaths')?.value;
  return [
    ...anomalies,
    { event: EVENT.death, atMs: endMs, severity: 21, attributes: { ...common, [OURS.evidence]: kinds } },
    ...(typeof together === 'number'
      ? [
          {
            event: EVENT.incident,
            atMs: endMs,
            severity: 21,
            attributes: { ...common, [OURS.incidentSessions]: together },
          } as const,
        ]
      : []),
  ];
}

function anomalyRecord(
  { kind, severity, count, from_seconds: from, to_seconds: to }: ReportEpisode,
  { startMs, handle }: { readonly startMs: number; readonly handle: string },
): OtlpRecord {
  return {
    event: EVENT.anomaly,
    atMs: startMs + (from ?? 0) * 1000,
    severity: SEVERITY_NUMBERS[severity],
    attributes: {
      [ATTR.ATTR_SESSION_ID]: handle,
      [OURS.anomalyKind]: kind,
      [OURS.anomalySeverity]: severity,
      [OURS.anomalyCount]: count,
      ...(from !== null && to !== null && { [OURS.anomalySeconds]: Math.max(0, to - from) }),
    },
  };
}
