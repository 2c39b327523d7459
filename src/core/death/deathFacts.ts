import type { OutputMarker } from './outputMarkers.ts';
import type { OwnCommand } from '../session/killCall.ts';
import type { Snapshot } from '../session/snapshot.ts';
import type { TmuxLoss } from '../session/tmuxLoss.ts';
import type { AgentKind, SenderRelation } from '../words/vocabulary.ts';

/** Everything that is known about an end when it is judged. `undefined` always means: could not be known here. */
export interface DeathFacts {
  readonly mode: 'run' | 'attach';
  /** When the end was seen. */
  readonly at: string;
  /** When it was found, where that was long after: by whoever recovered it. */
  readonly foundAt?: string;
  /** How old it was. */
  readonly ageMs?: number;
  /** Given to a timeout(1) around it: after this long it is ended, and killed so much later. */
  readonly wrapperLimit?: WrapperLimit;
  /** `undefined` when nobody told us: an attached process, or a session whose recorder was gone. */
  readonly exit: ExitFacts | undefined;
  /** What the outermost process ended with, where we or its launcher are its parent; `exit` says it where nothing else is known. */
  readonly told?: ExitFacts | undefined;
  /** What the kernel told of processes that are not our children: the agent behind its wrappers, an attached process. */
  readonly notices?: readonly ExitNotice[];
  readonly trackedPid: number | undefined;
  readonly trackedComm: string | undefined;
  /** Some agents have exit codes of their own. */
  readonly agent?: AgentKind;
  /** What was started around the tracked process, outermost first; when not empty, what is told is the outermost's status. */
  readonly wrappersVia: readonly string[];
  /** False where several programs ran behind the wrapper, and none is known to be the agent. */
  readonly isAgentSure?: boolean;
  readonly launchError: { readonly code: string } | undefined;
  readonly ownSignal: OwnSignal | undefined;
  readonly oom: OomFacts;
  /** The crashes that the kernel's log tells of; none when it may not be read. */
  readonly crashes: readonly KernelCrash[];
  /** Programs that could have sent the signal, alive when the death was noticed. */
  readonly killers: readonly KillerSeen[];
  /** Who sent the signal that decided, where the kernel or the launcher saw it sent. */
  readonly sender?: SignalSender | undefined;
  /** A command of the agent's own, open or last, that ends processes of which it can be one. */
  readonly ownCommand?: OwnCommand | undefined;
  /** Which of the limits that it was started with it ran into. */
  readonly ownLimits?: OwnLimits;
  readonly markers: readonly OutputMarker[];
  /** Bytes of stderr in all: what an early marker is early against. */
  readonly stderrBytes: number;
  readonly lastSnapshot: Snapshot | undefined;
  readonly disk: readonly DiskSpace[];
  readonly tmux: TmuxLoss | undefined;
  /** The machine was started again since the session began. */
  readonly isRebooted: boolean;
  /** The session was recovered: its recorder and its agent were both found gone. */
  readonly isRecorderLost: boolean;
  /** Of the one that was lost. */
  readonly recorderPid?: number;
  /** Only the recording was ended, by its user; the process it was attached to goes on. */
  readonly isLeftRunning: boolean;
}

/** The kernel was not asked, or could not be. */
export const NO_OOM_FACTS: OomFacts = {
  systemDelta: undefined,
  groupDelta: undefined,
  earlierGroupDelta: 0,
  log: undefined,
  memberPids: new Set(),
};

const NOTHING_KNOWN: Omit<DeathFacts, 'mode' | 'at'> = {
  exit: undefined,
  trackedPid: undefined,
  trackedComm: undefined,
  wrappersVia: [],
  launchError: undefined,
  ownSignal: undefined,
  oom: NO_OOM_FACTS,
  crashes: [],
  killers: [],
  markers: [],
  stderrBytes: 0,
  lastSnapshot: undefined,
  disk: [],
  tmux: undefined,
  isRebooted: false,
  isRecorderLost: false,
  isLeftRunning: false,
};

/** The one maker of facts: whoever saw an end says what it knows, and the rest is unknown or did not happen. */
export function deathFacts(known: Pick<DeathFacts, 'mode' | 'at'> & Partial<DeathFacts>): DeathFacts {
  return { ...NOTHING_KNOWN, ...known };
}

