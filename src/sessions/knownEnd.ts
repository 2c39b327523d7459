import { join } from 'node:path';
import type { Failures } from '../core/session/failures.ts';
import { failuresFrom } from '../core/session/readFailures.ts';
import { sessionVerdict } from '../core/session/summaryVerdict.ts';
import type { Verdict } from '../core/session/verdict.ts';
import { recordOf, type JsonRecord } from '../core/words/json.ts';
import { readJsonFile, SUMMARY_FILE } from '../logs/sessionIndex.ts';

/** How an ended session is counted among many: by its account alone, no log of an agent is read for that. */
export interface KnownEnd {
  readonly summary: JsonRecord;
  readonly verdict: Verdict;
  readonly isDeath: boolean;
  readonly failures: Failures | undefined;
}

/** `undefined` while there is no account: its writer may not have finished it. */
export function knownEnd(dir: string): KnownEnd | undefined {
  const summary = recordOf(readJsonFile(join(dir, SUMMARY_FILE)));
  if (summary === undefined) return undefined;
  const verdict = sessionVerdict({ isRunning: false, summary });
  const isDeath = verdict.outcome === 'died' || verdict.outcome === 'lost';
  return { summary, verdict, isDeath, failures: failuresFrom(summary['failures']) };
}
