import { readdirSync, readFileSync } from 'node:fs';

/** futex(2), by the machine's own numbers. */
const FUTEX: { readonly [arch in string]?: number } = { x64: 202, arm64: 98 };
/** FUTEX_WAIT, FUTEX_WAIT_BITSET, FUTEX_LOCK_PI and FUTEX_LOCK_PI2, without the flag of the clock. */
const WAITS: ReadonlySet<number> = new Set([0, 9, 6, 13]);
const PRIVATE = 128;
const COMMAND = 127;
/** `syscall arg0 .. arg5 sp pc`, in hex but for the first. */
const OPERATION = 2;
const TIMEOUT = 4;

/**
 * Every thread of the process waits, for ever, for a lock that only this process can open: nothing but a signal will
 * wake it again. False where the kernel does not tell, which it tells the owner alone.
 */
export function isDeadlocked(pid: number): boolean {
  const number = FUTEX[process.arch];
  if (process.platform !== 'linux' || number === undefined) return false;
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.length > 1 && threads.every((tid) => waitsForEver(`/proc/${pid}/task/${tid}/syscall`, number));
  } catch {
    return false; // gone, or another user's
  }
}

function waitsForEver(path: string, futex: number): boolean {
  const words = readFileSync(path, 'utf8').trim().split(' ');
  const operation = Number(words[OPERATION]) & ~256; // FUTEX_CLOCK_REALTIME
  return (
    Number(words[0]) === futex &&
    (operation & PRIVATE) !== 0 &&
    WAITS.has(operation & COMMAND) &&
    Number(words[TIMEOUT]) === 0
  );
}
