import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Agents' logs and databases. */
const KEPT = /^\/.*\.(?:jsonl?|db)$/;
const O_ACCMODE = 0o3;
/** A session writes a handful. */
const MOST_FILES = 64;

/** The first samples, while an agent opens what it writes, then one of so many: a look costs 1 us a descriptor. */
const FIRST_LOOKS = 6;
const LOOK_EVERY = 12;

/** Which files the processes of a session were seen to hold open for writing. */
export class OpenFiles {
  readonly #seen = new Set<string>();
  #samples = 0;

  get seen(): ReadonlySet<string> {
    return this.#seen;
  }

  look(pids: readonly number[]): void {
    this.#samples += 1;
    if (this.#samples > FIRST_LOOKS && this.#samples % LOOK_EVERY !== 0) return;
    for (const pid of pids) for (const path of writtenBy(pid)) if (this.#seen.size < MOST_FILES) this.#seen.add(path);
  }
}

function writtenBy(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd): readonly string[] => {
      const path = targetOf(`/proc/${pid}/fd/${fd}`);
      return path !== undefined && KEPT.test(path) && isForWriting(`/proc/${pid}/fdinfo/${fd}`) ? [path] : [];
    });
  } catch {
    return []; // gone, or not ours to look at
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined; // closed meanwhile
  }
}

/** "flags:\t0100002", octal */
function isForWriting(path: string): boolean {
  const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync(path, 'latin1'))?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & O_ACCMODE) !== 0;
}
