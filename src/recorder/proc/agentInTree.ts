import type { AgentFinder } from './agentFinder.ts';
import type { ProcessRow, ProcessTree } from './processTree.ts';
import type { ProcessIdentity } from './sampler.ts';
import type { Candidate } from './trackedProcess.ts';

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
