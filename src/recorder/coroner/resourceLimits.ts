import { readFileSync } from 'node:fs';
import { RESOURCE_LIMITS, type ResourceLimits } from '../../core/session/session.ts';

/** The rows of proc_pid_limits(5), each `Max address space  500000000  unlimited  bytes`, and by how much ours is smaller. */
const ROWS: Readonly<Record<(typeof RESOURCE_LIMITS)[number], readonly [string, number]>> = {
  address_space_kb: ['address space', 1024],
  data_kb: ['data size', 1024],
  stack_kb: ['stack size', 1024],
  file_size_kb: ['file size', 1024],
  cpu_seconds: ['cpu time', 1],
  open_files: ['open files', 1],
  processes: ['processes', 1],
};

/** The soft limits that there are. */
export function resourceLimits(text: string): ResourceLimits {
  const limits: { [name in (typeof RESOURCE_LIMITS)[number]]?: number } = {};
  for (const name of RESOURCE_LIMITS) {
    const [row, unit] = ROWS[name];
    const soft = Number(new RegExp(`^Max ${row} +(\\d+) `, 'm').exec(text)?.[1] ?? Number.NaN);
    if (Number.isSafeInteger(soft)) limits[name] = Math.floor(soft / unit);
  }
  return limits;
}

/** Of the tracked process. They rarely change, so that they are read at the first, second, fourth ... sample of each. */
export class LimitReader {
  #pid: number | undefined;
  #samples = 0;
  #next = 1;
  value: ResourceLimits | undefined;

  sample(pid: number): void {
    if (pid !== this.#pid) [this.#pid, this.#samples, this.#next] = [pid, 0, 1];
    this.#samples += 1;
    if (this.#samples < this.#next) return;
    this.#next *= 2;
    try {
      this.value = resourceLimits(readFileSync(`/proc/${pid}/limits`, 'latin1'));
    } catch {
      // it is gone, or this is no Linux: what was read before stands
    }
  }
}
