import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { KillerSeen } from '../../core/death/deathFacts.ts';
import type { TmuxPlace } from '../../core/session/session.ts';
import { tmuxLossOf, type TmuxLoss, type TmuxView } from '../../core/session/tmuxLoss.ts';
import { findKillers } from './killers.ts';
import { startTicksOf } from '../proc/ownProcess.ts';
import { askTmux, isServerAlive } from '../proc/tmux.ts';

export interface TmuxWatchOptions {
  readonly place: TmuxPlace;
  readonly sessionId: string;
  /** What is recorded; the pane's own process, or something that runs below it. */
  readonly rootPid: number;
  readonly tell: (event: 'tmux_health' | 'tmux_lost', reason: string | undefined, context: object) => void;
}

/** Two questions to tmux cost 3 ms of processor time each: at this pace a hundred-thousandth of a core. */
const HEALTH_MS = 30_000;
/** How long after a hang-up the end of the server is waited for: its terminals and its sockets close in one go. */
const SERVER_END_MS = 1000;
const REAPED_MS = 500;
/** A program that handles its hang-up may take this long to clean up. */
const CLEAN_UP_MS = 10_000;

type ServerEnd = Exclude<TmuxView['server'], 'alive'>;

/** Watches the tmux around one session: whether its server, its session and its pane are there, and how they went. */
export class TmuxWatch {
  readonly #options: TmuxWatchOptions;
  #waiter: ChildProcess | undefined;
  #serverEnd: ServerEnd | undefined;
  #serverEndMs = Number.NEGATIVE_INFINITY;
  #isWaiterLost = false;
  #killers: readonly KillerSeen[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Of the session, as last seen: pane by first process. */
  #panes = new Map<string, { readonly pid: number; readonly startTicks: number | undefined }>();
  #isShell = false;
  #toldLoss: TmuxLoss | undefined;

  constructor(options: TmuxWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#wait();
    void this.#checkHealth();
    this.#timer = setInterval(() => void this.#checkHealth(), HEALTH_MS);
  }

  /** Those that were seen when the server ended, which is before we know that the session did. */
  get killers(): readonly KillerSeen[] {
    return this.#killers;
  }

