import type { Moment } from './detector.ts';
import type { JsonRecord } from '../words/json.ts';
import { isDead } from './processAnomalies.ts';
import type { TreeMember } from '../session/tree.ts';

/**
 * Whom a session that does nothing waits for: parents wait for their children, so of the living processes it is the
 * youngest that has no child. Fields of the anomaly's detail.
 */
export function waitingProcess({ snapshot, tree }: Moment): JsonRecord {
  const living = tree?.processes.filter((member) => !isDead(member)) ?? [];
  const parents = new Set(living.map(({ ppid }) => ppid));
  const leaves = living.filter(({ pid }) => !parents.has(pid));
  const youngest = leaves.reduce<TreeMember | undefined>(
    (found, leaf) => ((leaf.start_ticks ?? 0) >= (found?.start_ticks ?? 0) ? leaf : found),
    undefined,
  );
  const { pid, comm, state, wchan } = youngest ?? snapshot;
  return {
    ...(pid !== undefined && { waiting_pid: pid }),
    ...(comm !== undefined && { waiting_comm: comm }),
    ...(state !== undefined && { waiting_state: state }),
    ...(wchan !== undefined && wchan !== '' && { waiting_wchan: wchan }),
  };
}
