import { spawn } from 'node:child_process';
import type { LogRoot } from '../../logs/logRoot.ts';
import { DEFAULT_MAX_SESSIONS, pruneSessions } from '../../logs/retention.ts';
import { readWorkspaceConfig } from '../../logs/workspaceConfig.ts';
import { launchExitCode } from '../../recorder/launchFailure.ts';
import { recordRun } from '../../recorder/recordRun.ts';
import { exitCodeOf, type Launch } from '../../recorder/spawnAgent.ts';
import { exportEnded, otlpEndpoint } from '../exportSession.ts';
import { failureFinder } from '../findFailures.ts';
import { redactorFor } from '../redactorFor.ts';
import type { Command, CommandContext } from '../command.ts';
import { chosenRoot } from '../chosenRoot.ts';
import { newId } from '../chosenSession.ts';
import { CommandError, UsageError } from '../failure.ts';
import { printable } from '../terminal.ts';

export const DEFAULT_INTERVAL_SECONDS = 5;
export const DEFAULT_GRACE_SECONDS = 5;
const LEAST_SECONDS = 0.1;

export const run: Command = {
  usage: '[flags] -- COMMAND ARG...',
  summary: 'Runs an agent and keeps the evidence of whatever happens to it',
  takesCommand: true,
  flagHelp: [
    ['--id ID', 'the session’s name, instead of a fresh one'],
    ['--interval S', `seconds between samples, from 0.1 (${DEFAULT_INTERVAL_SECONDS})`],
    ['--timeout S', 'ends the agent after this many seconds: TERM, then KILL'],
    ['--grace S', `seconds between TERM and KILL (${DEFAULT_GRACE_SECONDS})`],
    ['--label TEXT', 'a note kept with the session'],
    ['--no-capture', 'does not keep stdout and stderr'],
    ['--detach', 'prints the id at once and goes on recording in the background'],
    ['--otlp-endpoint URL', 'sends the ended session to an OpenTelemetry receiver'],
    ['--max-sessions N', `keeps the newest N sessions of the log root (${DEFAULT_MAX_SESSIONS})`],
  ],
  flags: {
    id: { type: 'string' },
    interval: { type: 'string' },
    timeout: { type: 'string' },
    grace: { type: 'string' },
    label: { type: 'string' },
    'no-capture': { type: 'boolean' },
    detach: { type: 'boolean' },
    'max-sessions': { type: 'string' },
    'otlp-endpoint': { type: 'string' },
    // The detached recorder itself: `run --detach` starts it.
    background: { type: 'boolean' },
  },
  run: async (context) => {
    const { args, command, terminal } = context;
    if (command.length === 0 || command[0] === '') {
      throw new UsageError('Run what? Put the command behind --: session-diagnostics run -- claude -p "..."');
    }
    const id = newId(args);
    // Numbers are refused now, not when the agent runs or has ended.
    const intervalSeconds = sampleInterval(context);
    const timeoutSeconds = args.number('timeout', LEAST_SECONDS);
    const graceSeconds = args.number('grace', 0) ?? DEFAULT_GRACE_SECONDS;
    const maxSessions = Math.floor(args.number('max-sessions', 0) ?? DEFAULT_MAX_SESSIONS);
    otlpEndpoint({ args, env: {} }); // a flag is refused now, not when the session has ended
    if (args.isSet('detach')) return runDetached(context, id);
    const root = chosenRoot(context);
    const isBackground = args.isSet('background');
    const end = await recordRun({
      root,
      id,
      command,
      cwd: context.cwd,
      env: context.env,
      stdinIsTerminal: process.stdin.isTTY && !isBackground,
      intervalSeconds,
      timeoutSeconds,
      graceSeconds,
      label: args.text('label'),
      isCaptured: !args.isSet('no-capture'),
      isDetached: isBackground,
      redactor: redactorFor(context),
      findFailures: failureFinder(root, context),
      onLaunched: (launch) => {
        if (isBackground) tellParent(launch);
        else if (!launch.ok) terminal.err(launchMessage(command, launch));
      },
      warn: (message) => {
        if (isBackground) warnParent(message);
        else terminal.err(`session-diagnostics: ${message}`);
      },
    });
    if (end.isPublished) {
      await exportEnded(context, id);
      keepNewest(context, root, maxSessions);
    }
    return exitCodeOf(end.exit);
  },
};

