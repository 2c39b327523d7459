import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { parseStat } from '../../src/recorder/proc/procReader.ts';
import { createSampler, type SamplerOptions } from '../../src/recorder/proc/createSampler.ts';
import type { Sampler } from '../../src/recorder/proc/sampler.ts';

/** Debian's own interpreter: small, and the same whatever version manager a machine has. */
export const PYTHON = '/usr/bin/python3';

/** Starts a program in its own session and ends that session's processes when the test is over. */
export function started(t: TestContext, command: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): number {
  const [file, ...args] = command;
  const child: ChildProcess = spawn(file, args, {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file} did not start`);
  t.after(() => killGroup(pid));
  return pid;
}

export function python(t: TestContext, program: string, ...args: string[]): number {
  return started(t, [PYTHON, '-c', program, ...args]);
}

export function samplerOf(t: TestContext, rootPid: number, options: Partial<SamplerOptions> = {}): Sampler {
  const sampler = createSampler({ rootPid, ...options });
  t.after(() => sampler.close());
  return sampler;
}

/** Polls until `probe` gives something; a state that never comes fails the test with `what`. */
export async function eventually<T>(what: string, probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited 30 s for ${what}`);
    await delay(10);
  }
}

export function until(what: string, isSo: () => boolean): Promise<true> {
  return eventually(what, () => isSo() || undefined);
}

export function commOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').slice(0, -1);
  } catch {
    return undefined; // gone
  }
}

/** It has done what it was started for and waits: what it has open and in memory changes no more. */
export function isAsleep(pid: number): boolean {
  return statOf(pid)?.state === 'sleeping';
}

export function statOf(pid: number): ReturnType<typeof parseStat> {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined; // gone
  }
}

/** Live children, zombies included. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // gone
  }
}

export function killGroup(pid: number): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      continue; // gone already
    }
  }
}
