import { uptime } from 'node:os';
import { agentKindOf } from '../../core/session/agentKind.ts';
import type { DeathFacts, ExitFacts, ExitNotice } from '../../core/death/deathFacts.ts';
import { countedStatus } from '../../core/death/ownStatus.ts';
import { processKindOf } from '../../core/session/processKind.ts';
import type { TmuxLoss } from '../../core/session/tmuxLoss.ts';
import type { ExitNotices, WatchedProcess } from './exitNotices.ts';
import { startTicksOf } from '../proc/ownProcess.ts';
import { TICKS_PER_SECOND } from '../proc/procReader.ts';
import type { TrackedProcess } from '../proc/trackedProcess.ts';

/** What the facts of a death say of who ended and how. */
export type StatusFacts = Pick<
  DeathFacts,
  'exit' | 'told' | 'notices' | 'trackedPid' | 'wrappersVia' | 'isAgentSure'
> & {
  readonly agent: TrackedProcess;
};

/** A process that ends before its wrapper is reaped by it at once; one whose parent reaps nothing is not waited for. */
const REAPED_WITHIN_MS = 500;
/** One that nobody else speaks for is worth a wait: the first process of a busy machine reaps orphans when it runs. */
const ROOT_REAPED_WITHIN_MS = 3000;

/** A script of very many commands has no agent among its last. */
const MAX_FOLLOWED = 64;

interface Followed {
  readonly process: TrackedProcess;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Whose status tells how the session ended? The agent's own, also where a shell or another wrapper around it ended later
 * and with something else: `agent | tee log`, `agent; echo done`.
 */
export class AgentStatus {
  readonly #exits: ExitNotices;
  readonly #root: WatchedProcess;
  /** Whom the sampler followed below a wrapper, by identity. */
  readonly #followed = new Map<string, Followed>();

  constructor(exits: ExitNotices, root: WatchedProcess) {
    this.#exits = exits;
    this.#root = root;
  }

  /** With every sample; `nowMs` counts from the session's beginning. */
  follow(tracked: TrackedProcess, nowMs: number): void {
    if (tracked.via.length === 0) return;
    const key = `${tracked.pid}:${tracked.startTicks}`;
    const known = this.#followed.get(key);
    if (known !== undefined) {
      this.#followed.set(key, { process: tracked, fromMs: known.fromMs, toMs: nowMs });
    } else if (this.#followed.size < MAX_FOLLOWED) {
      this.#dropWrappers(tracked);
      const ageMs = uptime() * 1000 - (tracked.startTicks * 1000) / TICKS_PER_SECOND;
      this.#followed.set(key, { process: tracked, fromMs: Math.max(0, nowMs - ageMs), toMs: nowMs });
      this.#exits.watch(tracked);
      void this.#noteEnd(tracked, key, performance.now() - nowMs);
    }
  }

  /** `told`: what the outermost process ended with, where we or its launcher are its parent. */
  async atEnd(told: ExitFacts | undefined, tracked: TrackedProcess, nowMs: number): Promise<StatusFacts> {
    const { agent, isSure } = this.#agentAtEnd(tracked, nowMs);
    const isRoot = agent.pid === this.#root.pid;
    const own = isRoot ? undefined : await this.#noticeOf(agent, REAPED_WITHIN_MS);
    const outer = told === undefined ? await this.#noticeOf(this.#root, ROOT_REAPED_WITHIN_MS) : undefined;
    return {
      agent,
      exit: countedStatus(own?.exit, told ?? outer?.exit),
      told,
      notices: [own, outer].filter((notice) => notice !== undefined),
      trackedPid: agent.pid,
      wrappersVia: agent.via,
      isAgentSure: isSure,
    };
  }

  /**
   * A wrapper that outlives its agent is what the sampler looks at in the end, or at what it ran next. The agent is what
   * has an agent's name, or what ran for most of the time; what else a script runs does not speak for the session.
   */
  #agentAtEnd(tracked: TrackedProcess, nowMs: number): { readonly agent: TrackedProcess; readonly isSure: boolean } {
    const followed = [...this.#followed.values()];
    const [longest] = followed.toSorted((one, other) => lengthMs(other) - lengthMs(one));
    if (longest === undefined) return { agent: tracked, isSure: true };
    const byName = followed.findLast(({ process }) => agentKindOf([process.comm]) !== 'other');
    if (byName !== undefined) return { agent: byName.process, isSure: true };
    const isOnly = followed.length === 1;
    if (isOnly && longest.process.pid === tracked.pid) return { agent: tracked, isSure: true };
    const isMostOfIt = lengthMs(longest) >= nowMs / 2;
    return { agent: isMostOfIt ? longest.process : tracked, isSure: isOnly && isMostOfIt };
  }

  /** What was followed while more of the chain was still to come. */
  #dropWrappers({ via }: TrackedProcess): void {
    for (const [key, { process }] of this.#followed) {
      if (process.via.length < via.length && isAlive(process)) this.#followed.delete(key);
    }
  }

  async #noteEnd(tracked: TrackedProcess, key: string, beganAt: number): Promise<void> {
    const notice = await this.#exits.told(tracked);
    const followed = this.#followed.get(key);
    if (notice === undefined || followed === undefined) return;
    this.#followed.set(key, { ...followed, toMs: performance.now() - beganAt });
  }

  async #noticeOf(watched: WatchedProcess, withinMs: number): Promise<ExitNotice | undefined> {
    return isAlive(watched) ? undefined : this.#exits.ofEnded(watched, withinMs);
  }
}

function isAlive({ pid, startTicks }: WatchedProcess): boolean {
  return startTicksOf(pid) === startTicks;
}

function lengthMs({ fromMs, toMs }: Followed): number {
  return toMs - fromMs;
}

/**
 * Of what ended with its tmux session the session tells more than an exit code: a shell was left, whatever its last
 * command ended with, and a program that lost its terminal gave up for that reason.
 */
export function exitWithTerminal<Status extends Pick<DeathFacts, 'exit' | 'notices'>>(
  status: Status,
  comm: string,
  loss: TmuxLoss | undefined,
): Status {
  const isByItself =
    loss === undefined || loss === 'pane_gone' || (loss === 'session_ended' && processKindOf(comm) !== 'shell');
  return isByItself || status.exit?.signal !== null ? status : { ...status, exit: undefined, notices: [] };
}
