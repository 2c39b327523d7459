import type { LogRoot } from '../logs/logRoot.ts';
import { DEFAULT_MAX_SESSIONS, pruneSessions } from '../logs/retention.ts';
import { readWorkspaceConfig } from '../logs/workspaceConfig.ts';
import { wordOf } from '../core/words/vocabulary.ts';
import { GUARD_MODES, type GuardMode } from '../recorder/run/guard.ts';
import type { Limits } from '../recorder/run/limitGroups.ts';
import type { PreventionSettings } from '../recorder/session/prevention.ts';
import type { Arguments } from './arguments.ts';
import { newId } from './chosenSession.ts';
import type { CommandContext } from './command.ts';
import { otlpEndpoint } from './exportSession.ts';
import { UsageError } from './failure.ts';

export const DEFAULT_INTERVAL_SECONDS = 5;
export const DEFAULT_GRACE_SECONDS = 5;
const LEAST_SECONDS = 0.1;

/** What a person may say of a run. The launcher has the same table (src/native/options.c); a test compares them. */
export const RUN_FLAGS = {
  'log-dir': { type: 'string' },
  id: { type: 'string' },
  interval: { type: 'string' },
  timeout: { type: 'string' },
  grace: { type: 'string' },
  label: { type: 'string' },
  stdin: { type: 'string' },
  'max-sessions': { type: 'string' },
  'otlp-endpoint': { type: 'string' },
  'on-end': { type: 'string' },
  ci: { type: 'boolean' },
  'no-ci': { type: 'boolean' },
  'ci-text': { type: 'boolean' },
  'exit-map': { type: 'string' },
  bundle: { type: 'string' },
  junit: { type: 'string' },
  protect: { type: 'boolean' },
  guard: { type: 'string' },
  'reap-helpers': { type: 'boolean' },
  'end-after-result': { type: 'string' },
  'memory-limit': { type: 'string' },
  'pids-limit': { type: 'string' },
  'cpu-limit': { type: 'string' },
  'no-capture': { type: 'boolean' },
  'redact-output': { type: 'boolean' },
  detach: { type: 'boolean' },
  quiet: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** The numbers and words of a run, checked. */
export interface RunSettings {
  readonly id: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number | undefined;
  readonly graceSeconds: number;
  readonly maxSessions: number;
  readonly label: string | undefined;
  readonly prevention: PreventionSettings;
}

export function runSettings(context: CommandContext): RunSettings {
  const { args } = context;
  otlpEndpoint({ args, env: {} }); // a flag is refused now, not when the session has ended
  return {
    id: newId(args),
    intervalSeconds: sampleInterval(context),
    timeoutSeconds: args.number('timeout', LEAST_SECONDS),
    graceSeconds: args.number('grace', 0) ?? DEFAULT_GRACE_SECONDS,
    maxSessions: Math.floor(args.number('max-sessions', 0) ?? DEFAULT_MAX_SESSIONS),
    label: args.text('label'),
    prevention: preventionSettings(context),
  };
}

/** What was asked for, so that the session dies less often. */
export function preventionSettings({ args }: CommandContext): PreventionSettings {
  return {
    protects: args.isSet('protect'),
    guard: guardOf(args),
    reaps: args.isSet('reap-helpers'),
    endAfterResultSeconds: args.number('end-after-result', LEAST_SECONDS),
    limits: limitsOf(args),
    limitGroups: args.texts('limit-group'),
  };
}

function guardOf(args: Arguments): GuardMode | undefined {
  const text = args.text('guard');
  const mode = wordOf(GUARD_MODES, text);
  if (text !== undefined && mode === undefined) {
    throw new UsageError(`--guard takes tell, freeze or end, not "${text}".`);
  }
  return mode;
}

function limitsOf(args: Arguments): Limits {
  const pids = args.number('pids-limit', 1);
  return {
    memoryKb: kilobytesOf(args.text('memory-limit')),
    pids: pids === undefined ? undefined : Math.floor(pids),
    cpus: args.number('cpu-limit', 0.01),
  };
}

const UNITS_KB = { K: 1, M: 1024, G: 1024 ** 2, T: 1024 ** 3 } as const;
/** Less than a Node or Python needs to begin with. */
const LEAST_MEMORY_KB = 4096;

function kilobytesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)([KMGT])(?:i?B)?$/i.exec(text) ?? [];
  const factor = Object.entries(UNITS_KB).find(([letter]) => letter === unit?.toUpperCase())?.[1];
  const kb = Math.floor(Number(number) * (factor ?? Number.NaN));
  if (kb >= LEAST_MEMORY_KB) return kb;
  throw new UsageError(`--memory-limit takes an amount from 4M, such as 8G or 512M, not "${text}".`);
}

export const PROTECT_HELP = [
  '--protect',
  'when memory runs out, the kernel takes what the agent started before the agent',
] as const;

/** The flag, then the workspace's own configuration, then the usual one. */
export function sampleInterval({ args, cwd, home }: CommandContext): number {
  const workspace = readWorkspaceConfig(cwd, home)?.procIntervalSeconds ?? DEFAULT_INTERVAL_SECONDS;
  return args.number('interval', LEAST_SECONDS) ?? Math.max(LEAST_SECONDS, workspace);
}

/** Retention is housekeeping: where it fails, the session is kept all the same and the agent's exit code stands. */
export function keepNewest({ terminal }: CommandContext, root: LogRoot, maxSessions: number): void {
  try {
    pruneSessions(root, maxSessions);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    terminal.err(`session-diagnostics: Old sessions in ${root.path} could not be removed (${code}).`);
  }
}
