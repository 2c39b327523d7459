import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { rootOf } from '../../core/session/readSession.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { readEnrollment, sessionDirs } from '../../logs/sessionIndex.ts';
import { readBootId } from '../proc/bootId.ts';
import { isProcessAlive } from '../proc/ownProcess.ts';
import { wordsOf } from './agentProcess.ts';

interface Identity {
  readonly pid: number;
  readonly startTicks: number;
}

/** `orphaned`: it has a session whose recorder is gone. */
export type Recording = 'recorded' | 'orphaned' | undefined;

/** Whether one of these processes is what a running session of this log root holds on to. */
export function recordingOf(processes: readonly Identity[], root: LogRoot): Recording {
  const bootId = readBootId() ?? '';
  let found: Recording;
  for (const name of sessionDirs(root.running)) {
    const enrollment = readEnrollment(join(root.running, name));
    if (enrollment === undefined || enrollment.boot_id !== bootId) continue;
    const { pid, starttime_ticks: startTicks } = rootOf(enrollment);
    if (!processes.some((one) => one.pid === pid && one.startTicks === startTicks)) continue;
    if (isProcessAlive(enrollment.recorder, bootId)) return 'recorded';
    found = 'orphaned';
  }
  return found;
}

/** A `run` around it records it, or was told not to, be it for another log root. */
export function isBelowRun(ancestry: readonly Identity[]): boolean {
  return ancestry.some(({ pid }) => isRun(wordsOf(pid)));
}

function isRun(words: readonly string[]): boolean {
  const at = words.slice(0, 5).findIndex((word) => /(?:^|\/)(?:session-diagnostics|cli\.js)$/.test(word));
  return at >= 0 && words[at + 1] === 'run';
}

/** What a recorder of another log root has marked and what has left its parents: that recorder still runs. */
export function hasMarkedRecorder(mark: string): boolean {
  return pidsIn('/proc').some((pid) => {
    const words = wordsOf(pid);
    return words.includes('--beside') && words.some((word) => word === mark || word === `--id=${mark}`);
  });
}

function pidsIn(folder: string): readonly number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isSafeInteger);
  } catch {
    return []; // no /proc: nothing is found there either
  }
}
