import { userInfo } from 'node:os';

/**
 * The name of who runs this; empty where the system knows none: a user id without an entry in passwd, as containers
 * and CI runners have it, or no descriptor left to read it with. Naming nobody must not cost the agent its start.
 */
export function userName(read: () => { readonly username: string } = userInfo): string {
  try {
    return read().username;
  } catch {
    return '';
  }
}
