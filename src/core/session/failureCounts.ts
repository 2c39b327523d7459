import type { FailureSource } from './failures.ts';
import type { FailureCategory } from '../words/vocabulary.ts';

export type FailureCounts = Partial<Record<FailureCategory, number>>;

/** Firm is what was judged by more than a convention or a guess. */
export function addTo(counts: FailureCounts, firm: FailureCounts, { category, confidence }: FailureSource): void {
  counts[category] = (counts[category] ?? 0) + 1;
  if (confidence !== 'possible') firm[category] = (firm[category] ?? 0) + 1;
}

/** Windows has exit codes of 32 bits (0xC0000005). A longer number is somebody's data, which must not leave. */
export function isExitCode(code: number | undefined): code is number {
  return code !== undefined && Math.abs(code) <= 0xffff_ffff;
}

export function durationBetween(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  const duration = Date.parse(to) - Date.parse(from);
  return Number.isNaN(duration) ? undefined : duration;
}
