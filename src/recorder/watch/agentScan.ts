import { readdirSync } from 'node:fs';
import { agentProgramOf } from '../../core/session/agentProgram.ts';
import { statOf } from '../proc/ownProcess.ts';
import { isOwn, wordsOf } from './agentProcess.ts';

/** A process that is young may still become the program that it was started for. */
const YOUNG_MS = 10_000;
/** What starts others in its own place, whenever that may be. */
const BECOMES_OTHERS =
  /^(?:(?:ba|da|z|k|a|fi)?sh|env|timeout|nice|nohup|setsid|sudo|stdbuf|script|xargs|npm|npx|node)\b/;
/** Any other process is looked at again after this long; another user's, whose pid one of ours may have got, later. */
const SELDOM_MS = 30_000;
const OTHERS_MS = 300_000;

interface Seen {
  readonly startTicks: number;
  readonly isOwn: boolean;
  readonly firstMs: number;
  atMs: number;
  mayBecomeOther: boolean;
}

/**
 * Looks at /proc for what may be an agent: the way where the kernel does not tell of new programs. A look lists /proc
 * (some 100 µs) and reads the command lines of what is new, young, or a shell, at 8 µs each.
 */
export class AgentScan {
  #seen = new Map<number, Seen>();

  /** The pids whose command line is an agent's; each time all that are read. */
  look(nowMs: number): readonly number[] {
    const seen = new Map<number, Seen>();
    const found: number[] = [];
    for (const pid of pidsIn('/proc')) {
      const known = this.#seen.get(pid);
      if (known !== undefined && !isDue(known, nowMs)) {
        seen.set(pid, known);
        continue;
      }
      const at = this.#read(pid, known, nowMs);
      if (at === undefined) continue;
      seen.set(pid, at.seen);
      if (at.isAgent) found.push(pid);
    }
    this.#seen = seen;
    return found;
  }

  #read(pid: number, known: Seen | undefined, nowMs: number): { seen: Seen; isAgent: boolean } | undefined {
    const stat = statOf(pid);
    if (stat === undefined) return undefined;
    const isSame = known?.startTicks === stat.startTicks;
    const isOurs = isSame ? known.isOwn : isOwn(pid);
    const isAgent = isOurs && agentProgramOf(wordsOf(pid)) !== 'other';
    const seen = {
      startTicks: stat.startTicks,
      isOwn: isOurs,
      firstMs: isSame ? known.firstMs : nowMs,
      atMs: nowMs,
      mayBecomeOther: BECOMES_OTHERS.test(stat.comm),
    };
    return { seen, isAgent };
  }
}

/** A pid that is another process by now is found out with its next reading. */
function isDue({ isOwn: isOurs, firstMs, atMs, mayBecomeOther }: Seen, nowMs: number): boolean {
  if (nowMs - atMs >= (isOurs ? SELDOM_MS : OTHERS_MS)) return true;
  return isOurs && (mayBecomeOther || nowMs - firstMs < YOUNG_MS);
}

function pidsIn(folder: string): readonly number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isSafeInteger);
  } catch {
    return []; // a machine out of descriptors: at the next look
  }
}
