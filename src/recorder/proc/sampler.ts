import type { LastLook, ProcessRecord, Sample } from './sample.ts';
import type { Enrollment } from '../../core/session/session.ts';
import type { TrackedProcess } from './trackedProcess.ts';

/** Reads one session's processes. Whoever creates it closes it. */
export interface Sampler {
  /** Reads the whole tree once. Processes that vanish, are zombies or belong to others give partial records. */
  sample(outputBytes: number | undefined): Promise<Sample>;
  /** A synchronous look at the tracked process alone, for the exit snapshot; `undefined` when it is gone. */
  look(): LastLook | undefined;
  /** The tree's live members now, without the tracked process and the wrappers above it: what would be left over. */
  members(): readonly ProcessRecord[];
  /** What the agent started: as `members`, without what others started beside it, and with nothing measured. */
  started(): readonly StartedProcess[];
  /** All of the tree that lives now, parents before their children. */
  processes(): readonly ProcessIdentity[];
  /** The words of a member's command line; none when it is gone or hidden. */
  argumentsOf(pid: number): readonly string[];
  /** Whether the tree has worked since the last time; where that cannot be told cheaply, it always has. */
  hasStirred(): boolean;
  readonly tracked: TrackedProcess;
  close(): void;
}

export type ProcessIdentity = Enrollment['recorder'];

export type StartedProcess = Pick<ProcessRecord, 'pid' | 'startTicks' | 'ppid' | 'comm'>;
