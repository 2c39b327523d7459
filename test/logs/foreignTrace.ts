import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ulid } from '../../src/core/session/devboyTrace.ts';

export const TRACE_START_MS = Date.UTC(2026, 2, 1, 10, 0, 0);

/** Seconds after the start, the phase, its payload. */
export type TraceEvent = readonly [second: number, phase: string, payload?: object];

export interface ForeignTrace {
  readonly id: string;
  readonly dir: string;
  readonly tracePath: string;
}

/** A trace as devboy itself leaves it. `folder` is what holds `.devboy`. */
export function writeForeignTrace(folder: string, events: readonly TraceEvent[], meta: object = {}): ForeignTrace {
  const id = ulid(TRACE_START_MS, randomBytes(10));
  const dir = join(folder, '.devboy/sessions/2026-03-01/review', id);
  const tracePath = join(dir, 'trace.jsonl');
  mkdirSync(dir, { recursive: true });
  writeFileSync(tracePath, events.map((event) => traceLine(id, event)).join(''));
  writeMeta(dir, { session_id: id, ...meta });
  return { id, dir, tracePath };
}

export function traceLine(id: string, [second, phase, payload = {}]: TraceEvent): string {
  return `${JSON.stringify({ ts: traceTs(second), skill: 'review', session_id: id, phase, payload })}\n`;
}

export function traceTs(second: number): string {
  return new Date(TRACE_START_MS + second * 1000).toISOString();
}

export function writeMeta(dir: string, meta: object): void {
  const started = { skill: 'review', started_at: traceTs(0), tool_calls: 0, errors: 0 };
  writeFileSync(join(dir, 'meta.json'), JSON.stringify({ ...started, ...meta }));
}
