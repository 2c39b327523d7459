import type { Snapshot } from '../../core/session/snapshot.ts';
import type { TreeMember } from '../../core/session/tree.ts';
import type { PressureFacts } from './cadence.ts';

/** A snapshot before the recorder numbers and dates it. */
export type SnapshotReading = Omit<Snapshot, 'ts' | 'seq' | 'event' | 'captured_at'>;

/** One reading of the whole tree. */
export interface Sample {
  /** `undefined` when neither the agent nor what was started lives any more. */
  readonly snapshot: SnapshotReading | undefined;
  readonly output_bytes: number | undefined;
  readonly processes: readonly TreeMember[];
  readonly pressure: PressureFacts;
}

/** The tracked process alone, as last seen: kept for the exit snapshot. */
export interface LastLook {
  readonly snapshot: SnapshotReading;
  readonly atMs: number;
}

/** A live member of the tree as `leftover_processes` and `cleanup` need it. */
export interface ProcessRecord {
  readonly pid: number;
  readonly startTicks: number;
  readonly comm: string;
  readonly ppid: number;
  /** Its parent when it was first seen; by now that may be gone. */
  readonly origin: { readonly pid: number; readonly comm: string | undefined };
  readonly ageSeconds: number | undefined;
  readonly rssKb: number | undefined;
}
