import { msFromIso } from '../../core/words/time.ts';
import { DeathWitness } from '../coroner/deathWitness.ts';
import type { SessionRecorderOptions } from './sessionRecorderOptions.ts';

/** Whoever sees how a session ends, beginning with what can still be known of its start. */
export function witnessFor({ enrollment, root, sampler, shared, ...options }: SessionRecorderOptions): DeathWitness {
  // A log that others share has what was there before us.
  const sharedSinceMs = shared === undefined ? 0 : (msFromIso(enrollment.enrolled_at) ?? 0);
  return new DeathWitness({
    cwd: enrollment.cwd,
    logRoot: root.path,
    kernelLogFrom: options.isRecovered || options.beganMs !== undefined ? 'boot' : 'now',
    sinceMs: options.beganMs ?? sharedSinceMs,
    kernelLogPath: '/dev/kmsg',
    rootPid: enrollment.spawned?.pid ?? enrollment.pid ?? sampler.tracked.pid,
    launcherPid: enrollment.launcher?.pid,
    machine: shared?.machine,
  });
}
