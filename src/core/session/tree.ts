import { arrayOf, integerOf, isRecord, numberOf, stringOf } from '../words/json.ts';

/** One process of a sample's tree. `start_ticks` with the pid is its identity: pids are reused. */
export interface TreeMember {
  readonly pid: number;
  readonly ppid: number | undefined;
  readonly pgid: number | undefined;
  readonly sid: number | undefined;
  readonly start_ticks: number | undefined;
  readonly comm: string | undefined;
  readonly state: string | undefined;
  readonly rss_kb: number | undefined;
  readonly cpu_percent: number | undefined;
  readonly threads: number | undefined;
  readonly fd_count: number | undefined;
  readonly oom_score: number | undefined;
  readonly oom_score_adj: number | undefined;
  readonly wchan: string | undefined;
}

/** One line of tree.jsonl: every process of the tree at the instant of the snapshot with the same seq. */
export interface TreeSample {
  readonly ts: string;
  readonly seq: number;
  /** Bytes the agent has written so far, over both streams; `undefined` when output is not captured. */
  readonly output_bytes: number | undefined;
  readonly processes: readonly TreeMember[];
}

export function treeSampleFrom(value: unknown): TreeSample | undefined {
  if (!isRecord(value)) return undefined;
  const seq = integerOf(value['seq']);
  if (seq === undefined || !Array.isArray(value['processes'])) return undefined;
  const processes: TreeMember[] = [];
  for (const entry of arrayOf(value['processes'])) {
    const member = memberFrom(entry);
    if (member !== undefined) processes.push(member);
  }
  return { ts: stringOf(value['ts']) ?? '', seq, output_bytes: integerOf(value['output_bytes']), processes };
}

function memberFrom(value: unknown): TreeMember | undefined {
  if (!isRecord(value)) return undefined;
  const pid = integerOf(value['pid']);
  if (pid === undefined) return undefined;
  return {
    pid,
    ppid: integerOf(value['ppid']),
    pgid: integerOf(value['pgid']),
    sid: integerOf(value['sid']),
    start_ticks: integerOf(value['start_ticks']),
    comm: stringOf(value['comm']),
    state: stringOf(value['state']),
    rss_kb: integerOf(value['rss_kb']),
    cpu_percent: numberOf(value['cpu_percent']),
    threads: integerOf(value['threads']),
    fd_count: integerOf(value['fd_count']),
    oom_score: integerOf(value['oom_score']),
    oom_score_adj: integerOf(value['oom_score_adj']),
    wchan: stringOf(value['wchan']),
  };
}
