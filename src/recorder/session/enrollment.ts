import { availableParallelism } from 'node:os';
import { agentKindOf } from '../../core/session/agentKind.ts';
import { commandText } from '../../core/words/commandText.ts';
import type { Redactor } from '../../core/privacy/redact.ts';
import { SCHEMA_VERSION, type Enrollment } from '../../core/session/session.ts';
import { isoFromMs } from '../../core/words/time.ts';
import type { TraceContext } from '../../core/words/traceContext.ts';
import { readBootId } from '../proc/bootId.ts';
import { ownProcess } from '../proc/ownProcess.ts';

/** What is known of a session when it begins. */
export interface Beginning {
  readonly id: string;
  readonly mode: Enrollment['mode'];
  readonly command: readonly string[];
  readonly cwd: string;
  readonly label: string | undefined;
  readonly intervalSeconds: number;
  readonly timeoutSeconds?: number | undefined;
  readonly redactor: Redactor;
  readonly tmux?: Enrollment['tmux'] | undefined;
  /** What is recorded, where it runs already. */
  readonly process?: { readonly pid: number; readonly starttime_ticks: number | null };
  readonly isInteractive?: boolean;
  /** It was started, by us or by our launcher, rather than found. */
  readonly isSpawned: boolean;
  readonly startedMs?: number;
  readonly launcher?: Enrollment['recorder'];
  readonly trace?: TraceContext | undefined;
}

export interface Enrolled {
  readonly enrollment: Enrollment;
  /** What was taken out of the command line, by kind. */
  readonly redactions: Readonly<Record<string, number>>;
}

/** The one place where a session's enrollment is made: nothing that a person typed gets into it unredacted. */
export function enroll(beginning: Beginning): Enrolled {
  const { redactor, command, label, tmux } = beginning;
  const { text: skillCommand, removed } = redactor.credentialsOnly(commandText(command));
  const process = beginning.process ?? { pid: null, starttime_ticks: null };
  const enrollment: Enrollment = {
    schema_version: SCHEMA_VERSION,
    session_id: beginning.id,
    enrolled_at: isoFromMs(beginning.startedMs ?? Date.now()),
    boot_id: readBootId() ?? '',
    pid: process.pid,
    starttime_ticks: process.starttime_ticks,
    comm: null,
    via: [],
    recorder: ownProcess(),
    spawned: beginning.isSpawned && process.pid !== null ? { ...process, pid: process.pid } : null,
    ...(!beginning.isSpawned && process.pid !== null && { attached: { ...process, pid: process.pid } }),
    mode: beginning.mode,
    ...(beginning.isInteractive === true && { interactive: true }),
    agent: agentKindOf(command),
    cwd: beginning.cwd,
    skill_command: skillCommand,
    label: label === undefined ? null : redactor.credentialsOnly(label).text,
    interval_seconds: beginning.intervalSeconds,
    timeout_seconds: beginning.timeoutSeconds ?? null,
    cores: availableParallelism(),
    ...(tmux !== undefined && { tmux }),
    ...(beginning.launcher !== undefined && { launcher: beginning.launcher }),
    ...(beginning.trace !== undefined && { trace: beginning.trace }),
  };
  return { enrollment, redactions: removed };
}

/** Put into the agent's environment: finds members that left every group and parent, and tells an agent its session. */
export const ENVIRONMENT_MARK = 'SESSION_DIAGNOSTICS_SESSION';

export function environmentMark(id: string): string {
  return `${ENVIRONMENT_MARK}=${id}`;
}
