import type { DeathFacts } from './deathFacts.ts';
import { isOwnStatus } from './ownStatus.ts';
import { signalOfExitCode } from '../words/signals.ts';
import type { Confidence } from '../words/vocabulary.ts';

export interface SignalDeath {
  readonly name: string;
  readonly confidence: Confidence;
}

/**
 * The signal that ended the agent. 128+n is how shells and other wrappers pass on a death by signal n; a program that
 * was not wrapped chose the number itself, mostly for the same reason.
 */
export function signalOf(facts: DeathFacts): SignalDeath | undefined {
  const { exit } = facts;
  if (exit === undefined) return undefined;
  const isOwn = isOwnStatus(facts);
  if (exit.signal !== null) return { name: exit.signal, confidence: isOwn ? 'certain' : 'likely' };
  const name = exit.code === null ? undefined : signalOfExitCode(exit.code);
  return name === undefined ? undefined : { name, confidence: isOwn ? 'possible' : 'likely' };
}

export function weaker(confidence: Confidence): Confidence {
  return confidence === 'certain' ? 'likely' : 'possible';
}
