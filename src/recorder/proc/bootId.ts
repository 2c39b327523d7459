import { readFileSync } from 'node:fs';

/** The kernel's random id of this boot; `undefined` where the platform has none. */
export function readBootId(procRoot = '/proc'): string | undefined {
  try {
    return readFileSync(`${procRoot}/sys/kernel/random/boot_id`, 'utf8').trim();
  } catch {
    return undefined; // not Linux, or a /proc without sys (some sandboxes)
  }
}
