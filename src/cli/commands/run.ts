import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fstatSync } from 'node:fs';
import { hangsOnOpenStdin } from '../../core/session/agentKind.ts';
import { secretsOfEnvironment } from '../../core/privacy/redact.ts';
import { childContext, TRACEPARENT } from '../../core/words/traceContext.ts';
import { DEFAULT_MAX_SESSIONS } from '../../logs/retention.ts';
import { launchExitCode } from '../../recorder/session/launchFailure.ts';
import { recordRun } from '../../recorder/session/recordRun.ts';
import { makeLimitGroups, type Limits } from '../../recorder/run/limitGroups.ts';
import { exitCodeOf, type Launch } from '../../recorder/run/spawnAgent.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import type { Arguments } from '../arguments.ts';
import { badEndLine, BESIDE_FLAGS, runBeside } from '../besideRun.ts';
import { chosenRoot, recordingSwitchedOff } from '../chosenRoot.ts';
import { isServed } from '../ci/ciSystem.ts';
import { serveCaller } from '../ci/serveCaller.ts';
import { exitMapOf } from '../ci/exitMap.ts';
import type { Command, CommandContext } from '../command.ts';
import { exportEnded, isSent } from '../exportSession.ts';
import { CommandError, UsageError } from '../failure.ts';
import { exitCarrierOf } from '../exitCarrierOf.ts';
import { becomeLauncher, nativeProgram, NATIVE_VARIABLE } from '../launcher.ts';
import { ON_END_HELP, tellEnd } from './onEnd.ts';
import { redactorFor } from '../redactorFor.ts';
import {
  DEFAULT_GRACE_SECONDS,
  DEFAULT_INTERVAL_SECONDS,
  keepNewest,
  PROTECT_HELP,
  RUN_FLAGS,
  runSettings,
  type RunSettings,
} from '../runSettings.ts';
import { printable } from '../terminal.ts';

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
    PROTECT_HELP,
    ['--guard tell|freeze|end', 'before the memory is full: tells of, stops, or stops and ends the tool that fills it'],
    ['--reap-helpers', 'ends, while it runs, what its processes left behind for ten seconds'],
    ['--end-after-result S', 'ends an agent that has given its result and lives on for S seconds'],
    ['--memory-limit N', 'all of it together may take so much memory, such as 8G'],
    ['--pids-limit N', 'it may be so many processes and threads'],
    ['--cpu-limit N', 'it may use so many cores, such as 1.5'],
    ['--stdin inherit|close', 'hands our stdin on, or none (handed on; closed for agents that hang on an open one)'],
    ['--no-capture', 'does not keep stdout and stderr'],
    ['--redact-output', 'takes credentials out of what is kept of them, before it reaches the disk'],
    ['--detach', 'prints the id at once and goes on recording in the background'],
    ['--otlp-endpoint URL', 'sends the ended session to an OpenTelemetry receiver'],
    ON_END_HELP,
    ['--ci', 'tells a bad end to the CI system it runs under (by itself on GitHub, GitLab, Buildkite and Jenkins)'],
    ['--no-ci', 'tells no CI system anything'],
    ['--ci-text', 'adds the command and what it printed last, redacted: such pages are often public'],
    ['--exit-map CLASS=CODE,...', 'another exit code for a bad end by whose fault it was, such as environment=75'],
    ['--bundle FILE', 'writes the session’s private bundle there when it has ended'],
    ['--junit FILE', 'writes the session there as a JUnit test result'],
    ['--max-sessions N', `keeps the newest N sessions of the log root (${DEFAULT_MAX_SESSIONS})`],
    ['--quiet', 'no sentence of ours on a terminal'],
  ],
  flags: {
    ...RUN_FLAGS,
    // The detached recorder where there is no native program: `run --detach` starts it.
    background: { type: 'boolean' },
    'check-first': { type: 'boolean' },
    ...BESIDE_FLAGS,
  },
  run: async (context) => {
    const { args, env, programPath } = context;
    if (args.isSet('beside')) return runBeside(context);
    const settings = checkedSettings(context);
    const native = nativeProgram(programPath, env);
    if (native !== undefined && !args.isSet('background')) {
      const groups = limitGroupFlags(settings);
      const flags = [...groups, ...flagsOf(args), ...(groups.length === 0 ? [] : [`--id=${settings.id}`])];
      return becomeLauncher({ native, flags, command: context.command, env });
    }
    refuseLimits(settings);
    if (args.isSet('detach') && args.isSet('redact-output')) {
      throw new CommandError(
        'Without its native program `run --detach` has the agent write to the log by itself, unredacted: leave --redact-output out, or keep nothing with --no-capture.',
      );
    }
    if (args.isSet('detach')) return runDetached(context, settings.id);
    return runWithoutLauncher(context, settings);
  },
};

