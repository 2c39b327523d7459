import { basename, dirname, join } from 'node:path';
import type { Anomaly } from '../core/session/anomaly.ts';
import { createDetector } from '../core/anomalies/findAnomalies.ts';
import { integerOf, numberOf, recordOf, stringOf } from '../core/words/json.ts';
import { leftoversFrom } from '../core/session/readSession.ts';
import { readSeries, readSeriesFacts, TRACE_FILE, TREE_FILE } from '../logs/series.ts';
import { readJsonFile, SUMMARY_FILE } from '../logs/sessionIndex.ts';

export interface JudgedTrace {
  /** Goes through the trace once more and tells each anomaly; returns how many lines are damaged. */
  readonly judge: (take: (anomaly: Anomaly) => void) => number;
}

/** A trace of anybody's, with what lies beside it. Throws as node:fs does when it cannot be opened. */
export function judgedTrace(trace: string, isStandard: boolean): JudgedTrace {
  const summary = recordOf(readJsonFile(join(dirname(trace), SUMMARY_FILE)));
  const facts = readSeriesFacts(trace, stringOf(summary?.['tracked_comm']));
  const isOurName = basename(trace) === TRACE_FILE;
  return {
    judge: (take) => {
      const detector = createDetector({
        mode: isStandard ? 'strict' : facts.mode,
        pid: integerOf(summary?.['pid']) ?? pidInName(trace),
        expectedComm: facts.expectedComm,
        cores: integerOf(summary?.['cores']),
        intervalSeconds: numberOf(summary?.['snapshot_interval_seconds']),
      });
      const tree = isOurName ? join(dirname(trace), TREE_FILE) : undefined;
      const read = readSeries({ trace, tree }, { moment: (moment) => detector.push(moment).forEach(take) });
      detector.finish(leftoversFrom(summary)).forEach(take);
      return read.badTraceLines;
    },
  };
}

/** AutoSkillit's live trace names its process only in the file's name. */
function pidInName(path: string): number | undefined {
  const digits = /^autoskillit_trace_(\d{1,10})\.jsonl$/.exec(basename(path))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
