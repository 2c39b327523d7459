import { accessSync, constants, statfsSync, type StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { DiskSpace } from '../../core/death/deathFacts.ts';

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

/** The room left in the places a session writes to. A place that is gone or read-only is left out. */
export function readDiskSpace(places: { readonly [place in DiskSpace['place']]: string }): readonly DiskSpace[] {
  return [
    ...spaceOf('working_directory', places.working_directory),
    ...spaceOf('temporary_directory', places.temporary_directory),
    ...spaceOf('log_root', places.log_root),
  ];
}

/** Root may fill what is reserved for it (5% on ext4). */
export function freeBlocksOf({ bfree, bavail }: Pick<StatsFs, 'bfree' | 'bavail'>): number {
  return process.getuid?.() === 0 ? bfree : bavail;
}

function spaceOf(place: DiskSpace['place'], path: string): readonly DiskSpace[] {
  try {
    accessSync(path, constants.W_OK); // a read-only image is always full, and nobody dies of it
    const space = statfsSync(path);
    return [
      {
        place,
        free_bytes: freeBlocksOf(space) * space.bsize,
        total_bytes: space.blocks * space.bsize,
        free_inodes: space.files === 0 ? undefined : space.ffree,
      },
    ];
  } catch {
    return []; // removed meanwhile, or a file system that does not answer: no evidence either way
  }
}
