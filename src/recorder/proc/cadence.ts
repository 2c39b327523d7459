/** What decides how soon the next sample is due. */
export interface PressureFacts {
  readonly atMs: number;
  readonly treeRssKb: number | undefined;
  /** What the tree can still take: available memory, or what is left to the group's limit when that is less. */
  readonly memoryLeftKb: number | undefined;
  /** Open descriptors over the soft limit. */
  readonly fdRatio: number | undefined;
  readonly psiMemorySomeAvg10: number | undefined;
  /** What taking the sample cost us. */
  readonly costMs: number;
}

export interface CadenceInput {
  readonly intervalMs: number;
  /** Samples taken so far, this one included. */
  readonly taken: number;
  readonly current: PressureFacts;
  readonly previous: PressureFacts | undefined;
}

/** Delays after the first samples: at 0, 0.25, 0.75 and 1.75 s, so that a session of two seconds leaves four. */
const RAMP_MS = [250, 500, 1000] as const;

/** Under pressure a sample may come this soon, and never sooner than lets sampling cost one per cent of a core. */
const SOONEST_MS = 200;
const COST_SHARE = 0.01;

/** Samples wanted before memory runs out, and per doubling of the tree's size, at the present slope. */
const SAMPLES_BEFORE_EXHAUSTION = 10;
const SAMPLES_PER_DOUBLING = 8;
/** Slower growth than this between two samples is breathing, not climbing. */
const CLIMB_KB = 32 * 1024;

/** A timer holds 31 bits of milliseconds, 24.8 days: more would be one millisecond. */
const LONGEST_MS = 0x7fffffff;

/** How long to wait before the next sample. Judged anew each time: when pressure ends, so does the hurry. */
export function nextDelayMs({ intervalMs, taken, current, previous }: CadenceInput): number {
  // What the first samples cost says nothing: they compile the code and find a cold cache. Three of them are no burden.
  const ramp = RAMP_MS[taken - 1];
  if (ramp !== undefined) return Math.min(intervalMs, ramp);
  const soonest = Math.max(SOONEST_MS, current.costMs / COST_SHARE);
  return Math.min(LONGEST_MS, intervalMs, Math.max(urgentDelayMs(intervalMs, current, previous), soonest));
}

function urgentDelayMs(intervalMs: number, current: PressureFacts, previous: PressureFacts | undefined): number {
  let delayMs = intervalMs;
  const fdRatio = current.fdRatio ?? 0;
  if (fdRatio > 0.7) delayMs = Math.min(delayMs, intervalMs * (fdRatio > 0.9 ? 0.1 : 0.25));
  if ((current.psiMemorySomeAvg10 ?? 0) > 5) delayMs = Math.min(delayMs, intervalMs * 0.2);
  return Math.min(delayMs, climbDelayMs(current, previous));
}

function climbDelayMs(current: PressureFacts, previous: PressureFacts | undefined): number {
  if (previous?.treeRssKb === undefined || current.treeRssKb === undefined) return Number.POSITIVE_INFINITY;
  const grownKb = current.treeRssKb - previous.treeRssKb;
  const elapsedMs = current.atMs - previous.atMs;
  if (grownKb < CLIMB_KB || elapsedMs <= 0) return Number.POSITIVE_INFINITY;
  const kbPerMs = grownKb / elapsedMs;
  const msToExhaustion = (current.memoryLeftKb ?? Number.POSITIVE_INFINITY) / kbPerMs;
  const msToDouble = current.treeRssKb / kbPerMs;
  return Math.min(msToExhaustion / SAMPLES_BEFORE_EXHAUSTION, msToDouble / SAMPLES_PER_DOUBLING);
}
