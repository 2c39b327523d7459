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
  /** Since when it is settled. */
  settledMs: number | undefined;
  notice: ExitNotice | undefined;
}

/** A tree that is made to look like ever new agents must not start programs without end. */
const MAX_CARRIERS = 4;
/** Of a recorder of many whose carrier takes one process each. */
const MAX_CARRIERS_OF_MANY = 40;

/** Of a recorder of many: how often a carrier for all of them is started again, and how long a settled end is kept. */
const MAX_RESTARTS = 3;
const KEPT_MS = 60_000;

/** The carrier waits for its turn as we do. */
const TOLD_WITHIN_MS = 10_000;

/** What a recorder of many asks its one carrier besides. */
export interface Besides {
  readonly words: readonly string[];
  /** A line that is about no end. */
  readonly onLine: (line: string) => void;
  /** Nothing is told any more. */
  readonly onEnd: () => void;
}

/** How processes end whose parent we are not. Without a carrier, or on an older kernel, nothing is ever told. */
export class ExitNotices {
  readonly #carrier: ExitCarrier | undefined;
  /** Asks one carrier for all that is watched, where it can be asked so. */
  readonly #isOfMany: boolean;
  readonly #maxCarriers: number;
  readonly #besides: Besides | undefined;
  readonly #children = new Set<ChildProcess>();
  readonly #watches = new Map<string, Watch>();
  #askedOfAll: ChildProcess | undefined;
  #starts = 0;

  constructor(
    carrier: ExitCarrier | undefined,
    { isOfMany = false, besides }: { readonly isOfMany?: boolean; readonly besides?: Besides } = {},
  ) {
    this.#carrier = carrier;
    this.#besides = besides;
    this.#isOfMany = isOfMany && carrier?.kind === 'native';
    this.#maxCarriers = isOfMany ? MAX_CARRIERS_OF_MANY : MAX_CARRIERS;
  }

  watch(watched: WatchedProcess): void {
    const key = keyOf(watched);
    if (this.#carrier === undefined || this.#watches.has(key) || this.#children.size >= this.#maxCarriers) return;
    let resolve: Watch['resolve'] = () => undefined;
    const told = new Promise<ExitNotice | undefined>((resolvePromise) => (resolve = resolvePromise));
    this.#watches.set(key, { told, resolve, settledMs: undefined, notice: undefined });
    if (!this.#isOfMany) this.#start(this.#carrier, [key]);
    else this.#askOfAll(this.#carrier, key);
  }

  /** Asks at once what is asked besides; false where nobody can be asked. */
  askBesides(): boolean {
    if (!this.#isOfMany || this.#carrier === undefined || this.#besides === undefined) return false;
    return this.#carrierOfAll(this.#carrier) !== undefined;
  }

  /** Whether its end is still to be told. */
  isAwaited(watched: WatchedProcess): boolean {
    const watch = this.#watches.get(keyOf(watched));
    return watch !== undefined && watch.settledMs === undefined;
  }

  /** As soon as its parent has reaped it; `undefined` when that will not be told. */
  told(watched: WatchedProcess): Promise<ExitNotice | undefined> {
    return this.#watches.get(keyOf(watched))?.told ?? Promise.resolve(undefined);
  }

  /**
   * Of a process that has ended. Its parent may take its time to reap it: nobody waits longer than this. What has been
   * reaped will be told, be the machine ever so busy.
   */
  async ofEnded(watched: WatchedProcess, withinMs: number): Promise<ExitNotice | undefined> {
    if (!this.#watches.has(keyOf(watched))) return undefined;
    const unreaped = statusOfZombie(watched);
    if (unreaped !== undefined) return unreaped;
    const soon = await this.#toldWithin(watched, withinMs);
    return soon === undefined && this.isAwaited(watched) && isReaped(watched)
      ? this.#toldWithin(watched, TOLD_WITHIN_MS)
      : soon;
  }

  /** How it ended, where that has been told by now. */
  latest(watched: WatchedProcess): ExitNotice | undefined {
    return this.#watches.get(keyOf(watched))?.notice;
  }

  async #toldWithin(watched: WatchedProcess, withinMs: number): Promise<ExitNotice | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), withinMs)));
    const notice = await Promise.race([this.told(watched), late]);
    clearTimeout(timer);
    return notice;
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
  }

  #askOfAll(carrier: ExitCarrier, key: string): void {
    this.#forgetOld();
    const asked = this.#carrierOfAll(carrier);
    if (asked === undefined) this.#settle(key, undefined);
    else asked.stdin?.write(`${key}\n`);
  }

  #carrierOfAll(carrier: ExitCarrier): ChildProcess | undefined {
    if (this.#askedOfAll !== undefined || this.#starts > MAX_RESTARTS) return this.#askedOfAll;
    this.#starts += 1;
    this.#askedOfAll = this.#start(carrier, ['--more', ...(this.#besides?.words ?? [])]);
    return this.#askedOfAll;
  }

  #settle(key: string, notice: ExitNotice | undefined): void {
    const watch = this.#watches.get(key);
    if (watch === undefined) return;
    watch.settledMs ??= performance.now();
    watch.notice ??= notice;
    watch.resolve(notice);
  }

  /** Whoever records for weeks sees thousands of ends. */
  #forgetOld(): void {
    const before = performance.now() - KEPT_MS;
    for (const [key, { settledMs }] of this.#watches) {
      if (settledMs !== undefined && settledMs < before) this.#watches.delete(key);
    }
  }

  /** In a session of its own: no key of a terminal reaches it. Without our environment, whose mark means the agent. */
  #start({ command: [program, ...args] }: ExitCarrier, asked: readonly string[]): ChildProcess {
    const child = spawn(program, [...args, ...asked], {
      env: {},
      cwd: '/',
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#children.add(child);
    const end = (): void => {
      this.#children.delete(child);
      if (!this.#isOfMany) return asked.forEach((key) => this.#settle(key, undefined));
      this.#askedOfAll = undefined;
      this.#besides?.onEnd();
      for (const [key, { settledMs }] of this.#watches) if (settledMs === undefined) this.#settle(key, undefined);
    };
    child.once('error', end);
    child.once('close', end);
    child.stdin.on('error', () => undefined); // it ended; `close` tells
    hear(child.stdout, (line) => this.#take(line));
    for (const held of [child, child.stdin, child.stdout]) if (held instanceof Socket || held === child) held.unref();
    return child;
  }

  #take(line: string): void {
    const [word = '', ...values] = line.split(' ');
    if (!END_WORDS.has(word)) return this.#besides?.onLine(line);
    const [pid = 0, startTicks = 0, status = 0, atMs = 0] = values.map(Number);
    const key = keyOf({ pid, startTicks });
    // perl-base has no clock finer than seconds, and says 0.
    const at = isoFromMs(atMs > 0 ? atMs : Date.now());
    this.#settle(key, word === 'exit' ? { pid, exit: exitOfWaitStatus(status), at } : undefined);
  }
}

const END_WORDS = new Set(['exit', 'gone', 'other']);

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

function isReaped({ pid, startTicks }: WatchedProcess): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]) !== startTicks;
  } catch {
    return true; // gone
  }
}

function keyOf({ pid, startTicks }: WatchedProcess): string {
  return `${pid}:${startTicks}`;
}
