import type { KernelCrash, OomKill } from './deathFacts.ts';

/*
 * What the kernel's own lines say of processes that it ended, wherever the lines are read: its ring buffer, the journal,
 * a saved dmesg.
 */

/** The name is a process's own and may hold anything, a closing bracket too: what follows it ends it. */
const KILLED =
  /^(Memory cgroup out of memory: |Out of memory(?: \([a-z_]+\))?: )?Killed process (\d{1,10}) \((.{0,64})\),? (?:UID \d+, )?total-vm:\d/;

export function killIn(text: string) {
  const [, why, pid, comm] = KILLED.exec(text) ?? [];
  if (pid === undefined || comm === undefined) return undefined;
  const scope: OomKill['scope'] | undefined = why === undefined ? undefined : why.startsWith('M') ? 'group' : 'system';
  return { pid: Number(pid), comm, scope };
}

/**
 * `python3[9370]: segfault at 0 ip 00007fa087f85ad8 sp 00007ffe26a2d478 error 4 in libc.so.6[...]` and
 * `traps: python3[9455] trap invalid opcode ip:7f48372ec000 sp:7ffe41496798 error:0 in ...`, as x86 says them of what
 * nobody handles. A name of at most 15 bytes cannot hold what follows it, but the file at the end can: the first counts.
 */
const FAULTS = [
  [/^(.{1,60}?)\[(\d{1,10})\]: segfault at [0-9a-f]{1,16} ip /, 'SIGSEGV'],
  [/^traps: (.{1,60}?)\[(\d{1,10})\] general protection(?: fault)? ip:/, 'SIGSEGV'],
  [/^traps: (.{1,60}?)\[(\d{1,10})\] trap invalid opcode ip:/, 'SIGILL'],
  [/^traps: (.{1,60}?)\[(\d{1,10})\] trap int3 ip:/, 'SIGTRAP'],
  [/^traps: (.{1,60}?)\[(\d{1,10})\] trap divide error ip:/, 'SIGFPE'],
] as const;

/**
 * `audit: type=1326 audit(1.2:3): auid=0 uid=0 gid=0 ses=1 subj=x pid=9 comm="curl" exe="/x" sig=31 arch=... syscall=41`:
 * what seccomp ends, logged even where auditing is off. A name with odd bytes is in hexadecimal.
 */
const SECCOMP =
  /^audit: type=1326 audit\([\d.:]{1,40}\): .{0,200}? pid=(\d{1,10}) comm=(?:"([^"]{1,16})"|([0-9A-F]{2,32})) .{0,4200}?\bsig=(9|31) /;

function seccompIn(text: string): Omit<KernelCrash, 'ts'> | undefined {
  const [, pid, name, hex, signal] = SECCOMP.exec(text) ?? [];
  if (pid === undefined) return undefined;
  const comm = name ?? textOfHex(hex ?? '');
  return { pid: Number(pid), comm, signal: signal === '9' ? 'SIGKILL' : 'SIGSYS', why: 'seccomp' };
}

export function crashIn(text: string): Omit<KernelCrash, 'ts'> | undefined {
  for (const [pattern, signal] of FAULTS) {
    const [, comm, pid] = pattern.exec(text) ?? [];
    if (comm !== undefined && pid !== undefined) return { pid: Number(pid), comm, signal };
  }
  return seccompIn(text);
}

/** In Latin-1, as the kernel log is read. */
function textOfHex(hex: string): string {
  return (hex.match(/../g) ?? []).map((byte) => String.fromCharCode(Number.parseInt(byte, 16))).join('');
}
