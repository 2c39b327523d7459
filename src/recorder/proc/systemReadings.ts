import { existsSync, readFileSync } from 'node:fs';
import { KeptTexts, numberAfter } from './textReader.ts';
import type { MachineMemory } from './treeMemory.ts';

/** Memory around the session. A field the platform does not tell is `undefined`. */
export interface SystemReadings {
  readonly memAvailableKb: number | undefined;
  readonly psiMemorySomeAvg10: number | undefined;
  readonly cgroupMemoryKb: number | undefined;
  readonly cgroupMemoryLimitKb: number | undefined;
}

/** Where the kernel's files are: `/proc` and `/`, or a test's copies. */
export interface SystemRoots {
  readonly procRoot: string;
  /** Prefixed to the mount points that mountinfo names. */
  readonly fileRoot: string;
}

/** What surrounds a process, at 25 µs a reading: every file stays open (109 µs when opened each time). */
export class SystemReader {
  readonly #texts = new KeptTexts();
  readonly #groups: MemoryGroups;
  readonly #procRoot: string;
  #meminfo: string | undefined;

  constructor(roots: SystemRoots) {
    this.#procRoot = roots.procRoot;
    this.#groups = new MemoryGroups(roots);
  }

  /** `membership` is the text of the process's cgroup file: it may be moved after its start. */
  read(membership: string | undefined): SystemReadings {
    const usage = this.#groups.usageOf(membership ?? '');
    this.#meminfo = this.#texts.read(`${this.#procRoot}/meminfo`);
    return {
      memAvailableKb: numberAfter(this.#meminfo, 'MemAvailable:'),
      // Absent before Linux 4.20, and EOPNOTSUPP where the kernel runs with psi=0.
      psiMemorySomeAvg10: numberAfter(this.#texts.read(`${this.#procRoot}/pressure/memory`), 'some avg10='),
      cgroupMemoryKb: usage?.memoryKb,
      cgroupMemoryLimitKb: usage?.limitKb,
    };
  }

  /** At the last reading. `Mapped` is of files and shared memory, `AnonPages` of all the rest (proc_meminfo(5)). */
  get machine(): MachineMemory {
    const anonymousKb = numberAfter(this.#meminfo, '\nAnonPages:');
    const ofFilesKb = numberAfter(this.#meminfo, '\nMapped:');
    const isTold = anonymousKb !== undefined && anonymousKb > 0 && ofFilesKb !== undefined;
    return { mappedKb: isTold ? anonymousKb + ofFilesKb : undefined, totalKb: numberAfter(this.#meminfo, 'MemTotal:') };
  }

  close(): void {
    this.#texts.close();
    this.#groups.close();
  }
}

interface GroupMemory {
  readonly memoryKb: number | undefined;
  readonly limitKb: number | undefined;
}

interface MemoryHierarchy {
  readonly version: 1 | 2;
  /** The directory of the topmost group we can see, and the group it shows. */
  readonly mountPoint: string;
  readonly mountRoot: string;
}

/** Version 1 writes LONG_MAX rounded down to a page where there is no limit; version 2 writes "max". */
const UNLIMITED_BYTES = 2 ** 60;

interface Location {
  readonly membership: string;
  readonly names: GroupFileNames;
  /** From the process's own group up to the topmost visible one; empty without a memory controller. */
  readonly directories: readonly string[];
}

/** The memory control groups a process is in. Where the hierarchies are mounted is read once. */
export class MemoryGroups {
  readonly #texts = new KeptTexts();
  readonly #procRoot: string;
  readonly #hierarchies: readonly MemoryHierarchy[];
  #location: Location = { membership: '', names: FILE_NAMES[2], directories: [] };

  constructor({ procRoot, fileRoot }: SystemRoots) {
    this.#procRoot = procRoot;
    this.#hierarchies = memoryHierarchies(textOf(`${procRoot}/self/mountinfo`) ?? '', fileRoot);
  }

  /** The directories from the process's own group up to the topmost visible one. */
  directoriesOf(pid: number): readonly string[] {
    return this.#locate(textOf(`${this.#procRoot}/${pid}/cgroup`) ?? '').directories;
  }

  /**
   * For the text of a process's cgroup file, the group that runs out first, and what it uses: the smallest limit over the hierarchy, else the process's own
   * group. Used means not reclaimable at once, without the inactive file cache, as Kubernetes counts it: cache alone
   * fills any limit and kills nobody.
   */
  usageOf(membership: string): GroupMemory | undefined {
    const { directories, names } = this.#locate(membership);
    let tightest = directories[0];
    if (tightest === undefined) return undefined;
    let limitBytes = Number.POSITIVE_INFINITY;
    for (const directory of directories) {
      const bytes = Number(this.#texts.read(`${directory}/${names.limit}`) ?? Number.NaN); // "max" is NaN as well
      if (bytes < limitBytes && bytes < UNLIMITED_BYTES) {
        limitBytes = bytes;
        tightest = directory;
      }
    }
    return {
      memoryKb: this.#workingSetKb(tightest, names),
      limitKb: limitBytes === Number.POSITIVE_INFINITY ? undefined : Math.floor(limitBytes / 1024),
    };
  }

  close(): void {
    this.#texts.close();
  }

  #workingSetKb(directory: string, names: GroupFileNames): number | undefined {
    const usedBytes = Number(this.#texts.read(`${directory}/${names.usage}`) ?? Number.NaN);
    if (Number.isNaN(usedBytes)) return undefined; // version 2's root group has no memory.current
    const inactiveBytes = numberAfter(this.#texts.read(`${directory}/memory.stat`), names.inactive) ?? 0;
    return Math.floor(Math.max(0, usedBytes - inactiveBytes) / 1024);
  }

  #locate(membership: string): Location {
    if (membership !== this.#location.membership) {
      this.#texts.close(); // moved to another group
      this.#location = this.#locationOf(membership);
    }
    return this.#location;
  }

  #locationOf(membership: string): Location {
    for (const hierarchy of this.#hierarchies) {
      const path = groupPath(membership, hierarchy.version);
      if (path === undefined) continue;
      const names = FILE_NAMES[hierarchy.version];
      const directories = directoriesBetween(hierarchy, path).filter((directory) => existsSync(directory));
      // In a hybrid set-up the version 2 hierarchy exists without the memory controller.
      if (directories.some((directory) => existsSync(`${directory}/${names.usage}`))) {
        return { membership, names, directories };
      }
    }
    return { membership, names: FILE_NAMES[2], directories: [] };
  }
}

interface GroupFileNames {
  readonly usage: string;
  readonly limit: string;
  readonly inactive: string;
}

const FILE_NAMES: { readonly [version in 1 | 2]: GroupFileNames } = {
  1: { usage: 'memory.usage_in_bytes', limit: 'memory.limit_in_bytes', inactive: '\ntotal_inactive_file ' },
  2: { usage: 'memory.current', limit: 'memory.max', inactive: '\ninactive_file ' },
};

/** `30 23 0:26 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory`, version 1 first. */
function memoryHierarchies(mountinfo: string, fileRoot: string): readonly MemoryHierarchy[] {
  const hierarchies: MemoryHierarchy[] = [];
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , mountRoot, mountPoint] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (mountRoot === undefined || mountPoint === undefined) continue;
    const at = { mountPoint: fileRoot + mountPoint, mountRoot };
    if (type === 'cgroup' && options.split(',').includes('memory')) hierarchies.unshift({ version: 1, ...at });
    if (type === 'cgroup2') hierarchies.push({ version: 2, ...at });
  }
  return hierarchies;
}

/** Of `4:memory:/a/b` (version 1) or `0::/a/b` (version 2) the path. */
function groupPath(membership: string, version: 1 | 2): string | undefined {
  for (const line of membership.split('\n')) {
    const [, controllers, ...path] = line.split(':');
    if (version === 1 ? controllers?.split(',').includes('memory') : line.startsWith('0::')) return path.join(':');
  }
  return undefined;
}

/** A container may see only a part of the hierarchy: the mount shows `mountRoot`, and a path outside it shows as itself. */
function directoriesBetween({ mountPoint, mountRoot }: MemoryHierarchy, path: string): readonly string[] {
  const base = mountRoot === '/' ? '' : mountRoot;
  const inside = path === base || path.startsWith(`${base}/`) ? path.slice(base.length) : '';
  const directories: string[] = [];
  for (let below = inside.replace(/\/+$/, ''); below !== ''; below = below.slice(0, below.lastIndexOf('/'))) {
    if (!below.includes('/..')) directories.push(mountPoint + below); // `/../x`: outside our cgroup namespace
  }
  return [...directories, mountPoint];
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // absent on this kernel, or not ours to read
  }
}
