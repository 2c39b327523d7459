import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { agentProgramOf, beginsSession, isHeadless } from '../../core/session/agentProgram.ts';
import type { AgentKind } from '../../core/words/vocabulary.ts';
import { startTicksOf, statOf } from '../proc/ownProcess.ts';
import { argumentsFrom } from '../proc/procReader.ts';
import { ENVIRONMENT_MARK } from '../session/enrollment.ts';
import type { Birth } from './births.ts';

/** A process of this user that an agent's program runs in. */
export interface AgentProcess {
  readonly pid: number;
  readonly startTicks: number;
  readonly agent: AgentKind;
  readonly words: readonly string[];
  readonly cwd: string;
  readonly ancestry: Birth['ancestry'];
  /** A person sits at its terminal. */
  readonly isInteractive: boolean;
  /** The session whose environment it has. */
  readonly mark: string | undefined;
}

/** By an agent's own name or a program's; `undefined`: no agent at work, or one that is never to be recorded. */
export function agentOf(
  { words, stdin, ...born }: Omit<Birth, 'isBelowRun'>,
  excepted: ReadonlySet<string>,
): AgentProcess | undefined {
  const agent = agentProgramOf(words);
  if (agent === 'other' || !beginsSession(words) || isExcepted(agent, words, excepted)) return undefined;
  return { ...born, words, agent, isInteractive: TERMINAL.test(stdin) && !isHeadless(agent, words) };
}

const TERMINAL = /^\/dev\/(?:pts\/\d+|tty\w+|console)$/;

/** As one that lives is now; `undefined`: gone, or another user's. */
export function birthOf(pid: number): Birth | undefined {
  const words = wordsOf(pid);
  const startTicks = startTicksOf(pid);
  if (startTicks === undefined || !isOwn(pid)) return undefined;
  const ancestry = ancestryOf(pid);
  return {
    pid,
    startTicks,
    ancestry,
    isBelowRun: false,
    words,
    cwd: linkOf(`/proc/${pid}/cwd`) ?? '',
    stdin: linkOf(`/proc/${pid}/fd/0`) ?? '',
    mark: markOf(pid),
  };
}

export function wordsOf(pid: number): readonly string[] {
  return argumentsFrom(textOf(`/proc/${pid}/cmdline`));
}

/** From its parent up to the first process. */
function ancestryOf(pid: number): Birth['ancestry'] {
  const chain: { pid: number; startTicks: number }[] = [];
  let at = statOf(pid)?.ppid ?? 0;
  while (at > 1 && chain.length < 64) {
    const stat = statOf(at);
    if (stat === undefined) break;
    chain.push({ pid: at, startTicks: stat.startTicks });
    at = stat.ppid;
  }
  return chain;
}

/** By an agent's name, as of the table, or a program's. */
function isExcepted(agent: AgentKind, words: readonly string[], excepted: ReadonlySet<string>): boolean {
  if (excepted.size === 0) return false;
  return [agent, ...words.slice(0, 2).map((word) => word.slice(word.lastIndexOf('/') + 1))].some((name) =>
    excepted.has(name),
  );
}

export function isOwn(pid: number): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === process.geteuid?.();
  } catch {
    return false; // gone
  }
}

function markOf(pid: number): string | undefined {
  const text = textOf(`/proc/${pid}/environ`) ?? '';
  const start = `\0${text}`.indexOf(`\0${ENVIRONMENT_MARK}=`);
  return start < 0 ? undefined : text.slice(start + ENVIRONMENT_MARK.length + 1).split('\0', 1)[0];
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // gone, or another user's
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // gone, or closed
  }
}
