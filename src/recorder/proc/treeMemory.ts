import type { TreeMember } from '../../core/session/tree.ts';
import { numberAfter } from './textReader.ts';

/** What no sum over processes can be more than. */
export interface MachineMemory {
  /** Every page that any process has mapped, each once. */
  readonly mappedKb?: number | undefined;
  readonly totalKb?: number | undefined;
}

/** A program that runs this often was forked, or is a pool: then a sum of resident sets counts its pages many times. */
const MANY = 8;
/** Adding up a process's pages costs 23 µs a megabyte, so that it is asked of small ones. */
const CHEAP_KB = 64 * 1024;
/** Where all are larger it is asked all the same once together they would be this share of the machine. */
const LARGE_SHARE = 0.25;
/** Forks that write part from what they shared: it is read again after so many samples, or when there are twice as many. */
const READ_EVERY = 4;

interface Sharing {
  readonly sharedKb: number;
  readonly members: number;
  readonly sample: number;
}

interface Program {
  rssKb: number;
  readonly members: { readonly pid: number; readonly rssKb: number }[];
}

/**
 * The memory of a tree. 5,000 forks of one process have 36.9 GiB of resident sets on a machine of 24 GiB: pages that
 * they still share are in each of them. Of a program that runs many times one process is asked for its share (Pss in
 * smaps_rollup), and what it holds together with others is counted once for all.
 */
export class TreeMemory {
  readonly #rollupOf: (pid: number) => string | undefined;
  #sharing = new Map<string, Sharing>();
  #sample = 0;

  constructor(rollupOf: (pid: number) => string | undefined) {
    this.#rollupOf = rollupOf;
  }

  /** `undefined` when no member tells. Never more than the kernel says that all processes of the machine have. */
  rssKb(processes: readonly TreeMember[], machine: MachineMemory): number | undefined {
    this.#sample += 1;
    const programs = programsOf(processes);
    if (programs.size === 0) return undefined;
    const sharing = new Map<string, Sharing>();
    let sum = 0;
    let largest = 0;
    for (const [comm, program] of programs) {
      const shared = this.#sharingOf(comm, program, machine);
      if (shared !== undefined) sharing.set(comm, shared);
      const { sharedKb = 0 } = shared ?? {};
      for (const { rssKb } of program.members) {
        sum += Math.max(0, rssKb - sharedKb);
        largest = Math.max(largest, rssKb);
      }
    }
    this.#sharing = sharing;
    // Some kernels (gVisor) tell none of it, or 0: one process alone has what it has.
    const mostKb = machine.mappedKb ?? machine.totalKb ?? Number.POSITIVE_INFINITY;
    return Math.round(Math.max(largest, Math.min(sum, mostKb)));
  }

  #sharingOf(comm: string, { members, rssKb }: Program, { totalKb }: MachineMemory): Sharing | undefined {
    if (members.length < MANY) return undefined;
    const known = this.#sharing.get(comm);
    const isFresh =
      known !== undefined && this.#sample - known.sample < READ_EVERY && members.length < 2 * known.members;
    if (isFresh) return known;
    // The smallest: what it shares, the others, which have added their own, share as well.
    const smallest = members.reduce((least, one) => (one.rssKb < least.rssKb ? one : least));
    const isLarge = totalKb !== undefined && rssKb > totalKb * LARGE_SHARE;
    if (smallest.rssKb > CHEAP_KB && !isLarge) return undefined;
    const rollup = this.#rollupOf(smallest.pid);
    const resident = numberAfter(rollup, '\nRss:');
    const share = numberAfter(rollup, '\nPss:');
    if (resident === undefined || share === undefined) return known; // another user's, before Linux 4.14, or gone
    return { sharedKb: Math.max(0, resident - share), members: members.length, sample: this.#sample };
  }
}

function programsOf(processes: readonly TreeMember[]): ReadonlyMap<string, Program> {
  const programs = new Map<string, Program>();
  for (const { pid, comm = '', rss_kb: rssKb } of processes) {
    if (rssKb === undefined) continue;
    let program = programs.get(comm);
    if (program === undefined) programs.set(comm, (program = { rssKb: 0, members: [] }));
    if (rssKb === 0) continue; // a zombie
    program.rssKb += rssKb;
    program.members.push({ pid, rssKb });
  }
  return programs;
}
