import { integerOf, isRecord, numberOf, stringOf, type JsonRecord } from '../words/json.ts';
import { msFromIso } from '../words/time.ts';

/**
 * One sample of the tracked process: a line of proc_trace.jsonl. Fields keep the contract's names, so that the file,
 * the code and a user's jq all say the same word. The file's sentinels (-1, "") end in `snapshotFrom`: here an
 * unreadable value is `undefined`.
 */
export interface Snapshot {
  readonly ts: string;
  readonly seq: number;
  readonly event: 'snapshot' | 'exit_snapshot';
  readonly pid: number | undefined;
  readonly captured_at: string;
  readonly comm: string | undefined;
  /** psutil's word; any other word is kept as it is, because other writers may know more states. */
  readonly state: string | undefined;
  readonly vm_rss_kb: number | undefined;
  readonly threads: number | undefined;
  readonly fd_count: number | undefined;
  /** `Infinity` for the file's -1 (unlimited). */
  readonly fd_soft_limit: number | undefined;
  readonly ctx_switches_voluntary: number | undefined;
  readonly ctx_switches_involuntary: number | undefined;
  /** 16 hex digits, as in /proc/<pid>/status. */
  readonly sig_pnd: string | undefined;
  readonly sig_blk: string | undefined;
  readonly sig_cgt: string | undefined;
  readonly oom_score: number | undefined;
  readonly wchan: string | undefined;
  /** 100 is one core. */
  readonly cpu_percent: number | undefined;
  /** What only we write. `undefined` on a snapshot of AutoSkillit's: such a series is judged in strict mode. */
  readonly ours: OurFields | undefined;
  /** Fields whose value was of another type: strict mode does not compare these, but does compare unreadable ones. */
  readonly malformed?: readonly ('oom_score' | 'sig_pnd')[];
}

/** The fields that only this product writes; each `undefined` where the platform does not tell. */
export interface OurFields {
  readonly oom_score_adj: number | undefined;
  readonly shd_pnd: string | undefined;
  readonly tree_process_count: number | undefined;
  readonly tree_rss_kb: number | undefined;
  readonly tree_cpu_percent: number | undefined;
  readonly tree_fd_count: number | undefined;
  readonly mem_available_kb: number | undefined;
  readonly cgroup_memory_kb: number | undefined;
  readonly cgroup_memory_limit_kb: number | undefined;
  readonly psi_memory_some_avg10: number | undefined;
  /** Of the file system that the tracked process works in. */
  readonly disk_free_kb: number | undefined;
  readonly disk_size_kb: number | undefined;
}

