import { statfs } from 'node:fs/promises';
import { freeBlocksOf } from './diskSpace.ts';

export interface DiskReading {
  readonly freeKb: number;
  readonly sizeKb: number;
}

/**
 * The file system that a process works in. Asked for without waiting: where a network file system hangs, a call that
 * waits would hang the samples, and with them the agent's output.
 */
export class WorkingDisk {
  readonly #procRoot: string;
  #reading: DiskReading | undefined;
  #isAsked = false;

  constructor(procRoot: string) {
    this.#procRoot = procRoot;
  }

  /** The last answer. */
  get reading(): DiskReading | undefined {
    return this.#reading;
  }

  ask(pid: number): void {
    if (this.#isAsked) {
      this.#reading = undefined; // silent since the sample before: what it said then may be long untrue
      return;
    }
    this.#isAsked = true;
    void this.#read(pid);
  }

  async #read(pid: number): Promise<void> {
    this.#reading = await diskOf(`${this.#procRoot}/${pid}/cwd`);
    this.#isAsked = false;
  }
}

async function diskOf(path: string): Promise<DiskReading | undefined> {
  try {
    const space = await statfs(path); // the link leads there even when the process lives in another mount namespace
    if (space.blocks === 0) return undefined; // /proc and the like
    const kbOf = (blocks: number) => Math.floor((blocks * space.bsize) / 1024);
    return { freeKb: kbOf(freeBlocksOf(space)), sizeKb: kbOf(space.blocks) };
  } catch {
    return undefined; // gone, a zombie, or another user's
  }
}