  /** What was lost, now that the process is gone. `isHangup`: its terminal told it so. */
  async lossAtEnd({
    isHangup,
    killers,
  }: {
    isHangup: boolean;
    killers: readonly KillerSeen[];
  }): Promise<TmuxLoss | undefined> {
    // A program that outlived its terminal for long ended of something else.
    if (this.#serverEnd !== undefined && performance.now() - this.#serverEndMs > CLEAN_UP_MS) return undefined;
    const alive = await this.#panesAfterEnd();
    const server = this.#serverEnd ?? (alive === undefined ? await this.#serverEndOrAlive() : 'alive');
    const commands = [...killers, ...this.#killers].filter(({ role }) => role === 'command');
    const { place, rootPid } = this.#options;
    const isOwnPane = this.#panes.get(place.pane)?.pid === rootPid;
    const others = [...this.#panes.values()].filter(({ pid }) => pid !== rootPid);
    const loss = tmuxLossOf({
      server,
      isReachable: alive !== undefined,
      hasSession: (alive?.size ?? 0) > 0,
      hasPane: alive?.has(place.pane) ?? false,
      isHangup,
      isTmuxKillerSeen: commands.some(({ name }) => name === 'tmux'),
      isOtherKillerSeen: commands.some(({ name }) => name !== 'tmux'),
      didOthersEnd: others.length > 0 && others.every(({ pid, startTicks }) => startTicksOf(pid) !== startTicks),
      isShell: isOwnPane && this.#isShell,
    });
    this.#tellLoss(loss, commands);
    return loss;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    if (this.#waiter !== undefined) void this.#release(this.#waiter);
  }

  async #release(waiter: ChildProcess): Promise<void> {
    waiter.stdout?.destroy(); // or it would keep us from ending
    const { place, sessionId } = this.#options;
    // Told through the server, because a server keeps what a killed client waited for.
    if (waiter.exitCode === null && !(await releaseWaiters(place, sessionId))) waiter.kill();
  }

  /**
   * A client that waits for a channel which nobody signals. It sleeps until the server ends, and it is told how: one
   * that ends because its last session did lets waiters go on with their next command, one that is told to end lets
   * them go on but overrules their status, and one that dies lets nobody do anything. No poll sees this.
   */
  #wait(): void {
    const { place, sessionId } = this.#options;
    const next = [';', 'display-message', '-p', 'on', ';', 'has-session', '-t', '=nobody has this name'];
    const waiter = spawn('tmux', ['-S', place.socket, 'wait-for', channelOf(sessionId), ...next], {
      env: { ...process.env, TMUX: '' },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true, // the end of our own terminal is not to end it
    });
    this.#waiter = waiter;
    let wentOn = false;
    waiter.stdout.on('data', () => (wentOn = true));
    waiter.on('error', () => (this.#isWaiterLost = true)); // no tmux here: then its health tells
    waiter.on('exit', () => {
      if (!this.#isClosed)
        this.#killers = findKillers({ procRoot: '/proc', ownPids: [], victimPids: [place.server.pid] });
    });
    waiter.on('close', (code, signal) => {
      if (wentOn && signal === null) this.#serverHasEnded(code === 0 ? 'stopped' : 'emptied');
      else void this.#waiterIsLost();
    });
    waiter.unref();
  }

  /** The server died; or only its clients were killed, or none of our version can talk to it. */
  async #waiterIsLost(): Promise<void> {
    this.#isWaiterLost = true;
    const deadline = performance.now() + SERVER_END_MS;
    while (this.#isServerAlive()) {
      if (performance.now() > deadline) return; // from now on its health tells
      await delay(10); // its sockets close a moment before it is gone
    }
    this.#serverHasEnded('gone');
  }

  #serverHasEnded(end: ServerEnd): void {
    if (this.#isClosed) return;
    this.#serverEnd = end;
    this.#serverEndMs = performance.now();
    if (end !== 'emptied') this.#tellLoss(`server_${end}`, this.#killers);
  }

  async #checkHealth(): Promise<void> {
    const { place, tell } = this.#options;
    const panes = await this.#panesNow();
    const sessions = await askTmux(place.socket, ['list-sessions', '-F', '#{session_id}']);
    const clients = await askTmux(place.socket, ['list-clients', '-F', '#{client_pid}']);
    if (this.#isClosed || this.#serverEnd !== undefined) return;
    if (panes !== undefined && panes.size > 0) this.#keepPanes(panes);
    const isAlive = this.#isServerAlive();
    tell('tmux_health', undefined, {
      server_alive: isAlive,
      server_pid: place.server.pid,
      sessions: sessions?.length ?? 0,
      clients: clients?.length ?? 0,
    });
    if (isAlive && !existsSync(place.socket)) this.#tellLoss('socket_gone', []);
    else if (!isAlive) this.#tellLoss('server_gone', []);
  }

  #keepPanes(panes: ReadonlyMap<string, number>): void {
    this.#panes = new Map([...panes].map(([pane, pid]) => [pane, { pid, startTicks: startTicksOf(pid) }]));
    const own = this.#panes.get(this.#options.place.pane);
    this.#isShell = own !== undefined && isInteractiveShell(own.pid);
  }

  /** The panes of our session with their first processes; none when the session is gone, `undefined` without an answer. */
  async #panesNow(): Promise<ReadonlyMap<string, number> | undefined> {
    const { socket, session } = this.#options.place;
    const lines = await askTmux(socket, ['list-panes', '-a', '-F', '#{session_id} #{pane_id} #{pane_pid}']);
    const fields = lines?.map((line) => line.split(' ')).filter(([owner]) => owner === session);
    return fields && new Map(fields.map(([, pane = '', pid]) => [pane, Number(pid)]));
  }

  /** A pane whose process is dead is closed when tmux has reaped it; with `remain-on-exit` it stays. */
  async #panesAfterEnd(): Promise<ReadonlyMap<string, number> | undefined> {
    const deadline = performance.now() + REAPED_MS;
    for (;;) {
      const panes = await this.#panesNow();
      const pid = panes?.get(this.#options.place.pane);
      if (pid === undefined || startTicksOf(pid) !== undefined || performance.now() > deadline) return panes;
      await delay(20);
    }
  }

  /** The server does not answer: its waiter is told why within milliseconds, unless somebody killed that too. */
  async #serverEndOrAlive(): Promise<TmuxView['server']> {
    const deadline = performance.now() + SERVER_END_MS;
    const isOver = (): boolean => this.#serverEnd !== undefined || (this.#isWaiterLost && !this.#isServerAlive());
    while (!isOver() && performance.now() < deadline) await delay(20);
    return this.#serverEnd ?? (this.#isServerAlive() ? 'alive' : 'gone');
  }

  #isServerAlive(): boolean {
    return isServerAlive(this.#options.place);
  }

  #tellLoss(loss: TmuxLoss | undefined, killers: readonly KillerSeen[]): void {
    if (loss === undefined || loss === this.#toldLoss) return;
    this.#toldLoss = loss;
    this.#options.tell('tmux_lost', loss, { server_pid: this.#options.place.server.pid, killers });
  }
}

/** Lets the waiter of a session go, also one that a recorder left behind when it was killed. False without a server. */
export async function releaseWaiters({ socket }: TmuxPlace, sessionId: string): Promise<boolean> {
  return (await askTmux(socket, ['wait-for', '-S', channelOf(sessionId)])) !== undefined;
}

function channelOf(sessionId: string): string {
  return `session-diagnostics-${sessionId}`;
}

/** `-bash`, `zsh -l`, `/bin/sh`: without a script or a command, so that it ends when its user leaves it. */
function isInteractiveShell(pid: number): boolean {
  let words: readonly string[];
  try {
    words = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((word) => word !== '');
  } catch {
    return false; // gone
  }
  const [program = '', ...options] = words;
  return (
    /^(?:.*\/)?-?(?:sh|bash|dash|zsh|ash|ksh|mksh|fish)$/.test(program) &&
    options.every((word) => /^-[il]+$/.test(word))
  );
}
