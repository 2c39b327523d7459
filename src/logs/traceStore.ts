import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import {
  devboyLine,
  devboyMeta,
  isPhase,
  isSkillName,
  isUlid,
  ulid,
  type DevboyMeta,
  type DevboyOutcome,
} from '../core/session/devboyTrace.ts';
import { integerOf, jsonDocument, recordOf, stringOf, type JsonRecord } from '../core/words/json.ts';
import type { Redactor } from '../core/privacy/redact.ts';
import { readJsonLines } from './jsonLines.ts';
import { appendShared } from './lineWriter.ts';
import { statOf, withFolder, writeIn, type Folder } from './folders.ts';
import { DEVBOY_FOLDER, logRootAt } from './logRoot.ts';
import { unwritable } from './owners.ts';
import { readJsonFile } from './sessionIndex.ts';
import { META_FILE, nameOfTrace, TRACE_FILE } from './traceFolders.ts';

export interface TraceStoreOptions {
  /** The directory that holds, or will hold, `.devboy`: see `devboyRoot`. */
  readonly root: string;
  readonly redactor: Redactor;
  readonly nowMs: () => number;
}

/** Every text passes the redactor before it is written. */
export interface TraceStore {
  begin(trace: { skill: string; skillVersion?: string; inputSummary?: string }): TraceBegun;
  append(sessionId: string, phase: string, payload: JsonRecord): TraceResult;
  /** Writes the end line and refreshes meta.json from the whole trace. */
  finalise(sessionId: string, end: { outcome: DevboyOutcome; summary: string }): TraceResult;
}

export type TraceBegun = { readonly ok: true; readonly sessionId: string; readonly dir: string } | TraceRefused;
export type TraceResult = { readonly ok: true; readonly dir: string } | TraceRefused;

export interface TraceRefused {
  readonly ok: false;
  readonly reason: 'bad_skill' | 'bad_phase' | 'no_such_trace' | 'already_ended' | 'unwritable';
  readonly message: string;
}

function refused(reason: TraceRefused['reason'], message: string): TraceRefused {
  return { ok: false, reason, message };
}

/** The nearest directory upwards that is a repository, else the one we are in. */
export function devboyRoot(cwd: string): string {
  for (let dir = cwd; ; dir = dirname(dir)) {
    if (existsSync(join(dir, '.git'))) return dir;
    if (dirname(dir) === dir) return cwd;
  }
}

export function openTraceStore({ root, redactor, nowMs }: TraceStoreOptions): TraceStore {
  const { sessions } = logRootAt(join(root, DEVBOY_FOLDER));
  const now = (): string => new Date(nowMs()).toISOString();
  const write = (dir: string, { phase, payload }: { phase: string; payload: JsonRecord }): TraceResult => {
    const meta = readMeta(dir);
    if (meta === undefined) return refused('no_such_trace', `${dir} has no readable meta.json.`);
    const { value } = redactor.redactValue(payload);
    // A payload that could not be redacted came back as a word: it is dropped, the event stays.
    const line = { ts: now(), skill: meta.skill, session_id: meta.session_id, phase, payload: recordOf(value) ?? {} };
    return guarded(dir, () => inTrace(dir, 'own', (folder) => appendShared(folder.at(TRACE_FILE), devboyLine(line))));
  };

  return {
    begin: ({ skill, skillVersion, inputSummary }) => {
      if (!isSkillName(skill)) {
        return refused(
          'bad_skill',
          'A skill is named by letters, digits, dots, hyphens and underscores; it is no path.',
        );
      }
      const startedAt = now();
      const sessionId = ulid(nowMs(), randomBytes(10));
      const dir = join(sessions, startedAt.slice(0, 10), skill, sessionId);
      const meta: DevboyMeta = {
        session_id: sessionId,
        skill,
        ...(skillVersion !== undefined && { skill_version: redactor.redact(skillVersion).text }),
        started_at: startedAt,
        ...(inputSummary !== undefined && { input_summary: redactor.redact(inputSummary).text }),
        tool_calls: 0,
        errors: 0,
      };
      const made = guarded(dir, () => inTrace(dir, 'make', (folder) => writeIn(folder, META_FILE, jsonDocument(meta))));
      const begun = made.ok ? write(dir, { phase: 'start', payload: {} }) : made;
      return begun.ok ? { ok: true, sessionId, dir } : begun;
    },
    append: (sessionId, phase, payload) => {
      if (!isPhase(phase)) return refused('bad_phase', 'A phase is one word of small letters, digits and underscores.');
      const dir = traceDir(sessions, sessionId);
      if (dir === undefined) return unknownTrace(sessionId);
      const written = write(dir, { phase, payload });
      // A late line of another shell: the counts were taken without it.
      return written.ok && readMeta(dir)?.ended_at !== undefined ? refreshMeta(dir) : written;
    },
    finalise: (sessionId, { outcome, summary }) => {
      const dir = traceDir(sessions, sessionId);
      if (dir === undefined) return unknownTrace(sessionId);
      if (linesOf(dir).some((line) => recordOf(line)?.['phase'] === 'end')) {
        return refused('already_ended', `The trace ${sessionId} has ended already.`);
      }
      const ended = write(dir, { phase: 'end', payload: { outcome, summary } });
      return ended.ok ? refreshMeta(dir) : ended;
    },
  };
}

