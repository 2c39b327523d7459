import { execFile } from 'node:child_process';
import { LinuxSampler } from './linuxSampler.ts';
import type { RunCommand } from './portableProcesses.ts';
import { PortableSampler } from './portableSampler.ts';
import { createUsageReader, type ReadUsage } from './processUsage.ts';
import type { Sampler } from './sampler.ts';
import type { SharedProc } from './sharedProc.ts';

export interface SamplerOptions {
  readonly rootPid: number;
  /** When known beforehand (re-attaching): a process of that pid with another start time is not ours. */
  readonly rootStartTicks?: number;
  /** `NAME=value`, put into the environment of what is started: finds daemons that left every group and parent. */
  readonly environmentMark?: string;
  /** Processes that belong to the session whoever started them, with what they start: the panes of a terminal. */
  readonly otherRootPids?: readonly number[];
  readonly platform?: NodeJS.Platform;
  readonly procRoot?: string;
  /** Prefix of the mount points that /proc/self/mountinfo names, for a copied file system. */
  readonly fileRoot?: string;
  /** How macOS and Windows are asked for their processes. */
  readonly run?: RunCommand;
  readonly usageOf?: ReadUsage;
  /** Of a recorder of many sessions. */
  readonly shared?: SharedProc | undefined;
  /** A monotonic clock. */
  readonly nowMs?: () => number;
}

export function createSampler(options: SamplerOptions): Sampler {
  const { rootPid, rootStartTicks, environmentMark, otherRootPids = [], platform = process.platform } = options;
  const { procRoot = '/proc', fileRoot = '', nowMs = () => performance.now() } = options;
  if (platform === 'linux') {
    const { shared } = options;
    return new LinuxSampler({
      rootPid,
      rootStartTicks,
      environmentMark,
      otherRootPids,
      procRoot,
      fileRoot,
      nowMs,
      shared,
    });
  }
  const { run = runCommand, usageOf = createUsageReader() } = options;
  return new PortableSampler({ rootPid, rootStartTicks, platform, run, usageOf, nowMs, epochMs: () => Date.now() });
}

/** Longer than any listing takes; a hung one must not hold up the samples after it for good. */
const LISTING_TIMEOUT_MS = 20_000;

const runCommand: RunCommand = ({ file, args }) =>
  new Promise((resolve) => {
    const options = {
      env: { ...process.env, LC_ALL: 'C' }, // dates in the C locale
      timeout: LISTING_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
      windowsHide: true,
    };
    execFile(file, [...args], options, (error, stdout) => resolve(error === null ? stdout : undefined));
  });
