import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { jsonDocument, jsonLine } from '../core/json.ts';
import type { Enrollment, LifecycleEvent, Summary } from '../core/session.ts';
import { createLineWriter, dropTornTail, type LineWriter, type OnWriteFailure } from './lineWriter.ts';
import { appendLifecycleLine } from './lifecycleLog.ts';
import { createLogRoot, makePrivateFolder, type LogRoot } from './logRoot.ts';
import { appendIndexLine, ENROLLMENT_FILE, indexLineOf, SUMMARY_FILE } from './sessionIndex.ts';
import { dropClaims } from './takeOver.ts';
import { createTreeWriter } from './treeWriter.ts';

const STOP_FILE = 'stop-request';
/** The agent's status, from its launcher: in case that nobody lives to take it. */
export const EXIT_FILE = 'exit-status.json';

const SERIES = {
  proc_trace: 'proc_trace.jsonl',
  tree: 'tree.jsonl',
  anomalies: 'anomalies.jsonl',
  lifecycle: 'lifecycle.jsonl',
} as const;

/** A session that is being recorded: `running/<id>/`. */
export interface RunningSession {
  readonly dir: string;
  readonly dirName: string;
  append(file: 'proc_trace' | 'tree' | 'anomalies', record: object): void;
  /** To this session's file and to the log over all sessions. */
  appendLifecycle(event: LifecycleEvent): void;
  writeEnrollment(enrollment: Enrollment): void;
  /** For whoever writes into the session's directory by himself: problems are told once, whoever meets them first. */
  readonly onWriteFailure: OnWriteFailure;
  isStopRequested(): boolean;
  /** Writes the summary, moves the complete directory to `sessions/`, and adds its line to the index. */
  publish(summary: Summary): Published;
}

export type Published =
  | { readonly ok: true; readonly dir: string }
  | { readonly ok: false; readonly reason: 'replaced' | 'taken' | 'unwritable'; readonly message: string };

export type Created =
  | { readonly ok: true; readonly session: RunningSession }
  | { readonly ok: false; readonly reason: 'exists' | 'unwritable'; readonly message: string };

export interface RunningSessionOptions {
  /** For a person, at most once in a session's life, a failing publication included: a bad disk fails everything. */
  readonly onProblem: (message: string) => void;
}

