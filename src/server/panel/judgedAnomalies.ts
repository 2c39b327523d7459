import type { Anomaly } from '../../core/session/anomaly.ts';
import { createDetector } from '../../core/anomalies/findAnomalies.ts';
import { integerOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import type { Enrollment } from '../../core/session/session.ts';
import { readSeries, readSeriesFacts, seriesIn } from '../../logs/series.ts';

interface Judging {
  readonly summary: JsonRecord | undefined;
  readonly enrollment: Enrollment | undefined;
  readonly most: number;
}

/** What a recorder would have found that did not live to. */
export function judgedAnomalies(dir: string, { summary, enrollment, most }: Judging): Anomaly[] {
  const files = seriesIn(dir);
  const { mode, expectedComm } = readSeriesFacts(files.trace, stringOf(summary?.['tracked_comm']));
  const detector = createDetector({
    mode,
    pid: integerOf(summary?.['pid']),
    expectedComm,
    cores: integerOf(summary?.['cores']) ?? enrollment?.cores,
    intervalSeconds: enrollment?.interval_seconds,
  });
  const anomalies: Anomaly[] = [];
  readSeries(files, {
    moment: (moment) => {
      if (anomalies.length < most) anomalies.push(...detector.push(moment).map(withoutSnapshot));
    },
  });
  return anomalies.slice(0, most);
}

/** The snapshot is in proc_trace.jsonl too, and there it costs no memory. */
export function withoutSnapshot(anomaly: Anomaly): Anomaly {
  return { ...anomaly, snapshot: undefined };
}