function unknownTrace(sessionId: string): TraceRefused {
  return refused('no_such_trace', isUlid(sessionId) ? `No trace ${sessionId} here.` : 'That is no id of a trace.');
}

/** `<repository>/.devboy/sessions/<day>/<skill>/<id>`: a repository may carry links, and none of them is followed. */
function inTrace<T>(dir: string, need: 'own' | 'make', use: (folder: Folder) => T): T {
  const names = dir.split(sep);
  return withFolder(names.slice(0, -5).join(sep) || sep, names.slice(-5), need, use);
}

function guarded(dir: string, write: () => void): TraceResult {
  try {
    write();
    return { ok: true, dir };
  } catch (error) {
    // node:fs throws nothing else
    return refused('unwritable', `${dir} ${unwritable((error as NodeJS.ErrnoException).code ?? 'unknown')}.`);
  }
}

function traceDir(sessions: string, sessionId: string): string | undefined {
  const name = isUlid(sessionId) ? nameOfTrace(sessions, sessionId) : undefined;
  return name === undefined ? undefined : join(sessions, name);
}

/** Two that end at once both count the whole file: the later one's numbers hold everything. */
function refreshMeta(dir: string): TraceResult {
  const known = readMeta(dir);
  if (known === undefined) return refused('no_such_trace', `${dir} has no readable meta.json.`);
  const text = jsonDocument(devboyMeta(linesOf(dir), known));
  return guarded(dir, () => inTrace(dir, 'own', (folder) => writeIn(folder, META_FILE, text)));
}

function linesOf(dir: string): unknown[] {
  const lines: unknown[] = [];
  const path = join(dir, TRACE_FILE);
  if (statOf(path)?.isFile() === true) readJsonLines(path, 0, (value) => void lines.push(value));
  return lines;
}

/** Keys that devboy writes and we do not know are kept. */
function readMeta(dir: string): DevboyMeta | undefined {
  const record = recordOf(readJsonFile(join(dir, META_FILE)));
  const sessionId = stringOf(record?.['session_id']);
  const skill = stringOf(record?.['skill']);
  if (record === undefined || sessionId === undefined || skill === undefined) return undefined;
  return {
    ...record,
    session_id: sessionId,
    skill,
    started_at: stringOf(record['started_at']) ?? '',
    tool_calls: integerOf(record['tool_calls']) ?? 0,
    errors: integerOf(record['errors']) ?? 0,
  };
}
