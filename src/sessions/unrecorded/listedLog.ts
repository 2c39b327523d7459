import type { IndexLine } from '../../core/session/session.ts';
import { isoFromMs } from '../../core/words/time.ts';
import type { AgentKind, Outcome, Subtype } from '../../core/words/vocabulary.ts';
import type { UnrecordedLog } from './unrecordedLog.ts';

/** A row of a list, with the keys that a recorded session's has. */
export interface ListedLog extends IndexLine {
  readonly state: 'log_only';
  readonly outcome: Outcome;
  readonly agent: AgentKind;
  readonly last_ts: string;
}

/** AutoSkillit's words for how a session ended. */
const SUBTYPES: { readonly [outcome in Outcome]: Subtype | '' } = {
  running: '',
  succeeded: 'success',
  incomplete: 'incomplete',
  failed: 'error_during_execution',
  died: 'crashed',
  stopped: 'stopped',
  lost: 'lost',
};

export function listedLog({ id, agent, digest, verdict, startMs, lastMs }: UnrecordedLog): ListedLog {
  const isRunning = verdict.outcome === 'running';
  return {
    session_id: digest.sessionId ?? id,
    dir_name: id,
    timestamp: isoFromMs(startMs),
    last_ts: isoFromMs(lastMs),
    cwd: digest.cwd ?? '',
    skill_command: (digest.title ?? '').slice(0, 100),
    success: verdict.outcome === 'succeeded',
    subtype: SUBTYPES[verdict.outcome],
    exit_code: null,
    snapshot_count: 0,
    anomaly_count: 0,
    peak_rss_kb: 0,
    peak_oom_score: 0,
    tracked_comm: null,
    tracked_comm_drift: false,
    claude_code_log: null,
    duration_seconds: isRunning ? null : Math.max(0, (lastMs - startMs) / 1000),
    cause: isRunning ? null : verdict.cause,
    suspect: digest.suspect,
    label: null,
    state: 'log_only',
    outcome: verdict.outcome,
    agent,
  };
}
