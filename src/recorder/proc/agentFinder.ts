import type { ProcessRow, ProcessTree } from './processTree.ts';
import type { ProcessIdentity } from './sampler.ts';
import { descendToAgent, isKnownAgent, type Candidate, type Family, type TrackedProcess } from './trackedProcess.ts';

/** While a session is this young, whatever a wrapper runs may be the agent. */
const SETTLING_MS = 3000;

/**
 * Follows the agent through a session: down from what was started, again whenever more of the chain appears, and
 * back to the wrapper when the agent is gone. What a wrapper runs after that may be its cleaning up
 * (`sh -c "agent; sync"`) or the next of many short commands: an agent by name is followed at once, something else
 * while the session is young, or the same program again, when a second sample finds it still there.
 */
export class AgentFinder {
  readonly #family: Family;
  #tracked: TrackedProcess;
  #agentComm: string | undefined;
  #startedMs: number | undefined;
  /** Start times of those refused at the last update, by pid. */
  #refused: ReadonlyMap<number, number> = new Map();

  constructor(root: TrackedProcess, family: Family) {
    this.#family = family;
    this.#tracked = root;
  }

  get tracked(): TrackedProcess {
    return this.#tracked;
  }

  /** `find` gives a live process by pid, `root` is what the session began with while it lives. */
  update(
    root: Candidate | undefined,
    find: (pid: number) => Candidate | undefined,
    nowMs: number,
  ): Candidate | undefined {
    this.#startedMs ??= nowMs;
    const current = find(this.#tracked.pid);
    const isAlive = current !== undefined && this.#isTracked(current);
    if (!isAlive && root === undefined) return undefined;
    if (!isAlive && this.#tracked.via.length > 0) this.#agentComm = this.#tracked.comm;
    const start = isAlive ? { ...this.#tracked, comm: current.comm } : trackedFrom(root);
    if (start === undefined) return undefined;
    const isSettling = nowMs - this.#startedMs < SETTLING_MS;
    const refused = new Map<number, number>();
    this.#tracked = descendToAgent(start, this.#family, (child) => {
      const isAcceptable = this.#mayBeAgent(child, isSettling);
      if (!isAcceptable) refused.set(child.pid, child.startTicks);
      return isAcceptable;
    });
    this.#refused = refused;
    return find(this.#tracked.pid);
  }

  #isTracked(candidate: Candidate): boolean {
    return candidate.startTicks === this.#tracked.startTicks;
  }

  #mayBeAgent(child: Candidate, isSettling: boolean): boolean {
    if (this.#agentComm === undefined || isKnownAgent(this.#family.argumentsOf(child.pid))) return true;
    const wasThere = this.#refused.get(child.pid) === child.startTicks;
    return wasThere && (isSettling || child.comm === this.#agentComm);
  }
}

function trackedFrom(root: Candidate | undefined): TrackedProcess | undefined {
  return root === undefined ? undefined : { pid: root.pid, startTicks: root.startTicks, comm: root.comm, via: [] };
}

interface LivingRow extends ProcessRow {
  readonly state: string | undefined;
}

/** A zombie or dead process runs nothing and takes no signal; only its status is still there. */
export function isEnded({ state }: LivingRow): boolean {
  return state === 'zombie' || state === 'dead';
}

export function candidateOf(row: LivingRow): Candidate {
  return { pid: row.pid, startTicks: row.startTicks, comm: row.comm, isZombie: isEnded(row) };
}

/** Brings a tree up to date and finds the agent in it, by whatever means its processes are listed. */
export function agentInTree<Row extends LivingRow>(
  tree: ProcessTree<Row>,
  finder: AgentFinder,
  nowMs: number,
): Row | undefined {
  tree.update(nowMs);
  const find = (pid: number): Row | undefined => tree.members.get(pid)?.row;
  const candidate = (pid: number): Candidate | undefined => {
    const row = find(pid);
    return row && candidateOf(row);
  };
  const { root } = tree;
  const tracked = finder.update(root && candidateOf(root), candidate, nowMs);
  return tracked && find(tracked.pid);
}

/** Who still runs, as whoever signals them has to name them. */
export function livingIn(tree: ProcessTree<LivingRow>): readonly ProcessIdentity[] {
  const living = [...tree.members.values()].filter(({ row }) => !isEnded(row));
  return living.map(({ row: { pid, startTicks } }) => ({ pid, starttime_ticks: startTicks }));
}
