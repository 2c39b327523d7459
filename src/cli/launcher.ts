import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findExitCarrier, type ExitCarrier } from '../recorder/exitCarrier.ts';
import type { CommandContext } from './command.ts';

/** Whoever wants to see how `run` does without it says so: `SESSION_DIAGNOSTICS_NATIVE=off`. */
export const NATIVE_VARIABLE = 'SESSION_DIAGNOSTICS_NATIVE';

/** The native program of this platform beside ours; `undefined` where there is none, or nobody wants it. */
export function nativeProgram(programPath: string, env: NodeJS.ProcessEnv): string | undefined {
  if (env[NATIVE_VARIABLE] === 'off') return undefined;
  const path = join(dirname(programPath), 'native', `${process.platform}-${process.arch}`, 'session-diagnostics');
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined; // not built for this platform
  }
}

/** Who asks the kernel how processes end that are not ours. */
export function exitCarrierOf({
  programPath,
  env,
}: Pick<CommandContext, 'programPath' | 'env'>): ExitCarrier | undefined {
  return findExitCarrier(nativeProgram(programPath, env), env);
}

export interface LaunchOptions {
  readonly native: string;
  readonly flags: readonly string[];
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Becomes the launcher: Node is replaced in its place, so that the agent's parent is who the caller started. Where Node
 * cannot be replaced (before 22.15) it stays above the launcher, hands signals on and ends as it does.
 */
export function becomeLauncher({ native, flags, command, env }: LaunchOptions): Promise<number> {
  const { ELECTRON_RUN_AS_NODE: electron, ...rest } = env;
  const isElectron = process.versions['electron'] !== undefined && electron !== undefined;
  const given = isElectron ? rest : env;
  const by = typeof process.execve === 'function' ? '--through-node' : '--under-node';
  const args = [
    'run',
    `${by}=${process.execPath}`,
    ...(isElectron ? ['--electron'] : []),
    ...exactBytes(command, given),
    ...flags,
    '--',
    ...command,
  ];
  if (typeof process.execve === 'function') {
    // It warns of being experimental, on the agent's stderr.
    process.removeAllListeners('warning');
    process.execve(native, ['session-diagnostics', ...args], given);
  }
  return runBelow(native, args, given);
}

/** Not those of a terminal, which the launcher gets with its whole group. */
const HANDED_ON = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGCONT'] as const;

function runBelow(native: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(native, args, { stdio: 'inherit', env });
    const handOn = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of HANDED_ON) process.on(signal, handOn);
    child.once('error', () => resolve(126));
    child.once('exit', (code, signal) => {
      for (const handled of HANDED_ON) process.off(handled, handOn);
      if (signal !== null) process.kill(process.pid, signal);
      resolve(code ?? 1);
    });
  });
}

/**
 * Node reads arguments and environment as UTF-8 and loses what is not. Where it has (U+FFFD), the launcher gets the
 * bytes as the kernel keeps them, in hex.
 */
function exactBytes(command: readonly string[], env: NodeJS.ProcessEnv): readonly string[] {
  try {
    const flags: string[] = [];
    if (command.some((word) => word.includes('\u{fffd}'))) {
      const words = readFileSync('/proc/self/cmdline', 'latin1').split('\0');
      const bytes = words.slice(words.indexOf('--') + 1).join('\0');
      flags.push(`--command-bytes=${Buffer.from(bytes, 'latin1').toString('hex')}`);
    }
    if (Object.entries(env).some(([name, value]) => `${name}${value ?? ''}`.includes('\u{fffd}'))) {
      flags.push(`--environment-bytes=${readFileSync('/proc/self/environ').toString('hex')}`);
    }
    return flags;
  } catch {
    return []; // no /proc: as Node reads them
  }
}
