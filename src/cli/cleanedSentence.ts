import type { Cleaned } from '../recorder/run/leftovers.ts';
import { printable } from './terminal.ts';

/** "Ended sleep (32120) and python3 (32121). Already ended: tail (34)." */
export function cleanedSentence(cleaned: readonly Cleaned[]): string {
  const named = (...became: readonly Cleaned['became'][]): string =>
    joined(cleaned.filter((one) => became.includes(one.became)).map(({ pid, comm }) => `${printable(comm)} (${pid})`));
  const [ended, killed, gone, refused] = [named('ended'), named('killed'), named('gone'), named('refused')];
  return `${[
    ended === '' ? '' : `Ended ${ended}`,
    killed === '' ? '' : `Killed ${killed}, which did not end when asked`,
    gone === '' ? '' : `Already ended: ${gone}`,
    refused === '' ? '' : `Not ended, for it is not yours or stuck in the kernel: ${refused}`,
  ]
    .filter((part) => part !== '')
    .join('. ')}.`;
}

function joined(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
