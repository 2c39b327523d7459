import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startTicksOf } from '../../../src/recorder/proc/ownProcess.ts';

/** The recorder of one launcher, from its start until it is gone. */
export interface SeenRecorder {
  /** Its highest resident set, as the kernel told it last: `run` itself is no Node that could tell. None was seen: none. */
  readonly maxRssMb: number | undefined;
  /** It was there, and went by itself. */
  readonly hasEnded: boolean;
}

const LOOK_MS = 20;

/**
 * Follows the recorder that the launcher with this pid starts. One that stays for longer than that is killed. Whoever
 * looks only when the machine lets it can miss a whole one: none that is there a second after `returned` has been and
 * gone.
 */
export async function recorderOf(
  launcherPid: number,
  longestMs: number,
  returned: Promise<unknown>,
): Promise<SeenRecorder> {
  const deadline = performance.now() + longestMs;
  let missedAt = Number.POSITIVE_INFINITY;
  void returned.then(() => (missedAt = performance.now() + 1000));
  let pid: number | undefined;
  let maxRssMb: number | undefined;
  while (performance.now() < deadline) {
    const isLastLook = performance.now() > missedAt;
    pid ??= besideLauncher(launcherPid);
    if (pid === undefined && isLastLook) return { maxRssMb: undefined, hasEnded: true };
    if (pid !== undefined && startTicksOf(pid) === undefined) return { maxRssMb, hasEnded: true };
    if (pid !== undefined) maxRssMb = highestMb(pid) ?? maxRssMb;
    await delay(LOOK_MS);
  }
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  return { maxRssMb, hasEnded: false };
}

function besideLauncher(launcherPid: number): number | undefined {
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return names.map(Number).find((pid) => textOf(pid, 'cmdline').includes(`\0--launcher-pid=${launcherPid}\0`));
}

/** `undefined` for one that has given its memory back already. */
function highestMb(pid: number): number | undefined {
  const kb = /^VmHWM:\s+(\d+) kB/m.exec(textOf(pid, 'status'))?.[1];
  return kb === undefined ? undefined : Number(kb) / 1024;
}

function textOf(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return ''; // gone
  }
}
