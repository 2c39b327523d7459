import type { Finding, Sighting } from './detector.ts';
import { GROWING, GrowthWatch } from './growthWatch.ts';
import { Repetition, severityOfRank } from './repetition.ts';
import type { TreeMember } from '../session/tree.ts';

/** A parent that is busy collects its children late; after this long it does not collect them. */
const UNCOLLECTED_MS = 5000;
/** One uncollected child is untidy and common; ten are a parent that never waits. */
const MANY_ZOMBIES = 10;
/** A process that dies between two reads of one sample is missing once; twice, and it is gone. */
const MISSING_SAMPLES = 2;

interface Watched {
  readonly descriptors: GrowthWatch;
  readonly threads: GrowthWatch;
  zombieSinceMs: number | undefined;
}

/** Every process of the tree by its identity, as long as it lives. */
export class ProcessWatch {
  #watched = new Map<string, Watched>();
  #hasTrees = false;
  readonly #zombies = new Repetition();
  readonly #identity = new TrackedIdentity();

  push(sighting: Sighting): readonly (Finding | undefined)[] {
    const { snapshot, tree, pid } = sighting;
    // Of a long session older trees are thinned: one that is missing says nothing of who lives.
    if (tree === undefined && this.#hasTrees) return [];
    if (tree === undefined) {
      if (pid === undefined) return [];
      // No tree was recorded: the tracked process is all that is known.
      const watched = this.#watched.get(`${pid}`) ?? newlyWatched();
      this.#watched = new Map([[`${pid}`, watched]]);
      return leaks(watched, { pid, fd_count: snapshot.fd_count, threads: snapshot.threads }, sighting);
    }
    this.#hasTrees = true;
    const living = new Map<string, Watched>();
    const findings: (Finding | undefined)[] = [];
    for (const member of tree.processes) {
      const watched = this.#watched.get(identityOf(member)) ?? newlyWatched();
      living.set(identityOf(member), watched);
      watched.zombieSinceMs = isDead(member) ? (watched.zombieSinceMs ?? sighting.nowMs) : undefined;
      findings.push(...leaks(watched, member, sighting));
    }
    this.#watched = living;
    return [...findings, this.#zombieFinding(sighting, tree.processes), this.#identity.push(sighting, tree.processes)];
  }

  #zombieFinding({ snapshot, pid, nowMs }: Sighting, members: readonly TreeMember[]): Finding | undefined {
    const zombies = members.flatMap((member) => {
      const sinceMs = this.#watched.get(identityOf(member))?.zombieSinceMs;
      const isUncollected = member.pid !== pid && sinceMs !== undefined && nowMs - sinceMs >= UNCOLLECTED_MS;
      return isUncollected ? [{ member, sinceMs }] : [];
    });
    const sinceSeq = this.#zombies.news(zombieRank(zombies.length), snapshot.seq);
    const oldest = zombies.toSorted((a, b) => a.sinceMs - b.sinceMs)[0];
    if (sinceSeq === undefined || oldest === undefined) return undefined;
    return {
      kind: 'zombie_children',
      severity: zombies.length < MANY_ZOMBIES ? 'info' : 'warning',
      pid,
      detail: {
        zombie_count: zombies.length,
        oldest_seconds: Math.round((nowMs - oldest.sinceMs) / 1000),
        ...(oldest.member.ppid !== undefined && { parent_pid: oldest.member.ppid }),
        since_seq: sinceSeq,
      },
    };
  }
}

/** Whether the tracked process is still the one that the session began with. */
class TrackedIdentity {
  #pid: number | undefined;
  #startTicks: number | undefined;
  #missing = 0;
  readonly #lost = new Repetition();

  push({ snapshot, pid }: Sighting, members: readonly TreeMember[]): Finding | undefined {
    if (pid === undefined || snapshot.event === 'exit_snapshot') return undefined;
    if (pid !== this.#pid) {
      // The recorder has found the agent behind its wrapper.
      this.#pid = pid;
      this.#startTicks = undefined;
      this.#missing = 0;
    }
    const member = members.find((candidate) => candidate.pid === pid);
    this.#startTicks ??= member?.start_ticks;
    const isReused = member?.start_ticks !== undefined && member.start_ticks !== this.#startTicks;
    const others = members.filter((candidate) => candidate.pid !== pid && !isDead(candidate)).length;
    const isLost = others > 0 && (isReused || (member === undefined && this.#startTicks !== undefined));
    this.#missing = isLost ? this.#missing + 1 : 0;
    const sinceSeq = this.#lost.news(this.#missing >= MISSING_SAMPLES ? 2 : 0, snapshot.seq);
    if (sinceSeq === undefined) return undefined;
    const detail = { is_pid_reused: isReused, living_members: others, since_seq: sinceSeq };
    return { kind: 'identity_lost', severity: severityOfRank(2), pid, detail };
  }
}

function newlyWatched(): Watched {
  return {
    descriptors: new GrowthWatch(GROWING.descriptors),
    threads: new GrowthWatch(GROWING.threads),
    zombieSinceMs: undefined,
  };
}

type Counts = Pick<TreeMember, 'pid' | 'fd_count' | 'threads'>;

function leaks({ descriptors, threads }: Watched, counts: Counts, sighting: Sighting): (Finding | undefined)[] {
  const at = { nowMs: sighting.nowMs, seq: sighting.snapshot.seq, pid: counts.pid };
  const fdCount = counts.fd_count === -1 ? undefined : counts.fd_count;
  return [descriptors.push({ value: fdCount, ...at }), threads.push({ value: counts.threads, ...at })];
}

function identityOf({ pid, start_ticks }: TreeMember): string {
  return `${pid} ${start_ticks ?? ''}`;
}

export function isDead({ state }: TreeMember): boolean {
  return state === 'zombie' || state === 'dead';
}

/** Worse each time their number has doubled. */
function zombieRank(count: number): number {
  if (count === 0) return 0;
  return count < MANY_ZOMBIES ? 1 : 2 + Math.floor(Math.log2(count / MANY_ZOMBIES));
}
