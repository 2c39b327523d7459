import { lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { jsonDocument, jsonLine } from '../core/words/json.ts';
import type { Enrollment, LifecycleEvent, Summary } from '../core/session/session.ts';
import { openFile } from './door.ts';
import { entriesOf, isOwnFile, removeTree, statOf, withFolder, writeIn, type Folder } from './folders.ts';
import { createLineWriter, dropTornTail, type LineWriter, type OnWriteFailure } from './lineWriter.ts';
import { appendLifecycleLine } from './lifecycleLog.ts';
import { PROCESSES_FILE } from './processCommands.ts';
import { RUNNING, SESSIONS, type LogRoot } from './logRoot.ts';
import { unwritable } from './owners.ts';
import { appendIndexLine, ENROLLMENT_FILE, indexLineOf, SUMMARY_FILE } from './sessionIndex.ts';
import { createMemoryWriter, MEMORY_FILE } from './memoryWriter.ts';
import { dropClaims } from './takeOver.ts';
import { createTreeWriter, treePlace } from './treeWriter.ts';

const STOP_FILE = 'stop-request';
/** The agent's status, from its launcher: in case that nobody lives to take it. */
export const EXIT_FILE = 'exit-status.json';

const SERIES = {
  proc_trace: 'proc_trace.jsonl',
  tree: 'tree.jsonl',
  anomalies: 'anomalies.jsonl',
  lifecycle: 'lifecycle.jsonl',
  processes: PROCESSES_FILE,
} as const;

/** A session that is being recorded: `running/<id>/`. */
export interface RunningSession {
  readonly dir: string;
  readonly dirName: string;
  /** `DEVICE:INODE` of the directory as it was made; `undefined` when it was gone again at once. */
  readonly identity: string | undefined;
  append(file: 'proc_trace' | 'tree' | 'anomalies' | 'processes', record: object): void;
  /** To this session's file and to the log over all sessions. */
  appendLifecycle(event: LifecycleEvent): void;
  writeEnrollment(enrollment: Enrollment): void;
  /** For whoever writes into the session's directory by himself: problems are told once, whoever meets them first. */
  readonly onWriteFailure: OnWriteFailure;
  isStopRequested(): boolean;
  /** Whether its path still leads to it: where another folder has it, nothing of this session is told there. */
  isInPlace(): boolean;
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
  /** The directory is there, and whoever finishes sessions sees it from now on; what makes it durable comes after. */
  readonly onMade?: (made: Pick<RunningSession, 'dir' | 'identity'>) => void;
  /** For a person, at most once in a session's life, a failing publication included: a bad disk fails everything. */
  readonly onProblem: (message: string) => void;
}

/** Makes `running/<id>/` with its enrollment. The session id is the directory's name. */
export function createRunningSession(root: LogRoot, enrollment: Enrollment, options: RunningSessionOptions): Created {
  const name = enrollment.session_id;
  try {
    const isMade = withFolder(root.path, [RUNNING], 'make', (running) =>
      withFolder(root.path, [SESSIONS], 'make', (sessions) => {
        if ([sessions, running].some((folder) => statOf(folder.at(name)) !== undefined)) return false;
        enroll(running, enrollment);
        const dir = join(root.running, name);
        options.onMade?.({ dir, identity: identityOf(dir) });
        running.sync();
        return true;
      }),
    );
    if (!isMade) return alreadyThere(name);
  } catch (error) {
    const code = codeOf(error);
    // Only of the name itself: a file in the root's place is EEXIST too.
    const isNameTaken = (error as NodeJS.ErrnoException).syscall === 'rename';
    if (isNameTaken && (code === 'ENOTEMPTY' || code === 'EEXIST')) return alreadyThere(name);
    return { ok: false, reason: 'unwritable', message: `The log root ${root.path} ${unwritable(code)}.` };
  }
  return { ok: true, session: openRunningSession(root, name, options) };
}

/** Made aside and moved into place: nobody ever sees a running session without its enrollment. */
function enroll(running: Folder, enrollment: Enrollment): void {
  const name = enrollment.session_id;
  const aside = `.new-${process.pid}-${name}`.slice(0, 255);
  mkdirSync(running.at(aside), { mode: 0o700 });
  try {
    running.enter(aside, 'make', (made) => writeIn(made, ENROLLMENT_FILE, jsonDocument(enrollment)));
    renameSync(running.at(aside), running.at(name));
  } catch (error) {
    removeTree(running, aside);
    throw error;
  }
}

function alreadyThere(name: string): Created {
  return { ok: false, reason: 'exists', message: `A session named ${name} exists already.` };
}

/** Goes on with a session whose recorder is gone: removes the torn last lines and unfinished files it may have left. */
export function reopenRunningSession(root: LogRoot, name: string, options: RunningSessionOptions): RunningSession {
  withFolder(root.path, [RUNNING, name], 'own', (folder) => {
    for (const file of Object.values(SERIES)) {
      if (statOf(folder.at(file)) !== undefined) dropTornTail(folder.at(file));
    }
    for (const { name: file } of entriesOf(folder.at('.'))) {
      if (UNFINISHED.test(file)) rmSync(folder.at(file), { force: true });
    }
  });
  return openRunningSession(root, name, options);
}

/** What `writeIn`, or a thinning, has not renamed yet. */
const UNFINISHED = /^\.(?:summary\.json|enrollment\.json|stop-request|tree\.jsonl|memory\.bin)\.\d+$/;

function openRunningSession(root: LogRoot, name: string, { onProblem }: RunningSessionOptions): RunningSession {
  const dir = join(root.running, name);
  const [identity, rootIdentity] = [identityOf(dir), rootIdentityOf(root)];
  const tell = onlyTheFirst(onProblem);
  const onWriteFailure: OnWriteFailure = (path, code) => {
    tell(isReplaced(dir, identity) ? replacedMessage(root) : unwritableMessage(path, code));
  };
  /** In this very session's directory, held open: never in what has its path by now. */
  const inside = <T>(use: (folder: Folder) => T): T =>
    withFolder(root.path, [RUNNING, name], 'own', (folder) => {
      if (stamp(folder.stat) !== identity) throw Object.assign(new Error(`${dir} was replaced`), { code: 'ENOENT' });
      return use(folder);
    });
  const writers = new Map<keyof typeof SERIES, LineWriter>();
  const writerOf = (file: keyof typeof SERIES): LineWriter => {
    const known = writers.get(file);
    if (known !== undefined) return known;
    const path = join(dir, SERIES[file]);
    const open = (): number => inside((folder) => openFile(folder.at(SERIES[file]), 'append'));
    const made =
      file === 'tree'
        ? createTreeWriter(path, onWriteFailure, treePlace(SERIES.tree, inside))
        : createLineWriter(path, onWriteFailure, open);
    writers.set(file, made);
    return made;
  };

  const memory = createMemoryWriter(join(dir, MEMORY_FILE), treePlace(MEMORY_FILE, inside));
  return {
    dir,
    dirName: name,
    identity,
    append: (file, record) => {
      writerOf(file).append(jsonLine(record));
      if (file === 'tree') memory.add(record);
    },
    appendLifecycle: (event) => {
      const line = jsonLine(event);
      writerOf('lifecycle').append(line);
      const isRoot = (folder: Folder): boolean => stamp(folder.stat) === rootIdentity;
      appendLifecycleLine(root, line, { onFailure: onWriteFailure, isRoot });
    },
    writeEnrollment: (enrollment) => {
      try {
        inside((folder) => writeIn(folder, ENROLLMENT_FILE, jsonDocument(enrollment)));
      } catch (error) {
        onWriteFailure(join(dir, ENROLLMENT_FILE), codeOf(error));
      }
    },
    onWriteFailure,
    isStopRequested: () => isOwnFile(join(dir, STOP_FILE)),
    isInPlace: () => !isReplaced(dir, identity),
    publish: (summary) => {
      for (const writer of writers.values()) writer.close();
      memory.close();
      const published = publish(root, { dir, name, identity }, summary);
      if (!published.ok) tell(published.message);
      return published;
    },
  };
}

function onlyTheFirst(onProblem: (message: string) => void): (message: string) => void {
  let hasProblem = false;
  return (message) => {
    if (!hasProblem) onProblem(message);
    hasProblem = true;
  };
}

/** Asks the recorder of a running session to end it. Throws as node:fs does, and where the session is another user's. */
export function requestStop(root: LogRoot, name: string): void {
  withFolder(root.path, [RUNNING, name], 'own', (folder) => writeIn(folder, STOP_FILE, ''));
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
    const isTaken = withFolder(root.path, [RUNNING], 'write', (running) => {
      running.enter(name, 'own', (folder) => {
        if (stamp(folder.stat) !== identity) throw Object.assign(new Error(`${dir} was replaced`), { code: 'ENOENT' });
        writeIn(folder, SUMMARY_FILE, jsonDocument(summary));
        for (const file of [STOP_FILE, EXIT_FILE]) rmSync(folder.at(file), { force: true });
      });
      return withFolder(root.path, [SESSIONS], 'write', (sessions) => {
        // rename(2) replaces an empty directory, so a name that is taken has to be looked for.
        if (statOf(sessions.at(name)) !== undefined) return true;
        renameSync(running.at(name), sessions.at(name));
        sessions.sync();
        running.sync();
        return false;
      });
    });
    if (isTaken) {
      return { ok: false, reason: 'taken', message: `${target} exists already; the session stays in ${dir}.` };
    }
  } catch (error) {
    return {
      ok: false,
      reason: 'unwritable',
      message: `The session could not be finished: ${root.path} ${unwritable(codeOf(error))}. It stays in running/. Make room or rights, then run: session-diagnostics recover`,
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

/** Into a folder that a person named, or that is known to be ours. Throws as node:fs does. */
export function writeAtomically(dir: string, name: string, text: string): void {
  withFolder(dir, [], 'read', (folder) => writeIn(folder, name, text));
}

function isReplaced(dir: string, identity: string | undefined): boolean {
  return identity === undefined || identityOf(dir) !== identity;
}

function replacedMessage(root: LogRoot): string {
  return `The log root ${root.path} was removed or replaced while the session ran; its record is lost.`;
}

function unwritableMessage(path: string, code: string): string {
  return `${path} ${unwritable(code)}. The agent goes on; what cannot be written is missing from its record. If the session stays in running/, make room or rights, then run: session-diagnostics recover`;
}

function identityOf(dir: string): string | undefined {
  try {
    return stamp(lstatSync(dir, { bigint: true }));
  } catch {
    return undefined; // gone, which is an answer
  }
}

function rootIdentityOf(root: LogRoot): string | undefined {
  try {
    return withFolder(root.path, [], 'read', ({ stat }) => stamp(stat));
  } catch {
    return undefined; // gone, which is an answer
  }
}

function stamp({ dev, ino }: Folder['stat']): string {
  return `${dev}:${ino}`;
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'; // node:fs throws nothing else
}
