import type { LifecycleEvent } from '../core/session/session.ts';
import type { Verdict } from '../core/session/verdict.ts';
import { humanKb } from '../core/words/humanUnits.ts';
import { numberOf, stringOf } from '../core/words/json.ts';
import { lifecycleWords } from '../core/words/vocabularyWords.ts';
import { printable } from './terminal.ts';

interface Told {
  readonly lifecycle: readonly LifecycleEvent[];
  readonly verdict: Verdict;
  readonly summary: Readonly<Record<string, unknown>> | undefined;
}

/** What was done so that the session does not die or, where that would have helped and was not asked for, that it can be. */
export function preventionLines({ lifecycle, verdict, summary }: Told): readonly string[] {
  const done = lifecycle.flatMap((event) => lineOf(event) ?? []);
  if (done.length > 0) return ['', 'Done against its death:', ...done.map((line) => `  ${line}`)];
  if (verdict.cause !== 'oom_kill') return [];
  const own = numberOf(summary?.['peak_rss_kb']) ?? 0;
  const tree = numberOf(summary?.['peak_tree_rss_kb']) ?? 0;
  if (tree < own * TOOLS_MATTER) return []; // the agent itself took it: no tool could have gone instead
  return ['', 'Its tools held memory too: with `run --protect` the kernel takes one of them before the agent.'];
}

const TOOLS_MATTER = 1.1;

function lineOf({ event, reason, context }: LifecycleEvent): string | undefined {
  if (event === 'process_protected') {
    const count = numberOf(context?.['raised_count']);
    return count === undefined ? undefined : `${count} of its processes were to go before it`;
  }
  if (event === 'limit_set') return reason === 'set' ? limitLine(context) : undefined;
  if (event !== 'process_frozen' && event !== 'process_thawed' && event !== 'process_ended') return undefined;
  const [rss, used, limit] = ['rss_kb', 'used_kb', 'limit_kb'].map((name) => numberOf(context?.[name]));
  const level = used === undefined || limit === undefined ? '' : `, at ${humanKb(used)} of ${humanKb(limit)}`;
  const who = `${numberOf(context?.['pid']) ?? ''} ${printable(stringOf(context?.['comm']) ?? '')}`;
  const why = stringOf(reason) ?? '';
  const size = rss === undefined ? '' : `, ${humanKb(rss)}`;
  return `${WHY_ENDED[why] ?? lifecycleWords(event)}: ${who}${size}${level}`;
}

const WHY_ENDED: { readonly [reason in string]?: string } = {
  left_behind: 'Ended because it was left behind',
  result_given: 'Ended because it had given its result and went on living',
};

function limitLine(context: LifecycleEvent['context']): string {
  const memory = numberOf(context?.['memory_limit_kb']);
  const pids = numberOf(context?.['pids_limit']);
  const cpus = numberOf(context?.['cpu_limit']);
  const limits = [
    ...(memory === undefined ? [] : [`${humanKb(memory)} of memory`]),
    ...(pids === undefined ? [] : [`${pids} processes`]),
    ...(cpus === undefined ? [] : [`${cpus} cores`]),
  ];
  return `Its own limit: ${limits.join(', ')}`;
}