/** What is wrong is refused now, not when the agent runs or has ended. */
function checkedSettings(context: CommandContext): RunSettings {
  const { args, command } = context;
  if (command.length === 0 || command[0] === '') {
    throw new UsageError('Run what? Put the command behind --: session-diagnostics run -- claude -p "..."');
  }
  exitMapOf(args);
  const stdin = args.text('stdin');
  if (stdin !== undefined && stdin !== 'inherit' && stdin !== 'close') {
    throw new UsageError(`--stdin takes inherit or close, not "${stdin}".`);
  }
  return runSettings(context);
}

/** Made before there is an agent, which then starts inside: it never runs without a limit that was asked for. */
function limitGroupFlags({ id, prevention: { limits } }: RunSettings): readonly string[] {
  if (!hasLimit(limits)) return [];
  const made = makeLimitGroups(id, limits);
  if (!made.ok) throw new CommandError(made.message);
  return made.directories.map((directory) => `--limit-group=${directory}`);
}

function refuseLimits({ prevention: { limits } }: RunSettings): void {
  if (hasLimit(limits))
    throw new CommandError('Limits are set by the native program, which is not there: see `doctor`.');
}

function hasLimit({ memoryKb, pids, cpus }: Limits): boolean {
  return memoryKb !== undefined || pids !== undefined || cpus !== undefined;
}

async function runWithoutLauncher(context: CommandContext, settings: RunSettings): Promise<number> {
  const { args, command, terminal } = context;
  const root = chosenRoot(context);
  const isBackground = args.isSet('background');
  const end = await recordRun({
    ...settings,
    root,
    command,
    cwd: context.cwd,
    env: withoutSwitch(context.env),
    isStdinClosed: isBackground || closesStdin(args.text('stdin'), command),
    isCaptured: !args.isSet('no-capture'),
    switchedOff: recordingSwitchedOff(context),
    isDetached: isBackground,
    redactor: redactorFor(context),
    redactedSecrets: args.isSet('redact-output') ? secretsOfEnvironment(context.env) : undefined,
    surroundings: context,
    exitCarrier: exitCarrierOf(context),
    trace: isSent(context) ? childContext(context.env[TRACEPARENT], randomBytes(24).toString('hex')) : undefined,
    onLaunched: (launch) => {
      if (isBackground) tellParent(launch);
      else if (!launch.ok) terminal.err(launchMessage(command, launch));
    },
    warn: (message) => {
      if (isBackground) warnParent(message);
      else if (process.stderr.isTTY && !args.isSet('quiet')) terminal.err(`session-diagnostics: ${message}`);
    },
  });
  let code: number | undefined;
  if (end.isPublished) {
    const line =
      isBackground || !process.stderr.isTTY || args.isSet('quiet') ? undefined : badEndLine(context, root, settings.id);
    if (line !== undefined) terminal.err(line);
    code = await servedCode(context, root, settings.id);
    await tellEnd(context, root, settings.id);
    await exportEnded(context, settings.id);
    keepNewest(context, root, settings.maxSessions);
  }
  return code ?? exitCodeOf(end.exit);
}

async function servedCode(context: CommandContext, root: LogRoot, id: string): Promise<number | undefined> {
  if (!isServed(context.args, context.env)) return undefined;
  let asked: number | undefined;
  await serveCaller(context, root, id, { print: context.terminal.err, exitAs: (code) => (asked = code) });
  return asked;
}

/** How `run` was told to do without its launcher is not the agent's business. */
function withoutSwitch({ [NATIVE_VARIABLE]: _ours, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

/** A file or a pipe was meant for the agent; on a terminal or a socket some agents wait for ever. */
function closesStdin(given: string | undefined, command: readonly string[]): boolean {
  if (given !== undefined) return given === 'close';
  return hangsOnOpenStdin(command) && !isFileOrPipe(0);
}

function isFileOrPipe(fd: number): boolean {
  try {
    const at = fstatSync(fd);
    return at.isFile() || at.isFIFO();
  } catch {
    return false; // closed
  }
}

/** Our own flags as they were given, in the one form that the launcher reads without a question. */
function flagsOf(args: Arguments): readonly string[] {
  return Object.entries(RUN_FLAGS).flatMap(([name, { type }]) => {
    if (type === 'boolean') return args.isSet(name) ? [`--${name}`] : [];
    const value = args.text(name);
    return value === undefined || value === '' ? [] : [`--${name}=${value}`];
  });
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
  const flags = flagsOf(args).filter((flag) => !/^--(?:detach|json|id=)/.test(flag));
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
