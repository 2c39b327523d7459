import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import type { SystemRoots } from '../proc/systemReadings.ts';

/** What a session may take at most; `undefined`: no limit of ours. */
export interface Limits {
  readonly memoryKb: number | undefined;
  readonly pids: number | undefined;
  /** In cores. */
  readonly cpus: number | undefined;
}

/** Why there is none, for a person. */
export type MadeGroups =
  | { readonly ok: true; readonly directories: readonly string[] }
  | { readonly ok: false; readonly message: string };

type Controller = 'memory' | 'pids' | 'cpu';

const PREFIX = 'session-diagnostics-';
const REAL: SystemRoots = { procRoot: '/proc', fileRoot: '' };
/** A group that nobody is in, and is as old as this, is one whose recorder died. */
const ABANDONED_MS = 600_000;
const CPU_PERIOD_US = 100_000;

/**
 * A control group that holds a session to its limits, made below our own: version 1 as root; version 2 where a group
 * around us is ours, which is what systemd gives each user and `Delegate=yes` each service.
 */
export function makeLimitGroups(id: string, limits: Limits, roots: SystemRoots = REAL): MadeGroups {
  const wanted = wantedOf(limits);
  const parents = parentsV2(wanted, roots) ?? parentsV1(wanted, roots);
  if (parents === undefined) {
    return { ok: false, message: `This machine shows no control group for ${wanted.join(', ')}: no limit can be set.` };
  }
  const directories: string[] = [];
  try {
    for (const { directory: parent, version, controllers } of parents) {
      removeAbandoned(parent);
      const directory = join(parent, `${PREFIX}${id}`);
      tryRemove(directory); // an earlier session's of that name
      mkdirSync(directory);
      directories.push(directory);
      for (const controller of controllers) setLimit(directory, version, controller, limits);
    }
  } catch (error) {
    for (const directory of directories) tryRemove(directory);
    const { code = 'unknown' } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    return {
      ok: false,
      message: `The limit cannot be set: a control group may not be made here (${code}). Root may, and a user to whom systemd delegates groups; \`doctor\` says more.`,
    };
  }
  if (roots === REAL && !canJoin(directories)) {
    for (const directory of directories) tryRemove(directory);
    return {
      ok: false,
      message: 'The limit cannot be set: this user may make a control group here, but not move a process into it.',
    };
  }
  return { ok: true, directories };
}

/** Whether such groups can be made here at all, for each controller. */
export function limitPlaces(roots: SystemRoots = REAL): 'v1' | 'v2' | undefined {
  const limits = { memoryKb: 1 << 20, pids: 1000, cpus: 1 };
  const made = makeLimitGroups(`try-${process.pid}`, limits, roots);
  if (!made.ok) return undefined;
  const isV2 = made.directories.length === 1;
  for (const directory of made.directories) tryRemove(directory);
  return isV2 ? 'v2' : 'v1';
}

/** Which of its own limits a session ran into. */
export interface ReachedLimits {
  readonly memory: boolean;
  readonly pids: boolean;
}

export function reachedLimits(directories: readonly string[]): ReachedLimits {
  const count = (name: string, label: RegExp): number =>
    Math.max(0, ...directories.map((directory) => Number(label.exec(textOf(join(directory, name)) ?? '')?.[1] ?? 0)));
  const kills = Math.max(count('memory.oom_control', /^oom_kill (\d+)$/m), count('memory.events', /^oom_kill (\d+)$/m));
  return { memory: kills > 0, pids: count('pids.events', /^max (\d+)$/m) > 0 };
}

/** Lets go whoever is left in it, so that a limit ends with its session. */
export async function removeLimitGroups(directories: readonly string[]): Promise<boolean> {
  for (let tries = 0; tries < 50; tries += 1) {
    if (directories.map(letGo).every(Boolean)) return true;
    await delay(40);
  }
  return false;
}

function letGo(directory: string): boolean {
  for (const pid of (textOf(join(directory, 'cgroup.procs')) ?? '').split('\n').filter(Boolean)) {
    tryWrite(join(directory, '..', 'cgroup.procs'), pid);
  }
  return tryRemove(directory);
}

interface Parent {
  readonly directory: string;
  readonly version: 1 | 2;
  readonly controllers: readonly Controller[];
}

