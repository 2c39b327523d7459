import type { LogRoot } from '../logs/logRoot.ts';
import { DEFAULT_MAX_SESSIONS, pruneSessions } from '../logs/retention.ts';
import { readWorkspaceConfig } from '../logs/workspaceConfig.ts';
import { newId } from './chosenSession.ts';
import type { CommandContext } from './command.ts';
import { otlpEndpoint } from './exportSession.ts';

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
  };
}

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
