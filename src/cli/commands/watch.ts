import { readFileSync } from 'node:fs';
import { watchCost, type WatchStatus } from '../../core/session/watchStatus.ts';
import { isoFromMs } from '../../core/words/time.ts';
import { createLogRoot, type LogRoot } from '../../logs/logRoot.ts';
import { DEFAULT_MAX_SESSIONS } from '../../logs/retention.ts';
import { readWorkspaceConfig } from '../../logs/workspaceConfig.ts';
import type { Release } from '../../recorder/session/recordAttached.ts';
import { AgentWatch, type AgentWatchOptions } from '../../recorder/watch/agentWatch.ts';
import { askWatch, becomeSole } from '../../recorder/watch/soleWatch.ts';
import { chosenRoot } from '../chosenRoot.ts';
import { newId } from '../chosenSession.ts';
import type { Command, CommandContext } from '../command.ts';
import { exitCarrierOf } from '../exitCarrierOf.ts';
import { exportEnded, otlpEndpoint } from '../exportSession.ts';
import { CommandError, UsageError } from '../failure.ts';
import { watchAddressOf } from '../install/watchAddressOf.ts';
import { installWatch, uninstallWatch, watchUnitState } from '../install/watchUnit.ts';
import { nativeProgram } from '../launcher.ts';
import { redactorFor } from '../redactorFor.ts';
import {
  DEFAULT_GRACE_SECONDS,
  DEFAULT_INTERVAL_SECONDS,
  keepNewest,
  preventionSettings,
  PROTECT_HELP,
  sampleInterval,
} from '../runSettings.ts';
import { printable } from '../terminal.ts';
import { ON_END_HELP, tellEnd } from './onEnd.ts';

export const watch: Command = {
  usage: '[--install|--uninstall|--status]',
  summary: 'Records every agent of yours from its start, whoever starts it',
  takesNothing: true,
  flagHelp: [
    ['--install', 'runs it from now on while you are logged in, as a service of systemd'],
    ['--uninstall', 'takes that away again'],
    ['--status', 'whether one runs, what it records, and what that costs'],
    [
      '--interval S',
      `seconds between samples, from 0.1 (${DEFAULT_INTERVAL_SECONDS}); an idle session is sampled a third as often`,
    ],
    ['--except NAME', 'never records this agent or program; may be given several times'],
    PROTECT_HELP,
    ['--max-sessions N', `keeps the newest N finished sessions (${DEFAULT_MAX_SESSIONS})`],
    ['--otlp-endpoint URL', 'sends each ended session to an OpenTelemetry receiver'],
    ON_END_HELP,
  ],
  flags: {
    install: { type: 'boolean' },
    uninstall: { type: 'boolean' },
    status: { type: 'boolean' },
    interval: { type: 'string' },
    except: { type: 'string', multiple: true },
    protect: { type: 'boolean' },
    'max-sessions': { type: 'string' },
    'otlp-endpoint': { type: 'string' },
    'on-end': { type: 'string' },
  },
  run: async (context) => {
    const { args } = context;
    const asked = ['install', 'uninstall', 'status'].filter((flag) => args.isSet(flag));
    if (asked.length > 1) throw new UsageError(`--${asked.join(' and --')} cannot both be done.`);
    if (args.isSet('status')) return tellStatus(context);
    if (args.isSet('uninstall')) return uninstall(context);
    if (process.platform !== 'linux') {
      throw new CommandError(
        'Agents are found through /proc, which Linux alone has. Here `run` and `attach` record one at a time.',
      );
    }
    checked(context);
    return args.isSet('install') ? install(context) : watchAgents(context);
  },
};

/** A flag is refused now, not by a service that nobody sees, nor when the first session has ended. */
function checked(context: CommandContext): void {
  sampleInterval(context);
  maxSessionsOf(context);
  otlpEndpoint({ args: context.args, env: {} });
}

async function install(context: CommandContext): Promise<number> {
  const { args, terminal } = context;
  const valued = ['interval', 'max-sessions', 'otlp-endpoint', 'on-end'] as const;
  const installed = await installWatch(context, [
    `--log-dir=${chosenRoot(context).path}`,
    ...valued.flatMap((flag) => (args.text(flag) === undefined ? [] : [`--${flag}=${args.text(flag)}`])),
    ...args.texts('except').map((name) => `--except=${name}`),
    ...(args.isSet('protect') ? ['--protect'] : []),
  ]);
  if (!installed.ok) throw new CommandError(installed.why);
  terminal.out(`Every agent of yours is recorded from now on, while you are logged in (${printable(installed.path)}).`);
  terminal.out(
    '`watch --status` tells what it costs, `watch --uninstall` takes it away; `loginctl enable-linger` keeps it running while nobody is logged in.',
  );
  return 0;
}

async function uninstall({ terminal, env, home }: CommandContext): Promise<number> {
  const wasThere = await uninstallWatch({ env, home });
  terminal.out(wasThere ? 'The service is gone; sessions stay where they are.' : 'No service was installed.');
  return 0;
}

