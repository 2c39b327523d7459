import { spawnSync } from 'node:child_process';

/**
 * Whether the kernel has logged this process's segmentation fault under the number that we know it by. It need not: other
 * processors have other words, a container has other numbers, and printk_ratelimit() drops what comes too fast.
 */
export function isFaultLogged(pid: number | undefined): boolean {
  const { stdout } = spawnSync('dmesg', { encoding: 'utf8', maxBuffer: 64 << 20 });
  return pid !== undefined && (stdout ?? '').includes(`[${pid}]: segfault at `);
}
