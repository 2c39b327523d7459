import { statfsSync } from 'node:fs';
import { humanKb, humanSeconds } from '../core/words/humanUnits.ts';
import { msFromIso } from '../core/words/time.ts';
import { readEnrollment } from '../logs/sessionIndex.ts';
import { ProcFiles } from '../recorder/proc/procFiles.ts';
import { parseFdSoftLimit } from '../recorder/proc/procReader.ts';
import { freeBlocksOf } from '../recorder/proc/workingDisk.ts';
import { SystemReader } from '../recorder/proc/systemReadings.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import { ToolError, type Tool } from './answer.ts';
import { ancestors, ownSession } from './ownSession.ts';
import { presentOf } from './running.ts';
import { NAME, nameOf } from './sessionNames.ts';
import { amount, amountOf, FORECAST, forecastFields, seconds, secondsOf } from './shapes.ts';

export const myLimits: Tool = {
  name: 'my_limits',
  title: 'My limits',
  description:
    'What you, the agent that asks, may still use: memory of your group or machine, file descriptors, disk in the working folder, time until your session is ended; and when memory or disk will be used up if it goes on. Ask before something large: a build, many workers, a big download.',
  input: {},
  output: {
    type: 'fields',
    fields: {
      session: { type: 'nullable', of: { type: 'pattern', pattern: NAME } },
      memory_limit_kb: amount,
      memory_used_kb: amount,
      memory_left_kb: amount,
      descriptors_limit: amount,
      descriptors_used: amount,
      disk_free_kb: amount,
      disk_size_kb: amount,
      seconds_left: seconds,
      forecast: FORECAST,
    },
  },
  answer: (asked) => {
    if (process.platform !== 'linux') throw new ToolError('Limits are read from /proc, which only Linux has.');
    const own = ownSession(asked.roots);
    const agent = own?.pid ?? ancestors()[0] ?? process.pid;
    const memory = memoryOf(agent);
    const descriptors = descriptorsOf(agent);
    const disk = diskOf(asked.cwd);
    const secondsLeft = own === undefined ? null : timeLeft(own);
    const forecast = own === undefined ? undefined : presentOf(own).forecast;
    const lines = [
      limitLine(memory),
      descriptors.limit === null ? '' : `File descriptors: ${descriptors.used ?? '?'} of ${descriptors.limit}.`,
      disk.free === null ? '' : `Disk here: ${humanKb(disk.free)} free.`,
      secondsLeft === null ? '' : `Your session is ended in ${humanSeconds(secondsLeft)}.`,
      forecast === undefined
        ? ''
        : `If it goes on like this, ${forecast.resource} is used up in about ${humanSeconds(forecast.seconds_to_limit)}.`,
      own === undefined ? 'You are not recorded: there is no forecast.' : '',
    ];
    return {
      content: {
        session: own === undefined ? null : nameOf(own.root, own.place),
        memory_limit_kb: amountOf(memory.limit),
        memory_used_kb: amountOf(memory.used),
        memory_left_kb: amountOf(memory.left),
        descriptors_limit: amountOf(descriptors.limit),
        descriptors_used: amountOf(descriptors.used),
        disk_free_kb: amountOf(disk.free),
        disk_size_kb: amountOf(disk.size),
        seconds_left: secondsOf(secondsLeft),
        forecast: forecastFields(forecast),
      },
      text: lines.filter((line) => line !== '').join('\n'),
    };
  },
};

function memoryOf(pid: number) {
  const files = new ProcFiles('/proc', 0);
  const system = new SystemReader({ procRoot: '/proc', fileRoot: '' });
  try {
    const { memAvailableKb, cgroupMemoryKb, cgroupMemoryLimitKb } = system.read(files.readOnce(pid, 'cgroup'));
    const inGroup =
      cgroupMemoryKb === undefined || cgroupMemoryLimitKb === undefined
        ? Number.POSITIVE_INFINITY
        : Math.max(0, cgroupMemoryLimitKb - cgroupMemoryKb);
    const left = Math.min(inGroup, memAvailableKb ?? Number.POSITIVE_INFINITY);
    const isLimited = cgroupMemoryLimitKb !== undefined;
    return {
      limit: cgroupMemoryLimitKb ?? null,
      used: isLimited ? (cgroupMemoryKb ?? null) : null,
      left: Number.isFinite(left) ? left : null,
    };
  } finally {
    system.close();
  }
}

function limitLine({ limit, used, left }: ReturnType<typeof memoryOf>): string {
  if (limit !== null)
    return `Memory: ${used === null ? '' : `${humanKb(used)} of `}your group's ${humanKb(limit)}; ${humanKb(left ?? 0)} left.`;
  return left === null ? '' : `Memory: no limit of your own; the machine has ${humanKb(left)} left.`;
}

function descriptorsOf(pid: number) {
  const files = new ProcFiles('/proc', 0);
  const limit = parseFdSoftLimit(files.readOnce(pid, 'limits'));
  return {
    limit: limit === undefined || !Number.isFinite(limit) ? null : limit,
    used: files.descriptorCount(pid) ?? null,
  };
}

function diskOf(cwd: string): { readonly free: number | null; readonly size: number | null } {
  try {
    const space = statfsSync(cwd);
    const kb = space.bsize / 1024;
    return { free: Math.round(freeBlocksOf(space) * kb), size: Math.round(space.blocks * kb) };
  } catch {
    return { free: null, size: null }; // the folder is gone
  }
}

function timeLeft({ place }: FoundSession): number | null {
  const { enrolled_at: at, timeout_seconds: timeout } = readEnrollment(place.dir) ?? {};
  const startMs = msFromIso(at ?? '');
  if (timeout == null || startMs === undefined) return null;
  return Math.max(0, Math.round(timeout - (Date.now() - startMs) / 1000));
}
