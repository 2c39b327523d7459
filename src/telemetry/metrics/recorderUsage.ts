import type { Enrollment } from '../../core/session/session.ts';
import { pageKb, ProcFiles } from '../../recorder/proc/procFiles.ts';
import { integerFrom, parseStat, TICKS_PER_SECOND } from '../../recorder/proc/procReader.ts';

type Recorder = Enrollment['recorder'];

export interface RecorderUsage {
  readonly residentBytes: number;
  /** Since the last look; of a recorder seen for the first time, all of its time. */
  readonly addedCpuSeconds: number;
}

/**
 * What the recorders cost that run now. A sum over those that run would fall when one of them ends, and a counter that
 * falls reads as a restart: so what each has used since the last look is added up.
 */
export function createRecorderUsage(known: ReadonlyMap<string, number>) {
  const files = new ProcFiles('/proc', 0);
  const bytesPerPage = pageKb() * 1024;
  let before: ReadonlyMap<string, number> = new Map();
  let now = new Map(known);
  let residentBytes = 0;
  let addedCpuSeconds = 0;
  return {
    begin: (): void => {
      [before, now, residentBytes, addedCpuSeconds] = [now, new Map(), 0, 0];
    },
    /** A recorder that is known to run. Without /proc nothing is known of it. */
    add: ({ pid, starttime_ticks }: Recorder): void => {
      const stat = files.read(pid, 'stat');
      const parsed = stat === undefined ? undefined : parseStat(stat);
      if (parsed === undefined) return;
      const key = `${pid} ${starttime_ticks}`;
      const seconds = parsed.cpuTicks / TICKS_PER_SECOND;
      addedCpuSeconds += Math.max(0, seconds - (before.get(key) ?? 0));
      now.set(key, seconds);
      residentBytes += (integerFrom(files.read(pid, 'statm')?.split(' ')[1]) ?? 0) * bytesPerPage;
    },
    end: (): RecorderUsage => ({ residentBytes, addedCpuSeconds }),
    /** CPU seconds by recorder, as of the last look. */
    seconds: (): ReadonlyMap<string, number> => now,
  };
}
