import { LinuxSampler } from './linuxSampler.ts';
import type { LastLook, ProcessRecord, Sample } from './sample.ts';
import type { TrackedProcess } from './trackedProcess.ts';

/** Reads one session's processes. Whoever creates it closes it. */
export interface Sampler {
  /** Reads the whole tree once. Processes that vanish, are zombies or belong to others give partial records. */
  sample(outputBytes: number | undefined): Promise<Sample>;
  /** A synchronous look at the tracked process alone, for the exit snapshot; `undefined` when it is gone. */
  look(): LastLook | undefined;
  /** The tree's live members now, without the tracked process and the wrappers above it: what would be left over. */
  members(): readonly ProcessRecord[];
  readonly tracked: TrackedProcess;
  close(): void;
}

export interface SamplerOptions {
  readonly rootPid: number;
  /** When known beforehand (re-attaching): a process of that pid with another start time is not ours. */
  readonly rootStartTicks?: number;
  /** `NAME=value`, put into the environment of what is started: finds daemons that left every group and parent. */
  readonly environmentMark?: string;
  readonly platform?: NodeJS.Platform;
  readonly procRoot?: string;
  /** Prefix of the mount points that /proc/self/mountinfo names, for a copied file system. */
  readonly fileRoot?: string;
  /** A monotonic clock. */
  readonly nowMs?: () => number;
}

export function createSampler(options: SamplerOptions): Sampler {
  const { rootPid, rootStartTicks, environmentMark } = options;
  const { procRoot = '/proc', fileRoot = '', nowMs = () => performance.now() } = options;
  return new LinuxSampler({ rootPid, rootStartTicks, environmentMark, procRoot, fileRoot, nowMs });
}
