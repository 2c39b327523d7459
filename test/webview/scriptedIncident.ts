import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isoFromMs } from '../../src/core/words/time.ts';
import { START_MS, type ScriptedRoot, type ScriptedSession } from './scriptedRoot.ts';
import { liveSample } from './scriptedSessions.ts';

export const INCIDENT_ID = 'incident-2026-01-15-4f9a1c07';
/** All three had run for at least this long. */
export const DEATH_MS = START_MS + 300_000;

/** Three sessions of one tmux server that somebody killed, and the record that the last recorder left. */
export function writeIncident(root: ScriptedRoot): readonly ScriptedSession[] {
  const sessions = ['one', 'two', 'three'].map((name, i) => {
    const session = root.session(`sess-2026-01-15-${name}`);
    const first = i * 60;
    session.samples(
      Array.from({ length: 300 - first }, (_, seq) => ({
        ...liveSample(seq + i * 400),
        seq,
        ms: START_MS + (first + seq) * 1000,
      })),
    );
    session.finish({
      skill_command: `claude -p "task ${name}"`,
      success: false,
      subtype: 'crashed',
      exit_code: -1,
      signal: 'SIGHUP',
      start_ts: isoFromMs(START_MS + first * 1000),
      end_ts: isoFromMs(DEATH_MS + i * 120),
      verdict: {
        outcome: 'died',
        cause: 'terminal_lost',
        layer: 'environment',
        confidence: 'likely',
        evidence: [{ kind: 'tmux', name: 'server_gone' }],
      },
    });
    return session;
  });
  recordIncident(root, {
    candidates: [
      {
        cause: 'terminal_lost',
        name: 'tmux_server',
        confidence: 'likely',
        evidence: [
          { kind: 'tmux', name: 'server_gone', ts: isoFromMs(DEATH_MS) },
          { kind: 'simultaneous_deaths', value: 3 },
        ],
      },
      {
        cause: 'killed',
        name: 'killer_process',
        confidence: 'possible',
        evidence: [{ kind: 'killer_process', name: 'pkill', pid: 811 }],
      },
    ],
    sessions: sessions.map(({ id }, i) => ({
      session_id: id,
      dir_name: id,
      ts: isoFromMs(DEATH_MS + i * 120),
      cause: 'terminal_lost',
    })),
  });
  return sessions;
}

export function recordIncident(root: ScriptedRoot, more: object): string {
  const folder = join(root.path, 'incidents');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${INCIDENT_ID}.json`);
  writeFileSync(
    path,
    JSON.stringify({
      schema_version: 1,
      incident_id: INCIDENT_ID,
      first_ts: isoFromMs(DEATH_MS),
      last_ts: isoFromMs(DEATH_MS + 240),
      cause: 'terminal_lost',
      confidence: 'likely',
      ...more,
    }),
  );
  return path;
}
