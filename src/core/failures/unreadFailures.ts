import type { FormatName } from '../words/agentTable.ts';
import type { Failures } from '../session/failures.ts';
import { TOO_LITTLE } from './suspect.ts';

/** Of a log that is there and cannot be read: nobody is cleared by it, and why is said. */
export function unreadFailures(format: FormatName, why: string): Failures {
  return {
    format,
    total_lines: 0,
    malformed_lines: 0,
    counts: {},
    unclosed_turns: { at_end: 0, in_middle: 0 },
    unclosed_calls: 0,
    first_ts: null,
    last_ts: null,
    sources: [],
    suspect: { layer: 'unknown', confidence: 'possible', because: [], sentence: `${TOO_LITTLE}: ${why}.` },
  };
}