function maxSessionsOf({ args }: CommandContext): number {
  return Math.floor(args.number('max-sessions', 0) ?? DEFAULT_MAX_SESSIONS);
}

async function tellStatus(context: CommandContext): Promise<number> {
  const { args, terminal } = context;
  const status = process.platform === 'linux' ? await askWatch(watchAddressOf(context)) : undefined;
  const unit = await watchUnitState(context);
  if (args.isSet('json')) {
    terminal.out(JSON.stringify({ installed: unit.path ?? null, enabled: unit.isEnabled, running: status ?? null }));
  } else {
    terminal.out(status === undefined ? 'No watch runs.' : statusLine(status));
    if (unit.path !== undefined) terminal.out(`It is installed as a service: ${printable(unit.path)}.`);
  }
  return status === undefined ? 1 : 0;
}

function statusLine(status: WatchStatus): string {
  const sessions = status.sessions === 1 ? '1 session' : `${status.sessions} sessions`;
  const how = status.hears_births ? '' : ' It looks for agents every 0.7 s: the kernel tells this user of no births.';
  return `A watch runs (pid ${status.pid}) and records ${sessions} in ${printable(status.log_root)}: ${watchCost(status)} since ${printable(status.since)}.${how}`;
}

/** A reading of our memory takes milliseconds. */
const TELL_EDITOR_MS = 30_000;

async function watchAgents(context: CommandContext): Promise<number> {
  const { args, terminal } = context;
  const root = chosenRoot(context);
  const ending = endingSignal();
  let agents: AgentWatch | undefined;
  const status = statusOf(root, () => agents);
  const sole = await becomeSole(watchAddressOf(context), status);
  if (sole === undefined) {
    const other = await askWatch(watchAddressOf(context));
    const which = other === undefined ? '' : ` (pid ${other.pid}, into ${other.log_root})`;
    throw new CommandError(
      `Another watch of this user runs already${which}: one records all. \`watch --status\` tells more.`,
    );
  }
  try {
    createLogRoot(root);
    agents = await AgentWatch.open(optionsOf(context, root));
    const { path } = root;
    terminal.out(
      args.isSet('json') ? JSON.stringify(status()) : `Every agent of yours is recorded in ${printable(path)}.`,
    );
    const telling = tellEditor(status);
    await agents.end(await ending);
    clearInterval(telling);
    return 0;
  } finally {
    sole.close();
  }
}

function optionsOf(context: CommandContext, root: LogRoot): AgentWatchOptions {
  const { args, terminal, env, home, programPath } = context;
  const maxSessions = maxSessionsOf(context);
  return {
    root,
    intervalSeconds: sampleInterval(context),
    graceSeconds: DEFAULT_GRACE_SECONDS,
    native: nativeProgram(programPath, env),
    exitCarrier: exitCarrierOf(context),
    redactor: redactorFor(context),
    prevention: preventionSettings(context),
    surroundings: context,
    excepted: new Set(args.texts('except')),
    // Whatever the flags say: nobody asked for the record of this very agent.
    isSwitchedOff: (cwd) => readWorkspaceConfig(cwd, home)?.enabled === false,
    newId: () => newId(args),
    onPublished: async (id) => {
      await tellEnd(context, root, id);
      await exportEnded(context, id);
      keepNewest(context, root, maxSessions);
    },
    warn: (message) => terminal.err(`session-diagnostics: ${message}`),
  };
}

/** Started by an editor, which shows it. */
function tellEditor(status: () => WatchStatus): NodeJS.Timeout | undefined {
  if (process.send === undefined) return undefined;
  const tell = (): void => {
    if (process.connected) process.send?.(status());
  };
  tell();
  return setInterval(tell, TELL_EDITOR_MS);
}

/**
 * Ctrl-C and a service that is stopped end the recordings; their agents go on. SIGTERM is a restart, an update or a shutdown:
 * sessions are left as they are, and the next `watch` goes on with them.
 */
function endingSignal(): Promise<Release> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => resolve('ended'));
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('left'));
    // Started by an editor: its end of the channel closes with it, however it ends.
    process.on('disconnect', () => resolve('left'));
    process.channel?.unref(); // whoever listens there is kept alive by it
  });
}

function statusOf(root: LogRoot, agents: () => AgentWatch | undefined): () => WatchStatus {
  const [startedAt, since] = [performance.now(), isoFromMs(Date.now())];
  return () => {
    const { user, system } = process.cpuUsage();
    return {
      pid: process.pid,
      log_root: root.path,
      since,
      sessions: agents()?.sessionIds.length ?? 0,
      hears_births: agents()?.isTold ?? false,
      cpu_seconds: (user + system) / 1e6,
      elapsed_seconds: (performance.now() - startedAt) / 1000,
      private_kb: privateKb(),
    };
  };
}

function privateKb(): number | null {
  try {
    const rollup = readFileSync('/proc/self/smaps_rollup', 'latin1');
    const parts = [...rollup.matchAll(/^Private_(?:Clean|Dirty): +(\d+)/gm)];
    return parts.reduce((sum, [, kb]) => sum + Number(kb), 0);
  } catch {
    return null; // before Linux 4.14
  }
}
