/**
 * What part of all memory a process takes, from what the kernel publishes (fs/proc/base.c, proc_oom_score). Since 5.9
 * that is `(1000 + share + adj) * 2 / 3`, so that an idle process reads 666; before, it was `share + adj`, never below
 * 0. The share is per mille of memory and swap.
 */
export type OomFormula = 'since_5_9' | 'before_5_9';

/** The integer division loses up to one and a half per mille; a share below that is an impossible one. */
const LOST_TO_DIVISION = 2;

/**
 * The formula that the kernel must have used, where one reading can tell: a score below what an empty process has
 * since 5.9. Any other score is possible under both, and then the kernel is taken to be recent.
 */
export function provenOomFormula(oomScore: number, oomScoreAdj: number): OomFormula | undefined {
  // 0 is also what a process without memory of its own has: a zombie, or one that is exempt (adj -1000).
  if (oomScore <= 0) return undefined;
  return shareSince59(oomScore, oomScoreAdj) < -LOST_TO_DIVISION ? 'before_5_9' : undefined;
}

/**
 * Per mille of memory and swap that the process takes; `undefined` when the score does not say. `formula` is what
 * earlier readings have proven.
 */
export function calibratedOomShare(
  oomScore: number | undefined,
  oomScoreAdj: number | undefined,
  formula?: OomFormula,
): number | undefined {
  if (oomScore === undefined || oomScoreAdj === undefined || oomScore <= 0) return undefined;
  const used = formula ?? provenOomFormula(oomScore, oomScoreAdj) ?? 'since_5_9';
  const share = used === 'since_5_9' ? shareSince59(oomScore, oomScoreAdj) : oomScore - oomScoreAdj;
  return Math.max(0, Math.round(share));
}

function shareSince59(oomScore: number, oomScoreAdj: number): number {
  return (oomScore * 3) / 2 - 1000 - oomScoreAdj;
}
