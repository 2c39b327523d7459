import type { Failures, FailureSource } from '../session/failures.ts';
import { isOpenRule } from '../words/ruleNames.ts';
import { withSources } from './withSources.ts';

/**
 * An agent's own log and what it printed are one story. The log tells more of calls; but what ended the session may stand
 * in the stream alone: a service that said no, or a call that the log would have been given once it had ended.
 */
export function joinStories(log: Failures, stream: Failures): Failures {
  if (log.format === 'unknown' && stream.format !== 'unknown') return stream;
  if (log.ended_by !== undefined) return log;
  const ending = endingOf(stream);
  if (ending !== undefined) {
    const rest = log.sources.filter(({ rule }) => rule !== 'turn_open_at_end');
    return withSources(log, [...rest, ending], ending.category);
  }
  if (log.sources.some(({ rule }) => rule === 'call_open_at_end')) return log;
  const open = stream.sources.filter(({ rule }) => rule === 'call_open_at_end');
  if (open.length === 0) return log;
  const rest = log.sources.filter(({ rule }) => rule !== 'turn_open_at_end');
  const unclosed_calls = log.unclosed_calls + open.length;
  return withSources({ ...log, unclosed_calls }, [...rest, ...open], undefined);
}

/** The failure that ended the session, where no call failed with it. */
function endingOf({ ended_by: endedBy, sources }: Failures): FailureSource | undefined {
  if (endedBy === undefined) return undefined;
  return sources.findLast(
    ({ category, rule, tool_kind }) => category === endedBy && tool_kind === undefined && !isOpenRule(rule),
  );
}
