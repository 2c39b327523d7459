import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MemoryGroup {
  /** Writing a pid here moves that process into the group. */
  readonly procs: string;
  readonly remove: () => void;
}

let count = 0;

/** A memory-limited group (cgroup v1 or v2); undefined where groups may not be made. */
export function makeMemoryGroup(bytes: number): MemoryGroup | undefined {
  count += 1;
  const isV2 = readOrEmpty('/sys/fs/cgroup/cgroup.controllers').includes('memory');
  const parent = isV2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory';
  const folder = join(parent, `session-diagnostics-${process.pid}-${count}`);
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, isV2 ? 'memory.max' : 'memory.limit_in_bytes'), String(bytes));
    accessSync(join(folder, 'cgroup.procs'), constants.W_OK);
  } catch {
    return undefined;
  }
  return { procs: join(folder, 'cgroup.procs'), remove: () => rmdirSync(folder) };
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // no such file: cgroup v1
  }
}

/** A Python program that takes memory until somebody stops it. */
export const MEMORY_HOG = 'kept = []\nwhile True: kept.append(bytearray(4 << 20))';
