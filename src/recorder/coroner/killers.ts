import { readdirSync, readFileSync } from 'node:fs';
import { KILLER_NAMES, SCRIPT_RUNNERS, type KillerName, type KillerSeen } from '../../core/death/deathFacts.ts';

export interface KillerSearch {
  readonly procRoot: string;
  /** Processes whose ancestors wrap the session: the recorder, what it started, the wrappers in between. */
  readonly ownPids: readonly number[];
  /** Who was killed: a shell or a script counts only when its command line says that it kills one of them. */
  readonly victimPids: readonly number[];
}

/** A signal's sender is hardly ever older: `docker stop` waits 10 s, `systemctl stop` 90 s before it kills. */
const MAX_AGE_SECONDS = 100;
/** USER_HZ, fixed at 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
/** A death must not wait for a huge process table: this many take about 150 ms. */
const MAX_PROCESSES = 10_000;

const DAEMONS: ReadonlySet<string> = new Set(['earlyoom', 'systemd-oomd', 'oomd', 'nohang']);

/** Programs that do much else besides: the arguments must say that they end something. */
const ENDING_WORDS: ReadonlyMap<string, RegExp> = new Map([
  ['tmux', /^kill-(?:server|session|window|pane)$/],
  ['docker', /^(?:stop|kill|rm|restart|down)$/],
  ['podman', /^(?:stop|kill|rm|restart|down)$/],
  ['runc', /^(?:kill|delete)$/],
  ['crun', /^(?:kill|delete)$/],
  ['systemctl', /^(?:stop|kill|restart|isolate|poweroff|reboot|halt)$/],
  ['loginctl', /^(?:kill|terminate)-(?:session|user|seat)$/],
  ['fuser', /^-[a-jl-z]*k/],
]);

const RUNNERS: ReadonlySet<string> = new Set(SCRIPT_RUNNERS);

/** `sleep 1; kill -9 4242; echo done`, `os.kill(4242, 9)` */
function isKillOf(script: string, victimPids: readonly number[]): boolean {
  const ends = script.replace(CHECKS, '');
  return /kill/.test(ends) && victimPids.some((pid) => new RegExp(`\\b${pid}\\b`).test(ends));
}

/** Signal 0 only asks whether somebody is there: `while kill -0 4242; do`, `os.kill(4242, 0)` */
const CHECKS =
  /\bkill\s+(?:-0|-s\s+0|-n\s+0)\s+[^;&|\n]{0,80}|\bkill\(\s*\d{1,10}\s*,\s*0\s*\)|\bkill\s+0\s*,\s*\d{1,10}/g;

/** Who, alive at this instant, could have sent the signal. One synchronous pass, because such programs live for milliseconds. */
export function findKillers({ procRoot, ownPids, victimPids }: KillerSearch): readonly KillerSeen[] {
  const uptime = Number.parseFloat(textOf(`${procRoot}/uptime`) ?? '');
  const wrappers = new Set(ancestorsOf(ownPids, procRoot));
  const killers: KillerSeen[] = [];
  for (const pid of newestPids(procRoot)) {
    const name = killerName(textOf(`${procRoot}/${pid}/comm`));
    if (name === undefined) continue;
    const role = roleOf({ name, pid, wrappers, victimPids, procRoot, uptime });
    if (role !== undefined) killers.push({ name, pid, role });
  }
  return killers;
}

/** Programs that do nothing but kill: the tree saw them start just before, though they are gone. */
const KILLS_ONLY: ReadonlySet<string> = new Set(['kill', 'pkill', 'killall', 'killall5', 'skill']);

export function killersAmong(
  processes: readonly { readonly pid: number; readonly comm: string | undefined }[],
): readonly KillerSeen[] {
  return processes.flatMap(({ pid, comm }): KillerSeen[] => {
    const name = KILLS_ONLY.has(comm ?? '') ? killerName(comm) : undefined;
    return name === undefined ? [] : [{ name, pid, role: 'command' }];
  });
}

interface Suspect {
  readonly name: KillerName;
  readonly pid: number;
  readonly wrappers: ReadonlySet<number>;
  readonly victimPids: readonly number[];
  readonly procRoot: string;
  readonly uptime: number;
}

function roleOf({ name, pid, wrappers, victimPids, procRoot, uptime }: Suspect): KillerSeen['role'] | undefined {
  if (DAEMONS.has(name)) return 'daemon';
  // timeout(1) ends only what it started: any other one is waiting for something else.
  if (name === 'timeout') return wrappers.has(pid) ? 'wrapper' : undefined;
  const startTicks = Number(statFields(pid, procRoot)?.[19]);
  if (!(uptime - startTicks / TICKS_PER_SECOND <= MAX_AGE_SECONDS)) return undefined;
  const words = (textOf(`${procRoot}/${pid}/cmdline`) ?? '').split('\0').slice(1, 20);
  if (RUNNERS.has(name)) return words.some((word) => isKillOf(word, victimPids)) ? 'command' : undefined;
  if (words[0] === '-0') return undefined; // only asks whether it is there
  const ending = ENDING_WORDS.get(name);
  if (ending === undefined) return 'command';
  return words.some((word) => ending.test(word)) ? 'command' : undefined;
}

/** Newest first: a short-lived sender has a high pid, and when the bound cuts, it cuts the old ones. */
function newestPids(procRoot: string): readonly number[] {
  try {
    const pids = readdirSync(procRoot).map(Number).filter(Number.isSafeInteger);
    return pids.sort((a, b) => b - a).slice(0, MAX_PROCESSES);
  } catch {
    return []; // no /proc on this platform
  }
}

function killerName(comm: string | undefined): KillerName | undefined {
  const name = comm?.trimEnd().replace(/^tmux: client$/, 'tmux'); // tmux renames itself
  return KILLER_NAMES.find((known) => known === name);
}

export function ancestorsOf(pids: readonly number[], procRoot: string): readonly number[] {
  const seen = new Set<number>();
  for (let pid of pids) {
    while (pid > 1 && !seen.has(pid)) {
      seen.add(pid);
      pid = Number(statFields(pid, procRoot)?.[1] ?? 0);
    }
  }
  return [...seen];
}

/** The fields of stat after the name, which may itself hold spaces and brackets: state, ppid, ... starttime (20th). */
function statFields(pid: number, procRoot: string): readonly string[] | undefined {
  const stat = textOf(`${procRoot}/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // gone meanwhile, or hidden from us
  }
}

/** One that lived for a while was seen when the server ended and when the session did. */
export function distinctKillers(killers: readonly KillerSeen[]): readonly KillerSeen[] {
  return [...new Map(killers.map((killer) => [killer.pid, killer])).values()];
}
