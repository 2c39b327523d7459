import { readdirSync, readFileSync } from 'node:fs';

/** Ids of the processes whose command line, words parted by NUL, holds all of the texts. */
export function processesWith(...texts: readonly string[]): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return texts.every((text) => command.includes(text));
    } catch {
      return false; // gone since it was listed
    }
  });
}
