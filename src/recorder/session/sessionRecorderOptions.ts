import type { ExitFacts } from '../../core/death/deathFacts.ts';
import type { Detector } from '../../core/anomalies/findAnomalies.ts';
import type { Enrollment } from '../../core/session/session.ts';
import type { RunningSession } from '../../logs/runningSession.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import type { AgentSurroundings } from '../../sessions/judgeEnd.ts';
import type { AgentOutput } from '../run/agentOutput.ts';
import type { SignalTarget } from '../run/endAgent.ts';
import type { ExitNotices } from '../coroner/exitNotices.ts';
import type { Sampler } from '../proc/sampler.ts';
import type { PreventionSettings } from './prevention.ts';
import type { Progress } from './recording.ts';
import type { SharedParts } from './sharedParts.ts';

export interface SessionRecorderOptions {
  readonly store: RunningSession;
  readonly enrollment: Enrollment;
  readonly sampler: Sampler;
  readonly output: AgentOutput;
  readonly target: SignalTarget;
  readonly graceMs: number;
  readonly redactions: Readonly<Record<string, number>>;
  readonly surroundings: AgentSurroundings;
  readonly root: LogRoot;
  /** Has already seen what `progress` counts. */
  readonly detector: Detector;
  readonly progress: Progress;
  readonly isRecovered: boolean;
  /** How processes end whose parent we are not. Whoever gives it closes it. */
  readonly exits: ExitNotices;
  /** Who started us and the agent, and their parents: they end us, not the agent by itself. */
  readonly callerPids: readonly number[];
  /** When the agent was started, where that was before us; what the kernel logged since then is of this session. */
  readonly beganMs?: number;
  /** Called four times a second. */
  readonly onLook?: () => void;
  readonly prevention?: PreventionSettings;
  /** The native program; `undefined` where there is none. */
  readonly native?: string | undefined;
  /** Of a recorder of many. */
  readonly shared?: Pick<SharedParts, 'pulse' | 'machine'> | undefined;
}

/** How an end was noticed. */
export interface SeenEnd {
  readonly exit: ExitFacts | undefined;
  readonly isLeftRunning?: boolean;
  /** From the session's beginning to this end, of the clock that nobody sets. */
  readonly elapsedMs?: number;
  /** For how long it has ended already, where that is told. */
  readonly lateMs?: number;
}

/** 128 + SIGHUP, as shells pass it on. */
export const HANGUP_EXIT_CODE = 129;
