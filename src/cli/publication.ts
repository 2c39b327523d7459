import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogRoot } from '../logs/logRoot.ts';
import { startTicksOf } from '../recorder/proc/ownProcess.ts';
import { TICKS_PER_SECOND } from '../recorder/proc/procReader.ts';

/** `run` returns with its agent; its recorder publishes some tenths of a second later, and a reader waits at most this long. */
const PUBLICATION_MS = 2000;

const ENROLLS_WITHIN_SECONDS = 10;

/** A recorder that a launcher has started, as its own command line tells. */
export interface Recorder {
  readonly pid: number;
  readonly id: string;
  readonly logDir: string | undefined;
  readonly agent: { readonly pid: number; readonly startTicks: number };
}

/** Waits for the sessions of this root whose agent has ended and whose recorder is about to publish them. */
export async function publicationOf(root: LogRoot, longestMs = PUBLICATION_MS): Promise<void> {
  const deadline = performance.now() + longestMs;
  let recorders = besideRecorders();
  for (;;) {
    recorders = recorders.filter((recorder) => isPublishing(recorder, root));
    if (recorders.length === 0 || performance.now() > deadline) return;
    await delay(20);
  }
}

function isPublishing({ pid, id, logDir, agent }: Recorder, root: LogRoot): boolean {
  if (logDir !== undefined && resolve(logDir) !== resolve(root.path)) return false;
  const startTicks = startTicksOf(pid);
  if (startTicks === undefined || existsSync(join(root.sessions, id))) return false;
  if (existsSync(join(root.running, id))) return startTicksOf(agent.pid) !== agent.startTicks;
  // One that has not enrolled yet may be for any root; that takes a moment, and one that hangs nobody waits for.
  return uptime() - startTicks / TICKS_PER_SECOND < ENROLLS_WITHIN_SECONDS;
}

/** Every recorder that some launcher has started on this machine. */
export function besideRecorders(): readonly Recorder[] {
  let names: readonly string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return []; // no /proc: no launcher either
  }
  return names.flatMap((name) => (/^[1-9]/.test(name) ? recorderOf(Number(name)) : []));
}

function recorderOf(pid: number): readonly Recorder[] {
  let words: readonly string[];
  try {
    words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // gone
  }
  if (!words.includes('--beside')) return [];
  const value = (flag: string): string | undefined => {
    const at = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
    return at < 0 ? undefined : words[at] === flag ? words[at + 1] : words[at]?.slice(flag.length + 1);
  };
  const id = value('--id');
  const logDir = value('--log-dir');
  const agent = { pid: Number(value('--agent-pid')), startTicks: Number(value('--agent-start')) };
  if (id === undefined) return [];
  return [{ pid, id, logDir: logDir && resolve(value('--cwd') ?? '/', logDir), agent }];
}
