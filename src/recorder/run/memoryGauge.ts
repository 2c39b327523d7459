import { pageKb } from '../proc/procFiles.ts';
import { SystemReader, type SystemRoots } from '../proc/systemReadings.ts';
import { KeptTexts, TextReader } from '../proc/textReader.ts';

/** How full the memory is that a process may run out of: its control group's, else the machine's. */
export interface MemoryLevel {
  readonly usedKb: number;
  readonly limitKb: number;
  /** In percent of the last 10 seconds, something on the machine waited for memory. */
  readonly pressurePercent?: number | undefined;
}

/** Reads between samples how full the memory is, at some 30 µs. Whoever creates it closes it. */
export class MemoryGauge {
  readonly #procRoot: string;
  readonly #system: SystemReader;
  readonly #texts = new KeptTexts();
  readonly #reader = new TextReader();
  readonly #kbPerPage = pageKb();

  constructor(roots: SystemRoots = { procRoot: '/proc', fileRoot: '' }) {
    this.#procRoot = roots.procRoot;
    this.#system = new SystemReader(roots);
  }

  /** `undefined` where nobody tells. */
  levelOf(pid: number): MemoryLevel | undefined {
    const {
      cgroupMemoryKb,
      cgroupMemoryLimitKb,
      memAvailableKb,
      psiMemorySomeAvg10: pressurePercent,
    } = this.#system.read(this.#texts.read(`${this.#procRoot}/${pid}/cgroup`));
    const { totalKb } = this.#system.machine;
    const machine =
      memAvailableKb === undefined || totalKb === undefined
        ? undefined
        : { usedKb: totalKb - memAvailableKb, limitKb: totalKb, pressurePercent };
    if (cgroupMemoryKb === undefined || cgroupMemoryLimitKb === undefined) return machine;
    const group = { usedKb: cgroupMemoryKb, limitKb: cgroupMemoryLimitKb, pressurePercent };
    if (machine === undefined) return group;
    return group.limitKb - group.usedKb <= machine.limitKb - machine.usedKb ? group : machine;
  }

  /** What the process itself holds of that memory, from 0 to 1. */
  shareOf(pid: number): number {
    const level = this.levelOf(pid);
    return level === undefined ? 0 : Math.min(1, (this.rssKbOf(pid) ?? 0) / level.limitKb);
  }

  rssKbOf(pid: number): number | undefined {
    return this.#rssKb(this.#texts.read(`${this.#procRoot}/${pid}/statm`));
  }

  /** Of one that may be gone at the next look: nothing stays open. */
  rssKbOnce(pid: number): number | undefined {
    return this.#rssKb(this.#reader.readOnce(`${this.#procRoot}/${pid}/statm`));
  }

  #rssKb(statm: string | undefined): number | undefined {
    const pages = Number(statm?.split(' ')[1] ?? Number.NaN);
    return Number.isNaN(pages) ? undefined : pages * this.#kbPerPage;
  }

  close(): void {
    this.#texts.close();
    this.#system.close();
  }
}
