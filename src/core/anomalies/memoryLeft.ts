import type { OurFields } from '../session/snapshot.ts';

/** What the session can still take: what the machine has available, or what its group has left when that is less. */
export function memoryLeftKb(ours: OurFields | undefined): number | undefined {
  const available = ours?.mem_available_kb;
  const used = ours?.cgroup_memory_kb;
  const limit = ours?.cgroup_memory_limit_kb;
  const groupLeft = used === undefined || limit === undefined ? undefined : Math.max(0, limit - used);
  if (available === undefined || groupLeft === undefined) return available ?? groupLeft;
  return Math.min(available, groupLeft);
}
