import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { createLogRoot, logRootAt, type LogRoot } from '../../src/logs/logRoot.ts';

/** A folder that goes when the test file has ended. */
export function scratchFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'session-diagnostics-logs-'));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function scratchRoot(): LogRoot {
  const root = logRootAt(join(scratchFolder(), 'logs'));
  createLogRoot(root);
  return root;
}

/** A published session, as far as index and retention look at it. */
export function addSession(root: LogRoot, name: string, files: Readonly<Record<string, object>> = {}): string {
  const dir = join(root.sessions, name);
  mkdirSync(dir);
  const summary = { session_id: name, dir_name: name, start_ts: '2026-01-01T00:00:00+00:00', success: true };
  for (const [file, content] of Object.entries({ 'summary.json': summary, ...files })) {
    writeFileSync(join(dir, file), JSON.stringify(content));
  }
  return dir;
}

/** A recorder that is no more: no process of this boot has this start time. */
export const DEAD = {
  session_id: 'x',
  enrolled_at: 'x',
  boot_id: 'gone',
  recorder: { pid: 4_000_000, starttime_ticks: 1 },
};
