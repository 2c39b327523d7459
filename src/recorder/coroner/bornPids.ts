import { readFileSync } from 'node:fs';

/** As long as a kill is a reason to give up. */
const KEPT_MS = 60_000;
/** The kernel's log is dated to a tenth of a second. */
const LOG_SLACK_MS = 100;

/** Which was the newest process of the machine at each sample: who died younger than that, no sample can have shown. */
export class BornPids {
  #samples: { readonly ms: number; readonly newest: number }[] = [];

  sample(ms: number): void {
    const newest = newestPid();
    if (newest === undefined) return;
    this.#samples = [...this.#samples.filter((sample) => sample.ms >= ms - KEPT_MS), { ms, newest }];
  }

  /** Whether it was born after the last sample before its end; before the first one, after the process that is tracked. */
  isUnseen(pid: number, { endMs, trackedPid }: { readonly endMs: number; readonly trackedPid: number }): boolean {
    const before = this.#samples.findLast(({ ms }) => ms < endMs - LOG_SLACK_MS);
    return pid > (before?.newest ?? trackedPid);
  }
}

/** `0.20 0.18 0.12 1/80 11206`: the last number. */
function newestPid(): number | undefined {
  try {
    const pid = Number(readFileSync('/proc/loadavg', 'latin1').trim().split(' ').at(-1));
    return Number.isInteger(pid) ? pid : undefined;
  } catch {
    return undefined; // no /proc
  }
}