export interface OwnLimits {
  readonly memory: boolean;
  readonly pids: boolean;
}

export interface WrapperLimit {
  readonly afterMs: number;
  readonly killAfterMs: number;
}

export interface ExitFacts {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface ExitNotice {
  readonly pid: number;
  readonly exit: ExitFacts;
  readonly at: string;
}

export interface OwnSignal {
  readonly signal: string;
  readonly why:
    | 'timeout'
    | 'stop'
    | 'after_result'
    | 'interrupt_forwarded'
    | 'terminate_forwarded'
    | 'hangup_forwarded';
  readonly at: string;
}

/** What the kernel's counters and log say about OOM kills. */
export interface OomFacts {
  /** Kills on the whole machine around the death. */
  readonly systemDelta: number | undefined;
  /** Kills of members of the tracked process's own memory group around the death. */
  readonly groupDelta: number | undefined;
  /** Kills in the group earlier in the session: a child's, because the agent lived on. */
  readonly earlierGroupDelta: number;
  /** The log's OOM kills since the session began; `undefined` when the log may not be read. */
  readonly log: readonly OomKill[] | undefined;
  /** Every pid that was ever seen in the session's tree. */
  readonly memberPids: ReadonlySet<number>;
  /** The log counts pids as we do: we are in the machine's own pid namespace. */
  readonly arePidsOurs?: boolean;
  /** Of those that the log names: too short-lived for any sample, so nobody can say that they were not the session's. */
  readonly unseenPids?: ReadonlySet<number>;
  /** Whether nobody but the session's processes, or no process but the tracked one, was in its memory group. */
  readonly group?: 'alone' | 'ours' | 'shared';
  /** How long before the end a process of the group was last killed while the tracked one lived on. */
  readonly earlierKillAgoMs?: number;
}

/** One kill as the kernel logged it. */
export interface OomKill {
  readonly pid: number;
  readonly comm: string;
  readonly ts: string;
  /** A memory group ran into its limit, or the machine out of memory. */
  readonly scope: 'group' | 'system';
  /** The memory group that it was in, where the log tells. */
  readonly group?: string;
}

/** One process that died of a fault of its own, as the kernel logged it. */
export interface KernelCrash {
  /** Of the thread that crashed: the process's own only for its first thread. */
  readonly pid: number;
  readonly comm: string;
  readonly ts: string;
  readonly signal: string;
  /** Ended by its sandbox, for a system call that is forbidden. */
  readonly why?: 'seccomp';
}

/** They do everything; as killers they count only when their own command line says so. */
export const SCRIPT_RUNNERS = ['sh', 'bash', 'dash', 'zsh', 'python3', 'perl'] as const;

/** The only names that may be published as a killer's. */
export const KILLER_NAMES = [
  'kill',
  'pkill',
  'killall',
  'killall5',
  'skill',
  'fuser',
  'timeout',
  'earlyoom',
  'systemd-oomd',
  'oomd',
  'nohang',
  'tmux',
  'docker',
  'podman',
  'runc',
  'crun',
  'systemctl',
  'loginctl',
  ...SCRIPT_RUNNERS,
] as const;
export type KillerName = (typeof KILLER_NAMES)[number];

export interface KillerSeen {
  readonly name: KillerName;
  readonly pid: number;
  /**
   * `wrapper`: the session itself runs under it. `daemon`: it is always there, so it means something only when memory
   * was short. `command`: it was there at this moment.
   */
  readonly role: 'command' | 'daemon' | 'wrapper';
}

export const DISK_PLACES = ['working_directory', 'temporary_directory', 'log_root'] as const;

export interface DiskSpace {
  readonly place: (typeof DISK_PLACES)[number];
  readonly free_bytes: number;
  readonly total_bytes: number;
  /** `undefined` for file systems that do not count inodes, such as btrfs. */
  readonly free_inodes: number | undefined;
}

/** Who sent a signal, as the kernel told it. */
export interface SignalSender {
  readonly signal: string;
  readonly ts: string;
  readonly relation: SenderRelation;
  /** The kernel's si_code: 0 or less for a process's doing. */
  readonly code: number;
  readonly pid: number | undefined;
  /** The program's name; of the kernel its reason, a word of `KERNEL_REASONS`. */
  readonly name: string | undefined;
  /** Credentials taken out. */
  readonly command: string | undefined;
}
