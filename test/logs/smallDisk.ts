import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system in memory that is small enough to fill. */
export interface SmallDisk {
  readonly path: string;
  /** Until not even a byte more is to be had; `free` gives it back. */
  readonly fill: () => void;
  readonly free: () => void;
  /** From now on the path leads to a read-only view of the same files; what is open stays writable. */
  readonly turnReadOnly: () => void;
  readonly remove: () => void;
}

/** Why no disk can be mounted here, or false: for a test's `skip`. */
export function cannotMount(): string | false {
  try {
    smallDisk(64 * 1024).remove();
    return false;
  } catch {
    return 'mounting a small disk takes root';
  }
}

export function smallDisk(bytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'session-diagnostics-disk-'));
  let mounts = 0;
  const mount = (...args: string[]): void => {
    execFileSync('mount', [...args, path], { stdio: 'pipe' });
    mounts += 1;
  };
  const filler = join(path, 'filler');
  try {
    mount('-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs');
  } catch (error) {
    rmSync(path, { recursive: true });
    throw error;
  }
  return {
    path,
    fill: () => {
      const fd = openSync(filler, 'a');
      const page = Buffer.alloc(4096);
      try {
        for (;;) writeSync(fd, page);
      } catch {
        closeSync(fd); // ENOSPC, as wanted
      }
    },
    free: () => rmSync(filler, { force: true }),
    turnReadOnly: () => {
      mount('--bind', path);
      execFileSync('mount', ['-o', 'remount,bind,ro', path], { stdio: 'pipe' });
    },
    remove: () => {
      for (; mounts > 0; mounts -= 1) execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
