import { accessSync, constants, statfsSync, type StatsFs } from 'node:fs';
import type { DiskSpace } from '../../core/death/deathFacts.ts';

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