/** Integers as the file has them; -1 stands for "could not be read". */
function counted(value: unknown): number | undefined {
  const n = integerOf(value);
  return n === undefined || n === -1 ? undefined : n;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function malformedIn(value: JsonRecord): Pick<Snapshot, 'malformed'> | undefined {
  const score = value['oom_score'];
  const signals = value['sig_pnd'];
  const isScoreFine = score === undefined || integerOf(score) !== undefined;
  const isMaskFine = signals === undefined || typeof signals === 'string';
  if (isScoreFine && isMaskFine) return undefined;
  return {
    malformed: [...(isScoreFine ? [] : (['oom_score'] as const)), ...(isMaskFine ? [] : (['sig_pnd'] as const))],
  };
}

/** When a sample was taken; the `ts` of other writers is when its line was written. */
export function sampledMs(sample: { readonly captured_at?: unknown; readonly ts?: unknown }): number | undefined {
  return msFromIso(sample.captured_at) ?? msFromIso(sample.ts);
}

/** A snapshot from a parsed line; `undefined` when the value is no snapshot at all. */
export function snapshotFrom(value: unknown, fallbackSeq: number): Snapshot | undefined {
  if (!isRecord(value)) return undefined;
  const event = value['event'];
  // AutoSkillit's live trace has neither ts nor seq nor event; its finished trace calls every line "snapshot".
  if (event !== undefined && event !== 'snapshot' && event !== 'exit_snapshot') return undefined;
  const capturedAt = stringOf(value['captured_at']) ?? stringOf(value['ts']) ?? '';
  const fdLimit = integerOf(value['fd_soft_limit']);
  return {
    ts: stringOf(value['ts']) ?? capturedAt,
    seq: integerOf(value['seq']) ?? fallbackSeq,
    event: event === 'exit_snapshot' ? 'exit_snapshot' : 'snapshot',
    pid: integerOf(value['pid']),
    captured_at: capturedAt,
    comm: text(value['comm']),
    state: text(value['state']),
    vm_rss_kb: integerOf(value['vm_rss_kb']),
    threads: integerOf(value['threads']),
    fd_count: counted(value['fd_count']),
    fd_soft_limit: fdLimit === -1 ? Number.POSITIVE_INFINITY : fdLimit,
    ctx_switches_voluntary: integerOf(value['ctx_switches_voluntary']),
    ctx_switches_involuntary: integerOf(value['ctx_switches_involuntary']),
    sig_pnd: text(value['sig_pnd']),
    sig_blk: text(value['sig_blk']),
    sig_cgt: text(value['sig_cgt']),
    oom_score: counted(value['oom_score']),
    wchan: text(value['wchan']),
    cpu_percent: numberOf(value['cpu_percent']),
    ours: ourFieldsFrom(value),
    ...malformedIn(value),
  };
}

function ourFieldsFrom(value: { readonly [key: string]: unknown }): OurFields | undefined {
  if (value['tree_rss_kb'] === undefined && value['oom_score_adj'] === undefined) return undefined;
  return {
    oom_score_adj: integerOf(value['oom_score_adj']),
    shd_pnd: text(value['shd_pnd']),
    tree_process_count: integerOf(value['tree_process_count']),
    tree_rss_kb: integerOf(value['tree_rss_kb']),
    tree_cpu_percent: numberOf(value['tree_cpu_percent']),
    tree_fd_count: integerOf(value['tree_fd_count']),
    mem_available_kb: integerOf(value['mem_available_kb']),
    cgroup_memory_kb: integerOf(value['cgroup_memory_kb']),
    cgroup_memory_limit_kb: integerOf(value['cgroup_memory_limit_kb']),
    psi_memory_some_avg10: numberOf(value['psi_memory_some_avg10']),
    disk_free_kb: integerOf(value['disk_free_kb']),
    disk_size_kb: integerOf(value['disk_size_kb']),
  };
}

/** The measured fields as the file has them, without ts, seq, event and pid: what an anomaly line embeds. */
export function snapshotFields(snapshot: Snapshot): { [key: string]: unknown } {
  const fields: { [key: string]: unknown } = {
    captured_at: snapshot.captured_at,
    comm: snapshot.comm ?? '',
    state: snapshot.state ?? '',
    vm_rss_kb: snapshot.vm_rss_kb ?? 0,
    threads: snapshot.threads ?? 0,
    fd_count: snapshot.fd_count ?? -1,
    fd_soft_limit: snapshot.fd_soft_limit === Number.POSITIVE_INFINITY ? -1 : (snapshot.fd_soft_limit ?? 0),
    ctx_switches_voluntary: snapshot.ctx_switches_voluntary ?? 0,
    ctx_switches_involuntary: snapshot.ctx_switches_involuntary ?? 0,
    sig_pnd: snapshot.sig_pnd ?? '',
    sig_blk: snapshot.sig_blk ?? '',
    sig_cgt: snapshot.sig_cgt ?? '',
    oom_score: snapshot.oom_score ?? -1,
    wchan: snapshot.wchan ?? '',
    cpu_percent: snapshot.cpu_percent ?? 0,
  };
  if (snapshot.ours !== undefined) {
    for (const [key, value] of Object.entries(snapshot.ours)) fields[key] = value ?? null;
  }
  return fields;
}

/** The whole line of proc_trace.jsonl, before its keys are sorted. */
export function snapshotRecord(snapshot: Snapshot): { [key: string]: unknown } {
  return {
    ...snapshotFields(snapshot),
    ts: snapshot.ts,
    seq: snapshot.seq,
    event: snapshot.event,
    pid: snapshot.pid ?? null,
  };
}
