import type { ExitFacts } from './deathFacts.ts';
import { signalOfNumber } from '../words/signals.ts';

/** What wait(2) tells a parent: the exit code in the second byte, or the signal in the lowest seven bits. */
export function exitOfWaitStatus(status: number): ExitFacts {
  const signal = status & 0x7f;
  if (signal === 0) return { code: (status >> 8) & 0xff, signal: null };
  return { code: null, signal: signalOfNumber(signal) ?? `SIG${signal}` };
}
