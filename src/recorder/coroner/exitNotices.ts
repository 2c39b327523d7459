import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { ExitNotice } from '../../core/death/deathFacts.ts';
import { isoFromMs } from '../../core/words/time.ts';
import { exitOfWaitStatus } from '../../core/death/waitStatus.ts';
import type { ExitCarrier } from './exitCarrier.ts';

export interface WatchedProcess {
  readonly pid: number;
  readonly startTicks: number;
}

interface Watch {
  readonly told: Promise<ExitNotice | undefined>;
  readonly resolve: (notice: ExitNotice | undefined) => void;
}

/** A tree that is made to look like ever new agents must not start programs without end. */
const MAX_CARRIERS = 4;

/** How processes end whose parent we are not. Without a carrier, or on an older kernel, nothing is ever told. */
export class ExitNotices {
  readonly #carrier: ExitCarrier | undefined;
  readonly #children = new Set<ChildProcess>();
  readonly #watches = new Map<string, Watch>();

  constructor(carrier: ExitCarrier | undefined) {
    this.#carrier = carrier;
  }

  watch(watched: WatchedProcess): void {
    const key = keyOf(watched);
    if (this.#carrier === undefined || this.#watches.has(key) || this.#children.size >= MAX_CARRIERS) return;
    let resolve: Watch['resolve'] = () => undefined;
    const told = new Promise<ExitNotice | undefined>((resolvePromise) => (resolve = resolvePromise));
    this.#watches.set(key, { told, resolve });
    this.#start(this.#carrier, key);
  }

  /** As soon as its parent has reaped it; `undefined` when that will not be told. */
  told(watched: WatchedProcess): Promise<ExitNotice | undefined> {
    return this.#watches.get(keyOf(watched))?.told ?? Promise.resolve(undefined);
  }

  /** Of a process that has ended. Its parent may take its time to reap it: nobody waits longer than this. */
  async ofEnded(watched: WatchedProcess, withinMs: number): Promise<ExitNotice | undefined> {
    if (!this.#watches.has(keyOf(watched))) return undefined;
    const unreaped = statusOfZombie(watched);
    if (unreaped !== undefined) return unreaped;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), withinMs)));
    const notice = await Promise.race([this.told(watched), late]);
    clearTimeout(timer);
    return notice;
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  /** In a session of its own: no key of a terminal reaches it. Without our environment, whose mark means the agent. */
  #start({ command: [program, ...args] }: ExitCarrier, key: string): void {
    const child = spawn(program, [...args, key], {
      env: {},
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#children.add(child);
    const end = (): void => {
      this.#children.delete(child);
      this.#watches.get(key)?.resolve(undefined);
    };
    child.once('error', end);
    child.once('close', end);
    child.stdin.on('error', () => undefined); // it ended; `close` tells
    hear(child.stdout, (line) => this.#take(line));
    for (const held of [child, child.stdin, child.stdout]) if (held instanceof Socket || held === child) held.unref();
  }

  #take(line: string): void {
    const [word, ...values] = line.split(' ');
    const [pid = 0, startTicks = 0, status = 0, atMs = 0] = values.map(Number);
    const watch = this.#watches.get(keyOf({ pid, startTicks }));
    // perl-base has no clock finer than seconds, and says 0.
    const at = isoFromMs(atMs > 0 ? atMs : Date.now());
    watch?.resolve(word === 'exit' ? { pid, exit: exitOfWaitStatus(status), at } : undefined);
  }
}

function hear(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('latin1').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}

/**
 * Nobody has reaped it yet, as where the first process of a container does not: the state and the status are the 3rd and
 * the 52nd field of stat(5). 0 stands for "not for you" as well, and so says nothing.
 */
function statusOfZombie({ pid, startTicks }: WatchedProcess): ExitNotice | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const status = Number(fields[49]);
    if (fields[0] !== 'Z' || Number(fields[19]) !== startTicks || !(status > 0)) return undefined;
    return { pid, exit: exitOfWaitStatus(status), at: isoFromMs(Date.now()) };
  } catch {
    return undefined; // reaped: the kernel tells
  }
}

function keyOf({ pid, startTicks }: WatchedProcess): string {
  return `${pid}:${startTicks}`;
}
