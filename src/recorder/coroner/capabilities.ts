import { accessSync, closeSync, constants, existsSync, openSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { spawnSync } from 'node:child_process';
import { humanBytes } from '../../core/words/humanUnits.ts';
import { hasFirstPids, SHARED_TRACE, TRACEFS } from './traceInstance.ts';
import { withFolder } from '../../logs/folders.ts';
import { unwritable } from '../../logs/owners.ts';
import { NO_SUCH_KERNEL, type ExitCarrier } from './exitCarrier.ts';

/** One thing that may or may not be captured on this machine, and what to do where it may not. */
export interface Capability {
  readonly name: string;
  readonly status: 'ok' | 'limited' | 'missing';
  readonly detail: string;
  /** Present unless all is well. */
  readonly advice?: string;
}

export interface Machine {
  readonly logRoot: string;
  /** The launcher's path; `undefined` where there is none for this platform, or it is switched off. */
  readonly native: string | undefined;
  /** Who asks the kernel how processes end that are not ours. */
  readonly exitCarrier: ExitCarrier | undefined;
  readonly platform?: NodeJS.Platform;
}

export function findCapabilities({ logRoot, native, exitCarrier, platform = process.platform }: Machine): Capability[] {
  const common = [logRootCapability(logRoot), nodeCapability(process.versions.node), launcherCapability(native)];
  if (platform !== 'linux') {
    return [
      ...common,
      {
        name: 'process evidence',
        status: 'limited',
        detail: 'CPU, memory and the process tree, through pidusage and the system tools',
        advice:
          'OOM scores, signals, descriptors and wait channels exist on Linux alone: record in a Linux container or VM when you need them.',
      },
    ];
  }
  return [
    ...common,
    procCapability(),
    exitNoticeCapability(exitCarrier),
    fdCountCapability(),
    waitChannelCapability(),
    oomCounterCapability(),
    groupCapability(),
    oomChanceCapability(),
    kernelLogCapability(),
    senderCapability(),
    pressureCapability(),
    watcherCapability(),
    tmuxCapability(),
  ];
}

function isReadable(path: string): boolean {
  try {
    closeSync(openSync(path, 'r'));
    return true;
  } catch {
    return false; // which of ENOENT and EACCES it is does not change what can be captured
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // absent or forbidden: the caller reports the capability as missing
  }
}

function logRootCapability(logRoot: string): Capability {
  const name = 'log root';
  try {
    withFolder(logRoot, [], 'make', () => accessSync(logRoot, constants.W_OK | constants.X_OK));
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return {
      name,
      status: 'missing',
      detail: `${logRoot} ${unwritable(code)}`,
      advice: 'Choose another folder with --log-dir, or change its owner.',
    };
  }
  const space = statfsSync(existsSync(logRoot) ? logRoot : dirname(logRoot));
  const free = space.bavail * space.bsize;
  return free < 200 * 1024 * 1024
    ? {
        name,
        status: 'limited',
        detail: `${logRoot}, only ${humanBytes(free)} free`,
        advice: 'Free some space, or `prune`.',
      }
    : { name, status: 'ok', detail: `${logRoot}, ${humanBytes(free)} free` };
}

function nodeCapability(version: string): Capability {
  return { name: 'Node', status: 'ok', detail: version };
}

function launcherCapability(native: string | undefined): Capability {
  const name = 'launcher';
  if (native !== undefined) return { name, status: 'ok', detail: `${native}: \`run\` is the command itself` };
  return {
    name,
    status: 'limited',
    detail: 'the native program is not there: `run` is a Node process around the command',
    advice:
      'The command then runs in a session of its own, with sockets for pipes, and needs its recorder; README lists each difference. On Linux with a C compiler `npm run build` makes it.',
  };
}

function exitNoticeCapability(carrier: ExitCarrier | undefined): Capability {
  const name = 'ends of processes that are not ours';
  const without = {
    name,
    status: 'limited',
    advice: 'An attached process that ends is told as vanished, and an agent behind a wrapper by the wrapper’s status.',
  } as const;
  if (carrier === undefined)
    return {
      ...without,
      detail: 'nobody can ask the kernel: neither the native program nor perl nor python3 is there',
    };
  const [program, ...args] = carrier.command;
  const { status } = spawnSync(program, args, { env: {}, stdio: ['pipe', 'pipe', 'ignore'], timeout: 5000 });
  const detail = `exact, from the kernel through ${carrier.kind === 'native' ? 'the native program' : program}`;
  if (status === 0) return { name, status: 'ok', detail };
  return {
    ...without,
    detail:
      status === NO_SUCH_KERNEL
        ? 'this kernel does not tell them (Linux 6.15 does, to root also older ones), or the container forbids to ask'
        : `${program} failed when it was tried`,
  };
}

/** CAP_SYS_RESOURCE, which lowering an oom_score_adj needs: proc(5). */
const SYS_RESOURCE = 24n;

function oomChanceCapability(): Capability {
  const name = 'recorder when memory runs out';
  const mask = /^CapEff:\s*([0-9a-f]+)/m.exec(textOf('/proc/self/status') ?? '')?.[1] ?? '0';
  const isAllowed = ((BigInt(`0x${mask}`) >> SYS_RESOURCE) & 1n) === 1n;
  return isAllowed
    ? { name, status: 'ok', detail: 'asks the kernel to choose others first' }
    : {
        name,
        status: 'limited',
        detail: 'may be chosen by the OOM killer before the agent (no CAP_SYS_RESOURCE)',
        advice:
          'The agent and its output go on without it, and `recover` tells the end. Root, or that capability, helps.',
      };
}

function procCapability(): Capability {
  const name = 'process table';
  if (!isReadable('/proc/self/stat')) {
    return { name, status: 'missing', detail: '/proc is not mounted', advice: 'Mount it: mount -t proc proc /proc' };
  }
  const hidden = textOf('/proc/1/stat') === undefined;
  return hidden
    ? {
        name,
        status: 'limited',
        detail: 'other users’ processes are hidden (hidepid)',
        advice: 'Killers that belong to other users cannot be named. Remount /proc without hidepid to see them.',
      }
    : { name, status: 'ok', detail: '/proc' };
}

function fdCountCapability(): Capability {
  const own = process.getuid?.() === 0;
  return own
    ? { name: 'file descriptors', status: 'ok', detail: 'of every process' }
    : {
        name: 'file descriptors',
        status: 'limited',
        detail: 'of your own processes only',
        advice: 'An agent that runs as another user needs a recorder run as that user or as root.',
      };
}

function waitChannelCapability(): Capability {
  // Without CAP_SYS_ADMIN-like rights over a process the kernel prints "0" (proc_pid_wchan, ptrace_may_access).
  const isKnown = textOf('/proc/self/wchan') !== undefined;
  return isKnown
    ? { name: 'wait channels', status: 'ok', detail: 'what a blocked process waits on' }
    : {
        name: 'wait channels',
        status: 'missing',
        detail: 'this kernel has no wchan',
        advice: 'Hangs are reported without what they wait on.',
      };
}

function oomCounterCapability(): Capability {
  return textOf('/proc/vmstat')?.includes('\noom_kill ') === true
    ? { name: 'OOM kills, whole system', status: 'ok', detail: '/proc/vmstat oom_kill' }
    : {
        name: 'OOM kills, whole system',
        status: 'missing',
        detail: 'no oom_kill counter (kernel before 4.13)',
        advice: 'A SIGKILL cannot be told from the OOM killer unless the kernel log is readable.',
      };
}

function groupCapability(): Capability {
  const name = 'memory group';
  const groups = textOf('/proc/self/cgroup') ?? '';
  if (/^\d+:[^:]*\bmemory\b[^:]*:/m.test(groups)) return { name, status: 'ok', detail: 'cgroup v1 memory controller' };
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) return { name, status: 'ok', detail: 'cgroup v2' };
  return {
    name,
    status: 'missing',
    detail: 'no memory controller is visible',
    advice: 'A container’s memory limit and its OOM kills stay unknown. Mount /sys/fs/cgroup into the container.',
  };
}

