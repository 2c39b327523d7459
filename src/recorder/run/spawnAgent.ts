import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ExitFacts } from '../../core/death/deathFacts.ts';
import { signalNumber } from '../../core/words/signals.ts';

export type AgentOutput =
  /** Through pipes that we read: passed on and captured. */
  | { readonly kind: 'piped' }
  /** The agent writes to these descriptors itself: a dead recorder cannot break it. */
  | { readonly kind: 'direct'; readonly stdoutFd: number; readonly stderrFd: number }
  | { readonly kind: 'inherit' }
  | { readonly kind: 'discard' };

export interface SpawnedAgent {
  readonly pid: number;
  /** Resolves as soon as the process is reaped; its pipes may still be held open by what it left behind. */
  readonly exit: Promise<ExitFacts>;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
}

export type Launch =
  | { readonly ok: true; readonly agent: SpawnedAgent }
  | { readonly ok: false; readonly code: string; readonly message: string };

export interface SpawnOptions {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly output: AgentOutput;
  readonly isStdinClosed: boolean;
}

/** Starts the agent as the leader of a session and process group of its own, so that a signal reaches all of it. */
export async function spawnAgent(options: SpawnOptions): Promise<Launch> {
  const [program, ...args] = options.command;
  if (program === undefined || program === '') return { ok: false, code: 'ENOENT', message: 'the command is empty' };
  let child: ChildProcess;
  try {
    child = spawn(program, args, {
      env: agentEnvironment(options.env),
      detached: process.platform !== 'win32',
      stdio: stdioOf(options),
    });
  } catch (error) {
    // A NUL byte in an argument, or an argument list too long, is thrown at once instead of emitted.
    return launchFailure(error);
  }
  const exit = new Promise<ExitFacts>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const launched = await new Promise<Launch | undefined>((resolve) => {
    child.once('spawn', () => resolve(undefined));
    child.once('error', (error) => resolve(launchFailure(error)));
  });
  if (launched !== undefined) return launched;
  child.on('error', () => undefined); // after the launch this is a failed kill or send: the exit event tells the truth
  const { pid } = child;
  if (pid === undefined) return { ok: false, code: 'ESRCH', message: 'the process has no pid' };
  return {
    ok: true,
    agent: { pid, exit, stdout: child.stdout ?? undefined, stderr: child.stderr ?? undefined },
  };
}

/** Inside an editor we run as Electron's Node; the agent must not inherit the switch that makes it so. */
function agentEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _ours, ...rest } = env;
  return process.versions['electron'] === undefined ? env : rest;
}

function stdioOf({ output, isStdinClosed }: SpawnOptions): StdioOptions {
  const stdin = isStdinClosed ? 'ignore' : 'inherit';
  switch (output.kind) {
    case 'piped':
      return [stdin, 'pipe', 'pipe'];
    case 'direct':
      return [stdin, output.stdoutFd, output.stderrFd];
    case 'inherit':
      return [stdin, 'inherit', 'inherit'];
    case 'discard':
      return [stdin, 'ignore', 'ignore'];
  }
}

function launchFailure(error: unknown): Launch {
  const { code, message } = error as NodeJS.ErrnoException; // spawn throws and emits nothing else
  return { ok: false, code: code ?? 'UNKNOWN', message };
}

/** What a shell's `$?` would show: the code, or 128 + n for a death by signal n. */
export function exitCodeOf({ code, signal }: ExitFacts): number {
  return signal === null ? (code ?? 1) : 128 + (signalNumber(signal) ?? 0);
}
