import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { besideRecorders } from '../../src/cli/publication.ts';
import { startTicksOf } from '../../src/recorder/proc/ownProcess.ts';

/** Drives the built command line, as a user would. */
export const CLI = resolve(import.meta.dirname, '../../dist/cli.js');

export interface Finished {
  /** As a shell's `$?` shows it: 128 + n for a death by signal n. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly node?: string;
  /** As another user, which only root can. */
  readonly uid?: number;
  /** Its stderr is a terminal: there, and only there, `run` has something to say. */
  readonly isStderrTerminal?: boolean;
}

/** Gives a command a terminal as stderr, and copies what appears there. */
const STDERR_TERMINAL = `
import os, pty, subprocess, sys, threading
screen, terminal = pty.openpty()
child = subprocess.Popen(sys.argv[1:], stderr=terminal)
os.close(terminal)
def copy():
    try:
        while data := os.read(screen, 4096): os.write(2, data.replace(b"\\r", b""))
    except OSError: pass
reader = threading.Thread(target=copy); reader.start()
code = child.wait()
reader.join()
os._exit(code if code >= 0 else 128 - code)
`;

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

export function startCli(args: readonly string[], options: StartOptions = {}): Started {
  const node = options.node ?? process.execPath;
  const [program, ...before] =
    options.isStderrTerminal === true ? ['python3', '-c', STDERR_TERMINAL, node, CLI] : [node, CLI];
  const child = spawn(program ?? node, [...before, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const finished = new Promise<Finished>((resolveFinished) => {
    child.once('close', (code, signal) => resolveFinished({ code: code ?? shellCode(signal), signal, stdout, stderr }));
  });
  return { child, finished };
}

/** Until each recorder of this root whose agent has ended is gone: session, index line, incident and export are done. */
export async function published(logDir: string): Promise<void> {
  const isBusy = ({ pid, logDir: its, agent }: ReturnType<typeof besideRecorders>[number]): boolean =>
    its === resolve(logDir) && startTicksOf(pid) !== undefined && startTicksOf(agent.pid) !== agent.startTicks;
  await until(`the recorders of ${logDir}`, () => !besideRecorders().some(isBusy), 60_000);
}

/** Recorder, launcher and agent at one blow: nobody is left to write anything. */
export function killAllOf(root: TestRoot, id: string, { child }: Pick<Started, 'child'>): void {
  const { recorder, spawned } = root.json('running', id, 'enrollment.json') as {
    readonly recorder: { readonly pid: number };
    readonly spawned: { readonly pid: number };
  };
  process.kill(recorder.pid, 'SIGKILL');
  child.kill('SIGKILL');
  try {
    process.kill(spawned.pid, 'SIGKILL');
  } catch {
    // it has died with its launcher
  }
}

export function shellCode(signal: NodeJS.Signals | null): number | null {
  return signal === null ? null : 128 + constants.signals[signal];
}

export async function runCli(args: readonly string[], options: StartOptions = {}): Promise<Finished> {
  const finished = await startCli(args, options).finished;
  const logDir = args[args.indexOf('--log-dir') + 1];
  // `run` returns with its agent, and tests look at what its recorder publishes a moment later.
  if (args[0] === 'run' && args.includes('--log-dir') && logDir !== undefined) await published(logDir);
  return finished;
}

/** A log root in a temporary folder, removed by `remove`. */
export interface TestRoot {
  readonly path: string;
  sessionIds(): string[];
  runningIds(): string[];
  json(...segments: string[]): Record<string, unknown>;
  /** None when the file is not there yet. */
  lines(...segments: string[]): Record<string, unknown>[];
  remove(): void;
}

export function testRoot(): TestRoot {
  const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-test-'));
  const path = join(home, 'logs');
  const names = (folder: string) =>
    // A name with a leading dot is a session that is being made, or one that died in it: nobody's yet.
    existsSync(join(path, folder))
      ? readdirSync(join(path, folder))
          .filter((name) => !name.startsWith('.'))
          .sort()
      : [];
  return {
    path,
    sessionIds: () => names('sessions'),
    runningIds: () => names('running'),
    json: (...segments) => JSON.parse(readFileSync(join(path, ...segments), 'utf8')) as Record<string, unknown>,
    lines: (...segments) =>
      (existsSync(join(path, ...segments)) ? readFileSync(join(path, ...segments), 'utf8') : '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** Waits for a state instead of a time. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) assert.fail(`waited ${timeoutMs} ms in vain for ${what}`);
    await delay(20);
  }
}

export interface ShownSession {
  readonly summary: Record<string, unknown>;
  readonly verdict: {
    readonly outcome: string;
    readonly cause: string;
    readonly layer: string;
    readonly confidence: string;
    readonly evidence: readonly {
      readonly kind: string;
      readonly name?: string;
      readonly value?: number;
      readonly pid?: number;
    }[];
  };
  readonly anomalies: readonly { readonly kind: string; readonly severity: string }[];
  readonly lifecycle: readonly {
    readonly event: string;
    readonly reason?: string;
    readonly context?: Record<string, unknown>;
  }[];
  readonly state: string;
  readonly leftovers: readonly { readonly pid: number }[];
}

export async function showSession(root: TestRoot, id: string): Promise<ShownSession> {
  await published(root.path); // `show` itself waits 2 s, too little for a machine that is busy with tests
  const shown = await runCli(['show', id, '--log-dir', root.path, '--json']);
  assert.equal(shown.code, 0, shown.stderr);
  return JSON.parse(shown.stdout) as ShownSession;
}