function kernelLogCapability(): Capability {
  const name = 'kernel log';
  if (isReadable('/dev/kmsg')) return { name, status: 'ok', detail: '/dev/kmsg' };
  return {
    name,
    status: 'missing',
    detail: 'not readable by this user',
    advice: 'OOM kills are then proven by counters alone. To allow it: sysctl kernel.dmesg_restrict=0, or run as root.',
  };
}

function senderCapability(): Capability {
  const name = 'who sent a signal';
  if (!hasFirstPids()) {
    return {
      name,
      status: 'limited',
      detail: 'the kernel’s trace counts pids as the host does: only killers seen alive are named',
      advice: 'Record on the host to have every sender named.',
    };
  }
  const canMake = process.getuid?.() === 0 && existsSync(`${TRACEFS}/instances`);
  if (canMake) return { name, status: 'ok', detail: 'a trace buffer of the kernel for each session, read at its end' };
  if (isReadable(SHARED_TRACE)) return { name, status: 'ok', detail: SHARED_TRACE };
  return {
    name,
    status: 'limited',
    detail: 'the launcher’s own senders and killers seen alive',
    advice:
      'Once as root, until the next boot: `session-diagnostics doctor --setup-witness --group GROUP`. It lets that group read which process sends which others a signal, and nothing else.',
  };
}

function pressureCapability(): Capability {
  return isReadable('/proc/pressure/memory')
    ? { name: 'memory pressure', status: 'ok', detail: '/proc/pressure (PSI)' }
    : {
        name: 'memory pressure',
        status: 'missing',
        detail: 'the kernel keeps no pressure statistics',
        advice: 'Boot with psi=1 to see pressure before it kills.',
      };
}

function watcherCapability(): Capability {
  const name = 'file watchers';
  const limit = Number(textOf('/proc/sys/fs/inotify/max_user_watches') ?? Number.NaN);
  if (Number.isNaN(limit))
    return { name, status: 'missing', detail: 'no inotify', advice: 'The panel polls instead of watching.' };
  return limit < 8192
    ? {
        name,
        status: 'limited',
        detail: `${limit} per user`,
        advice: 'Raise it: sysctl fs.inotify.max_user_watches=524288',
      }
    : { name, status: 'ok', detail: `${limit} per user` };
}

function tmuxCapability(): Capability {
  const found = spawnSync('tmux', ['-V'], { encoding: 'utf8', timeout: 2000 });
  return found.status === 0
    ? { name: 'tmux', status: 'ok', detail: found.stdout.trim() }
    : {
        name: 'tmux',
        status: 'missing',
        detail: 'not installed',
        advice: 'Needed only to follow sessions inside tmux.',
      };
}
