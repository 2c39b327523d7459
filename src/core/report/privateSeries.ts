import type { Anomaly } from '../session/anomaly.ts';
import { processKindOf } from '../session/processKind.ts';
import { snapshotRecord, type Snapshot } from '../session/snapshot.ts';
import type { LifecycleEvent } from '../session/session.ts';
import type { TreeMember, TreeSample } from '../session/tree.ts';
import { type JsonRecord } from '../words/json.ts';
import { isoFromMs, msFromIso } from '../words/time.ts';
import { knownWaitChannel } from '../words/waitChannel.ts';
import { PROCESS_STATES, wordOf } from '../words/vocabulary.ts';
import { reportNumber } from './reportNumbers.ts';

/*
 * The lines of a session's files as they may leave the machine: nothing is left but numbers that are held to what they can
 * be, instants, and words of closed lists. What is dropped is absent, as every reader takes it.
 */

const EARLIEST_MS = Date.UTC(2020, 0);
const LATEST_MS = Date.UTC(2100, 0);

/** As we write instants ourselves; `undefined` for what is none, or a number of somebody's choice. */
export function instant(text: unknown): string | undefined {
  const ms = msFromIso(text);
  return ms === undefined || ms < EARLIEST_MS || ms > LATEST_MS ? undefined : isoFromMs(Math.floor(ms));
}

const COUNTED: ReadonlySet<string> = new Set(['seq', 'pid', 'threads', 'fd_count', 'tree_process_count']);

/** -1 says in the files that something could not be read, or has no limit. */
function numberIn(key: string, value: unknown): number | null {
  return value === -1 ? -1 : reportNumber(value, COUNTED.has(key) ? 'count' : 'amount');
}

/** The fields of a sample that hold texts. Masks of signals are 64 bits of whoever wrote them, so none is told. */
const TEXTS: Readonly<Record<string, (value: unknown) => unknown>> = {
  comm: (value) => kindOf(value),
  state: (value) => wordOf(PROCESS_STATES, value) ?? '',
  wchan: (value) => channelOf(value),
  sig_pnd: () => '',
  sig_blk: () => '',
  sig_cgt: () => '',
  shd_pnd: () => null,
};

function kindOf(comm: unknown): string {
  return processKindOf(typeof comm === 'string' ? comm : undefined);
}

function channelOf(wchan: unknown): string {
  return typeof wchan === 'string' ? (knownWaitChannel(wchan) ?? '') : '';
}

/** A line of proc_trace.jsonl; `undefined` where it has no instant. */
export function privateSnapshot(snapshot: Snapshot): JsonRecord | undefined {
  const ts = instant(snapshot.ts);
  if (ts === undefined) return undefined;
  const { event: _event, ts: _ts, captured_at: _at, ...fields } = snapshotRecord(snapshot);
  const kept = Object.entries(fields).map(([key, value]) => [key, TEXTS[key]?.(value) ?? numberIn(key, value)]);
  return { ...Object.fromEntries(kept), ts, captured_at: ts, event: snapshot.event };
}

/** Start times tell processes apart, and nothing else: each gets a number of its own. */
export function treeTeller(): (sample: TreeSample) => JsonRecord | undefined {
  const numbers = new Map<string, number>();
  const startOf = ({ pid, start_ticks: ticks }: TreeMember): number => {
    const key = `${pid} ${ticks ?? ''}`;
    const known = numbers.get(key) ?? numbers.size;
    numbers.set(key, known);
    return known;
  };
  const member = (process: TreeMember): JsonRecord => {
    const { comm, state, wchan, start_ticks: _ticks, ...amounts } = process;
    const kept = Object.entries(amounts).map(([key, value]) => [key, reportNumber(value, kindOfNumber(key))]);
    const texts = { comm: kindOf(comm), state: wordOf(PROCESS_STATES, state) ?? '', wchan: channelOf(wchan) };
    return { ...Object.fromEntries(kept), ...texts, start_ticks: startOf(process) };
  };
  return ({ ts, seq, output_bytes: bytes, processes }) => {
    const at = instant(ts);
    if (at === undefined) return undefined;
    const output_bytes = reportNumber(bytes, 'amount');
    return { ts: at, seq: reportNumber(seq, 'count') ?? 0, output_bytes, processes: processes.map(member) };
  };
}

const IDS: ReadonlySet<string> = new Set(['pid', 'ppid', 'pgid', 'sid', 'threads', 'fd_count']);

function kindOfNumber(key: string): 'count' | 'amount' {
  return IDS.has(key) ? 'count' : 'amount';
}

/** What an anomaly is and when; what it says besides is in words of its own. */
export function privateAnomaly({ ts, seq, kind, severity, pid, snapshot }: Anomaly): JsonRecord | undefined {
  const at = instant(ts);
  if (at === undefined) return undefined;
  return {
    ts: at,
    seq: reportNumber(seq, 'count') ?? 0,
    event: 'anomaly',
    kind,
    severity,
    pid: reportNumber(pid, 'count'),
    detail: {},
    snapshot: (snapshot && privateSnapshot(snapshot)) ?? null,
  };
}

export function privateLifecycle({ timestamp, event }: LifecycleEvent, session: string): JsonRecord | undefined {
  const at = instant(timestamp);
  return at === undefined ? undefined : { timestamp: at, event, session_id: session };
}