/** The flag, then the workspace's own configuration, then the usual one. */
export function sampleInterval({ args, cwd, home }: CommandContext): number {
  const workspace = readWorkspaceConfig(cwd, home)?.procIntervalSeconds ?? DEFAULT_INTERVAL_SECONDS;
  return args.number('interval', LEAST_SECONDS) ?? Math.max(LEAST_SECONDS, workspace);
}

/** Retention is housekeeping: where it fails, the session is kept all the same and the agent's exit code stands. */
function keepNewest({ terminal }: CommandContext, root: LogRoot, maxSessions: number): void {
  try {
    pruneSessions(root, maxSessions);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    terminal.err(`session-diagnostics: Old sessions in ${root.path} could not be removed (${code}).`);
  }
}

function launchMessage(command: readonly string[], launch: Extract<Launch, { ok: false }>): string {
  const program = printable(command[0] ?? '');
  switch (launch.code) {
    case 'ENOENT':
      return `session-diagnostics: ${program}: command not found. Is it installed, and on the PATH of this shell?`;
    case 'EACCES':
      return `session-diagnostics: ${program} may not be executed: it is not executable, or a directory. chmod +x helps for a script.`;
    default:
      return `session-diagnostics: ${program} could not be started (${launch.code}).`;
  }
}

/** What a detached recorder tells the process that started it. */
type Launched = { readonly ok: true } | { readonly ok: false; readonly code: string; readonly message: string };

/** A sentence for the person who started it. Once the agent runs, that person is no longer there. */
function warnParent(warning: string): void {
  if (process.connected) process.send?.({ warning });
}

function tellParent(launch: Launch): void {
  process.send?.(launch.ok ? { ok: true } : launch);
  process.disconnect?.();
}

/** Starts the recorder in a session of its own, waits until the agent runs, prints the id. */
async function runDetached(context: CommandContext, id: string): Promise<number> {
  const { terminal, args, command } = context;
  const flags = (
    ['log-dir', 'interval', 'timeout', 'grace', 'label', 'max-sessions', 'otlp-endpoint'] as const
  ).flatMap((flag) => {
    const value = args.text(flag);
    return value === undefined ? [] : [`--${flag}=${value}`];
  });
  if (args.isSet('no-capture')) flags.push('--no-capture');
  const child = spawn(
    process.execPath,
    [...process.execArgv, context.programPath, 'run', `--id=${id}`, '--background', ...flags, '--', ...command],
    { cwd: context.cwd, env: context.env, detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
  );
  const launched = await new Promise<Launched>((resolve) => {
    child.on('message', (message) => {
      const told = message as Launched | { readonly warning: string }; // our own program, a few lines above
      if ('warning' in told) terminal.err(`session-diagnostics: ${told.warning}`);
      else resolve(told);
    });
    child.once('error', (error) => resolve({ ok: false, code: 'ESPAWN', message: error.message }));
    child.once('exit', (code) => resolve({ ok: false, code: 'EEXIT', message: `the recorder ended with ${code}` }));
  });
  child.unref();
  terminal.out(args.isSet('json') ? JSON.stringify({ id, launched: launched.ok }) : id);
  if (launched.ok) return 0;
  if (launched.code === 'EEXIT' || launched.code === 'ESPAWN') {
    throw new CommandError(`The recorder could not be started: ${launched.message}.`);
  }
  terminal.err(launchMessage(command, launched));
  return launchExitCode(launched.code);
}
