import type { Snapshot } from '../session/snapshot.ts';

const MASK = /^[0-9a-f]{16}$/i;

/** Signals that are ignored unless asked for (signal(7)): a busy shell always has some child's end pending. */
const HARMLESS = [17, 18, 23, 28] // CHLD, CONT, URG (Go preempts its threads with it), WINCH
  .map((number) => 1n << BigInt(number - 1))
  .reduce((mask, bit) => mask | bit);

/**
 * Signals that wait for the process or its main thread; kill(2) shows only in ShdPnd. `undefined` when neither mask
 * is readable.
 */
export function waitingSignals({ sig_pnd, ours }: Snapshot): bigint | undefined {
  const own = maskOf(sig_pnd);
  const shared = maskOf(ours?.shd_pnd);
  if (own === undefined && shared === undefined) return undefined;
  return ((own ?? 0n) | (shared ?? 0n)) & ~HARMLESS;
}

function maskOf(text: string | undefined): bigint | undefined {
  return text !== undefined && MASK.test(text) ? BigInt(`0x${text}`) : undefined;
}