/** Makes `running/<id>/` with its enrollment. The session id is the directory's name. */
export function createRunningSession(root: LogRoot, enrollment: Enrollment, options: RunningSessionOptions): Created {
  const name = enrollment.session_id;
  const dir = join(root.running, name);
  try {
    createLogRoot(root);
    if (existsSync(join(root.sessions, name)) || existsSync(dir)) return alreadyThere(name);
    // Made aside and moved into place: nobody ever sees a running session without its enrollment.
    const aside = join(root.running, `.new-${process.pid}-${name}`.slice(0, 255));
    makePrivateFolder(aside);
    try {
      writeAtomically(aside, ENROLLMENT_FILE, jsonDocument(enrollment));
      renameSync(aside, dir);
    } catch (error) {
      rmSync(aside, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    const code = codeOf(error);
    // Only of the name itself: a file in the root's place is EEXIST too.
    const isNameTaken = (error as NodeJS.ErrnoException).syscall === 'rename';
    if (isNameTaken && (code === 'ENOTEMPTY' || code === 'EEXIST')) return alreadyThere(name);
    return { ok: false, reason: 'unwritable', message: `The log root ${root.path} cannot be written (${code}).` };
  }
  return { ok: true, session: openRunningSession(root, name, options) };
}

function alreadyThere(name: string): Created {
  return { ok: false, reason: 'exists', message: `A session named ${name} exists already.` };
}

/** Goes on with a session whose recorder is gone: removes the torn last lines and unfinished files it may have left. */
export function reopenRunningSession(root: LogRoot, name: string, options: RunningSessionOptions): RunningSession {
  for (const file of Object.values(SERIES)) {
    const path = join(root.running, name, file);
    if (existsSync(path)) dropTornTail(path);
  }
  for (const file of readdirSync(join(root.running, name))) {
    if (UNFINISHED.test(file)) rmSync(join(root.running, name, file), { force: true });
  }
  return openRunningSession(root, name, options);
}

/** What `writeAtomically`, or a thinning, has not renamed yet. */
const UNFINISHED = /^\.(?:summary\.json|enrollment\.json|stop-request|tree\.jsonl)\.\d+$/;

function openRunningSession(root: LogRoot, name: string, { onProblem }: RunningSessionOptions): RunningSession {
  const dir = join(root.running, name);
  const identity = identityOf(dir);
  let hasProblem = false;
  const tell = (message: string): void => {
    if (!hasProblem) onProblem(message);
    hasProblem = true;
  };
  const onWriteFailure: OnWriteFailure = (path, code) => {
    tell(isReplaced(dir, identity) ? replacedMessage(root) : unwritableMessage(path, code));
  };
  const writers = new Map<keyof typeof SERIES, LineWriter>();
  const writerOf = (file: keyof typeof SERIES): LineWriter => {
    const known = writers.get(file);
    if (known !== undefined) return known;
    const make = file === 'tree' ? createTreeWriter : createLineWriter;
    const made = make(join(dir, SERIES[file]), onWriteFailure);
    writers.set(file, made);
    return made;
  };

  return {
    dir,
    dirName: name,
    append: (file, record) => void writerOf(file).append(jsonLine(record)),
    appendLifecycle: (event) => {
      const line = jsonLine(event);
      writerOf('lifecycle').append(line);
      appendLifecycleLine(root, line, onWriteFailure);
    },
    writeEnrollment: (enrollment) => {
      try {
        writeAtomically(dir, ENROLLMENT_FILE, jsonDocument(enrollment));
      } catch (error) {
        onWriteFailure(join(dir, ENROLLMENT_FILE), codeOf(error));
      }
    },
    onWriteFailure,
    isStopRequested: () => existsSync(join(dir, STOP_FILE)),
    publish: (summary) => {
      for (const writer of writers.values()) writer.close();
      const published = publish(root, { dir, name, identity }, summary);
      if (!published.ok) tell(published.message);
      return published;
    },
  };
}

/** Asks the recorder of a running session to end it. */
export function requestStop(root: LogRoot, name: string): void {
  writeAtomically(join(root.running, name), STOP_FILE, '');
}

interface Publication {
  readonly dir: string;
  readonly name: string;
  readonly identity: string | undefined;
}

/**
 * Summary, rename, index line, and only then the enrollment goes: as long as it is there, it says who owes the line.
 * Dying between any two of these steps leaves something that `recover` finishes.
 */
function publish(root: LogRoot, { dir, name, identity }: Publication, summary: Summary): Published {
  // The root may have been deleted or replaced under us: what now has our path is not our session.
  if (isReplaced(dir, identity)) return { ok: false, reason: 'replaced', message: replacedMessage(root) };
  const target = join(root.sessions, name);
  try {
    writeAtomically(dir, SUMMARY_FILE, jsonDocument(summary));
    for (const file of [STOP_FILE, EXIT_FILE]) rmSync(join(dir, file), { force: true });
    // rename(2) replaces an empty directory, so a name that is taken has to be looked for.
    if (existsSync(target)) {
      return { ok: false, reason: 'taken', message: `${target} exists already; the session stays in ${dir}.` };
    }
    renameSync(dir, target);
  } catch (error) {
    return {
      ok: false,
      reason: 'unwritable',
      message: `The session could not be finished in ${root.path} (${codeOf(error)}); it stays in running/. Make room or rights, then run: session-diagnostics recover`,
    };
  }
  try {
    appendIndexLine(root, indexLineOf(summary));
    dropClaims(target);
  } catch {
    // The directory is the truth and the index a cache: the next reader heals it.
  }
  return { ok: true, dir: target };
}

export function writeAtomically(dir: string, name: string, text: string): void {
  const temporary = join(dir, `.${name}.${process.pid}`);
  try {
    const fd = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(fd, text); // loops over short writes, and throws on a full disk
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, join(dir, name));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function isReplaced(dir: string, identity: string | undefined): boolean {
  return identity === undefined || identityOf(dir) !== identity;
}

function replacedMessage(root: LogRoot): string {
  return `The log root ${root.path} was removed or replaced while the session ran; its record is lost.`;
}

function unwritableMessage(path: string, code: string): string {
  return `${path} cannot be written (${code}). The agent goes on; what cannot be written is missing from its record. If the session stays in running/, make room or rights, then run: session-diagnostics recover`;
}

function identityOf(dir: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(dir, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined; // gone, which is an answer
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'; // node:fs throws nothing else
}