function wantedOf({ memoryKb, pids, cpus }: Limits): readonly Controller[] {
  const wanted: Controller[] = [];
  if (memoryKb !== undefined) wanted.push('memory');
  if (pids !== undefined) wanted.push('pids');
  if (cpus !== undefined) wanted.push('cpu');
  return wanted;
}

interface Mount {
  readonly type: string;
  readonly options: readonly string[];
  readonly root: string;
  readonly point: string;
}

function mountsOf({ procRoot, fileRoot }: SystemRoots): readonly Mount[] {
  return (textOf(`${procRoot}/self/mountinfo`) ?? '').split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, point] = before.split(' ');
    const [type = '', , options = ''] = after.split(' ');
    return root === undefined || point === undefined
      ? []
      : [{ type, options: options.split(','), root, point: fileRoot + point }];
  });
}

function directoryOf({ root, point }: Mount, path: string): string {
  const base = root === '/' ? '' : root;
  const inside = path === base || path.startsWith(`${base}/`) ? path.slice(base.length) : '';
  const directory = join(point, inside);
  return existsSync(directory) ? directory : point;
}

function ownPath(procRoot: string, isIts: (controllers: readonly string[]) => boolean): string | undefined {
  for (const line of (textOf(`${procRoot}/self/cgroup`) ?? '').split('\n')) {
    const [, controllers = '', ...path] = line.split(':');
    if (isIts(controllers.split(','))) return path.join(':');
  }
  return undefined;
}

/** The nearest group around us that hands the controllers down: processes may not be beside such groups in it. */
function parentsV2(wanted: readonly Controller[], roots: SystemRoots): readonly Parent[] | undefined {
  const mount = mountsOf(roots).find(({ type }) => type === 'cgroup2');
  const path = ownPath(roots.procRoot, (controllers) => controllers[0] === '');
  if (mount === undefined || path === undefined) return undefined;
  for (let directory = directoryOf(mount, path); directory.startsWith(mount.point); directory = join(directory, '..')) {
    const handed = (textOf(join(directory, 'cgroup.subtree_control')) ?? '').trim().split(' ');
    if (wanted.every((controller) => handed.includes(controller))) {
      return [{ directory, version: 2, controllers: wanted }];
    }
  }
  return undefined;
}

function parentsV1(wanted: readonly Controller[], roots: SystemRoots): readonly Parent[] | undefined {
  const mounts = mountsOf(roots).filter(({ type }) => type === 'cgroup');
  const parents: Parent[] = [];
  for (const controller of wanted) {
    const mount = mounts.find(({ options }) => options.includes(controller));
    const path = ownPath(roots.procRoot, (controllers) => controllers.includes(controller));
    if (mount === undefined || path === undefined) return undefined;
    parents.push({ directory: directoryOf(mount, path), version: 1, controllers: [controller] });
  }
  return parents;
}

function setLimit(directory: string, version: 1 | 2, controller: Controller, { memoryKb, pids, cpus }: Limits): void {
  const write = (name: string, value: string | number): void => writeFileSync(join(directory, name), String(value));
  const quota = Math.round((cpus ?? 1) * CPU_PERIOD_US);
  switch (controller) {
    case 'memory':
      write(version === 1 ? 'memory.limit_in_bytes' : 'memory.max', (memoryKb ?? 0) * 1024);
      break;
    case 'pids':
      write('pids.max', pids ?? 'max');
      break;
    case 'cpu':
      if (version === 2) write('cpu.max', `${quota} ${CPU_PERIOD_US}`);
      else write('cpu.cfs_quota_us', quota); // its period is the same 100 ms
      break;
  }
}

/** Tried with a process of its own, before the agent is started: it is not to run without its limit. */
function canJoin(directories: readonly string[]): boolean {
  const script = 'for group do echo 0 > "$group/cgroup.procs" || exit 1; done';
  return spawnSync('/bin/sh', ['-c', script, 'sh', ...directories], { stdio: 'ignore', timeout: 5000 }).status === 0;
}

function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const directory = join(parent, name);
    if (!name.startsWith(PREFIX) || textOf(join(directory, 'cgroup.procs')) !== '') continue;
    if (Date.now() - statSync(directory).mtimeMs > ABANDONED_MS) tryRemove(directory);
  }
}

function tryRemove(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'; // EBUSY: somebody is still in it
  }
}

function tryWrite(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch {
    // it has ended meanwhile
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined; // not on this kernel, or gone
  }
}
