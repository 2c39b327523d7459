import { TICKS_PER_SECOND, type ProcStat } from './procReader.ts';
import { oneDecimal } from './processUsage.ts';

export interface TreeCpuReading {
  /** 100 is one core; `undefined` at the first sample, which has nothing to compare with. */
  readonly totalPercent: number | undefined;
  percentOf(pid: number): number | undefined;
}

interface MemberTicks {
  readonly startTicks: number;
  readonly cpuTicks: number;
}

/** CPU shares of a tree's members from the ticks of two consecutive samples. */
export class TreeCpu {
  #ticks = new Map<number, MemberTicks>();
  #totalTicks = 0;
  #atMs: number | undefined;

  measure(rows: Iterable<ProcStat>, nowMs: number): TreeCpuReading {
    const elapsedTicks = this.#atMs === undefined ? 0 : ((nowMs - this.#atMs) * TICKS_PER_SECOND) / 1000;
    const ticks = new Map<number, MemberTicks>();
    const percents = new Map<number, number>();
    let usedByMembers = 0;
    let totalTicks = 0;
    for (const { pid, startTicks, cpuTicks, childCpuTicks } of rows) {
      const before = this.#ticks.get(pid);
      // A member without a past was born after the last sample: all its time falls between.
      const used = before?.startTicks === startTicks ? cpuTicks - before.cpuTicks : cpuTicks;
      ticks.set(pid, { startTicks, cpuTicks });
      percents.set(pid, percent(used, elapsedTicks));
      usedByMembers += used;
      totalTicks += cpuTicks + childCpuTicks;
    }
    // The time of a child that has ended is now in the parent that waited for it, so that the grown total holds even
    // what lived and died between two samples. It falls short when init did the waiting.
    const used = Math.max(usedByMembers, totalTicks - this.#totalTicks);
    const isFirst = this.#atMs === undefined;
    this.#ticks = ticks;
    this.#totalTicks = totalTicks;
    this.#atMs = nowMs;
    return {
      totalPercent: isFirst ? undefined : percent(used, elapsedTicks),
      percentOf: (pid) => (isFirst ? undefined : percents.get(pid)),
    };
  }
}

function percent(usedTicks: number, elapsedTicks: number): number {
  return elapsedTicks > 0 ? oneDecimal((usedTicks / elapsedTicks) * 100) : 0;
}

/** All members are looked at every third time, their agent every time. */
const EVERY = 3;
/** Two hundredths of a second: timers of an agent that waits for its person take less than one in a second. */
const MOST_TICKS = 1;

/** Notices that somebody of a tree which rested works again, without reading more than how long each has run. */
export class Stirring {
  #looks = 0;
  readonly #ticks = new Map<number, number>();

  look(agentPid: number, memberPids: Iterable<number>, read: (pid: number) => ProcStat | undefined): boolean {
    this.#looks += 1;
    const isWhole = this.#looks % EVERY === 0;
    let hasStirred = false;
    for (const pid of isWhole ? memberPids : [agentPid]) {
      const row = read(pid);
      const before = this.#ticks.get(pid);
      if (row === undefined) {
        this.#ticks.delete(pid);
        hasStirred = true;
        continue;
      }
      hasStirred ||= before !== undefined && row.cpuTicks - before > MOST_TICKS;
      this.#ticks.set(pid, row.cpuTicks);
    }
    return hasStirred;
  }
}
