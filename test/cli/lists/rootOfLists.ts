import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogRoot } from '../../../src/logs/logRoot.ts';

/** One session of each kind that a person may look for, at times that do not move. */
interface Given {
  readonly id: string;
  readonly start: string;
  readonly command: string;
  readonly label?: string;
  readonly seconds: number;
  readonly exit: number;
  readonly subtype: string;
  readonly verdict: readonly [outcome: string, cause: string, layer: string, confidence: string];
  readonly evidence?: readonly object[];
  readonly peakKb: number;
  readonly anomalies?: number;
  readonly suspect?: string;
}

const SESSIONS: readonly Given[] = [
  {
    id: 'sess-2026-11-27-980443ba',
    start: '2026-11-27T14:07:48.120+00:00',
    command: "claude -p 'fix the failing test in the shop' --output-format stream-json --verbose",
    seconds: 31.2,
    exit: -9,
    subtype: 'crashed',
    verdict: ['died', 'oom_kill', 'environment', 'certain'],
    evidence: [{ kind: 'kernel_log', name: 'claude', pid: 24_780, ts: '2026-11-27T14:08:19+00:00' }],
    peakKb: 380_928,
    anomalies: 3,
  },
  {
    id: 'sess-2026-11-27-0a41c2d9',
    start: '2026-11-27T13:50:02.000+00:00',
    command: "codex exec --json 'write the release notes'",
    seconds: 412,
    exit: 0,
    subtype: 'success',
    verdict: ['succeeded', 'completed', 'none', 'certain'],
    evidence: [{ kind: 'exit_status', value: 0 }],
    peakKb: 210_000,
  },
  {
    id: 'sess-2026-11-26-77e0f1a3',
    start: '2026-11-26T22:00:00.000+00:00',
    command: "claude -p 'review what was merged today' --output-format stream-json --verbose",
    label: 'Nightly review',
    seconds: 3720,
    exit: 1,
    subtype: 'error_during_execution',
    verdict: ['failed', 'exit_nonzero', 'unknown', 'certain'],
    evidence: [{ kind: 'exit_status', value: 1 }],
    peakKb: 300_000,
    suspect: 'environment',
  },
  {
    id: 'sess-2026-11-20-5be1d004',
    start: '2026-11-20T09:15:30.000+00:00',
    command: 'python3 -u scripts/build.py --fast',
    seconds: 9.4,
    exit: -15,
    subtype: 'stopped',
    verdict: ['stopped', 'stopped', 'user', 'certain'],
    peakKb: 51_200,
  },
];

export function fillRoot(root: LogRoot): void {
  const lines = SESSIONS.map((session) => {
    const line = lineOf(session);
    const dir = join(root.sessions, session.id);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'summary.json'), JSON.stringify(summaryOf(session)));
    return JSON.stringify(line);
  });
  writeFileSync(root.index, `${lines.join('\n')}\n`);
}

function lineOf({ id, start, command, label, seconds, exit, subtype, verdict, ...rest }: Given): object {
  return {
    session_id: id,
    dir_name: id,
    timestamp: start,
    cwd: '/srv/shop',
    skill_command: command.slice(0, 100),
    success: subtype === 'success',
    subtype,
    exit_code: exit,
    snapshot_count: 30,
    anomaly_count: rest.anomalies ?? 0,
    peak_rss_kb: rest.peakKb,
    peak_oom_score: 680,
    tracked_comm: command.split(' ')[0],
    tracked_comm_drift: false,
    claude_code_log: null,
    duration_seconds: seconds,
    cause: verdict[1],
    suspect: rest.suspect ?? null,
    label: label ?? null,
  };
}

function summaryOf(session: Given): object {
  const [outcome, cause, layer, confidence] = session.verdict;
  return {
    ...lineOf(session),
    schema_version: 1,
    start_ts: session.start,
    end_ts: new Date(Date.parse(session.start) + session.seconds * 1000).toISOString().replace('Z', '+00:00'),
    skill_command: session.command,
    verdict: { outcome, cause, layer, confidence, evidence: session.evidence ?? [] },
    failures: null,
    leftover_processes: [],
  };
}

/** Many sessions as their index has them; of what they did nothing is kept. */
export function fillWithMany(root: LogRoot, count: number): void {
  const lines = Array.from({ length: count }, (_, number) => {
    const id = `sess-2026-01-01-${String(number).padStart(8, '0')}`;
    mkdirSync(join(root.sessions, id));
    return JSON.stringify(
      lineOf({
        id,
        start: new Date(Date.UTC(2026, 0, 1) + number * 60_000).toISOString().replace('Z', '+00:00'),
        command: `claude -p 'review change ${number} of the shop' --output-format stream-json --verbose`,
        seconds: 600,
        exit: number % 7 === 0 ? 1 : 0,
        subtype: number % 7 === 0 ? 'error_during_execution' : 'success',
        verdict: ['failed', number % 7 === 0 ? 'exit_nonzero' : 'completed', 'none', 'certain'],
        peakKb: 300_000,
      }),
    );
  });
  writeFileSync(root.index, `${lines.join('\n')}\n`);
}
