import type { Command, CommandContext } from '../command.ts';
import { onlyPositional } from '../arguments.ts';
import { chosenRoot } from '../chosenRoot.ts';
import { checkedId, newId } from '../chosenSession.ts';
import { CommandError, UsageError } from '../failure.ts';
import { nativeProgram } from '../launcher.ts';
import { exportEnded, otlpEndpoint } from '../exportSession.ts';
import { exitCarrierOf } from '../exitCarrierOf.ts';
import { commandOf, recordAttached, resumeRecording } from '../../recorder/session/recordAttached.ts';
import { ownClaimant, startTicksOf } from '../../recorder/proc/ownProcess.ts';
import { listTmuxSessions, type TmuxSession } from '../../recorder/proc/tmux.ts';
import { birthOf } from '../../recorder/watch/agentProcess.ts';
import { recordingOf } from '../../recorder/watch/recordedElsewhere.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import { findSession } from '../../logs/sessionFiles.ts';
import { takeEnrollment } from '../../logs/takeOver.ts';
import {
  DEFAULT_GRACE_SECONDS,
  DEFAULT_INTERVAL_SECONDS,
  preventionSettings,
  PROTECT_HELP,
  sampleInterval,
} from '../runSettings.ts';
import { ON_END_HELP, tellEnd } from './onEnd.ts';
import { redactorFor } from '../redactorFor.ts';
import { clipped, printable } from '../terminal.ts';

export const attach: Command = {
  usage: 'PID | --tmux NAME',
  summary: 'Records a process or a tmux session that already runs, with everything it starts',
  flagHelp: [
    ['--id ID', 'the session’s name, instead of a fresh one'],
    ['--interval S', `seconds between samples, from 0.1 (${DEFAULT_INTERVAL_SECONDS})`],
    ['--label TEXT', 'a note kept with the session'],
    PROTECT_HELP,
    ['--tmux NAME', 'the agent in the active pane of this tmux session, with all its panes'],
    ['--tmux-socket PATH', 'of a server that was started with tmux -S'],
    ['--list-tmux', 'only lists the tmux sessions that could be attached to'],
    ['--otlp-endpoint URL', 'sends the ended session to an OpenTelemetry receiver'],
    ON_END_HELP,
  ],
  flags: {
    id: { type: 'string' },
    interval: { type: 'string' },
    label: { type: 'string' },
    protect: { type: 'boolean' },
    tmux: { type: 'string' },
    'tmux-socket': { type: 'string' },
    'list-tmux': { type: 'boolean' },
    'otlp-endpoint': { type: 'string' },
    'on-end': { type: 'string' },
    // An agent's own hook asks so: a \`watch\` may have been first.
    'unless-recorded': { type: 'boolean' },
    // `recover` starts this: goes on with a session whose recorder died.
    resume: { type: 'string' },
  },
  run: async (context) => {
    const { args, terminal } = context;
    const root = chosenRoot(context);
    const native = nativeProgram(context.programPath, context.env);
    const warn = (message: string): void => terminal.err(`session-diagnostics: ${message}`);
    const resumed = args.text('resume');
    if (resumed !== undefined) {
      const place = findSession(root, checkedId(resumed));
      const taken = place === undefined ? undefined : takeEnrollment(place.dir, ownClaimant());
      if (typeof taken !== 'object') return 0; // another recorder has it, or it is another user's
      const published = await resumeRecording(
        {
          root,
          graceSeconds: DEFAULT_GRACE_SECONDS,
          native,
          prevention: preventionSettings(context),
          surroundings: context,
          exitCarrier: exitCarrierOf(context),
          warn,
        },
        taken,
      );
      if (published.ok) await exportEnded(context, resumed);
      return published.ok ? 0 : 1;
    }
    otlpEndpoint({ args, env: {} }); // a flag is refused now, not when the session has ended
    if (args.isSet('list-tmux')) return listTmux(context);
    const tmux = await namedTmuxSession(context);
    const pid = tmux?.pid ?? processId(onlyPositional(args, 'process'));
    if (args.isSet('unless-recorded') && isRecorded(pid, root)) return 0;
    const id = newId(args);
    const published = await recordAttached({
      root,
      id,
      pid,
      tmux,
      intervalSeconds: sampleInterval(context),
      graceSeconds: DEFAULT_GRACE_SECONDS,
      native,
      label: args.text('label') ?? tmux?.name,
      redactor: redactorFor(context),
      prevention: preventionSettings(context),
      surroundings: context,
      exitCarrier: exitCarrierOf(context),
      onStarted: () => terminal.out(args.isSet('json') ? JSON.stringify({ id }) : id),
      warn,
    });
    if (published.ok) {
      await tellEnd(context, root, id);
      await exportEnded(context, id);
    }
    return published.ok ? 0 : 1;
  },
};

/** By itself, or as a part of the session of what started it. */
function isRecorded(pid: number, root: LogRoot): boolean {
  const born = birthOf(pid);
  return born !== undefined && recordingOf([born, ...born.ancestry], root) === 'recorded';
}

async function listTmux(context: CommandContext): Promise<number> {
  const { args, terminal } = context;
  const sessions = await tmuxSessions(context);
  const listed = sessions.map(({ name, pid, place, panePids }) => ({
    name,
    pid,
    socket: place.socket,
    panes: panePids.length,
    command: commandOf(pid).join(' '),
  }));
  if (args.isSet('json')) terminal.out(JSON.stringify(listed));
  else if (listed.length === 0) terminal.out('No tmux session runs here.');
  else for (const { name, pid, command } of listed) terminal.out(printable(`${name}  ${pid}  ${command}`));
  return 0;
}

async function namedTmuxSession(context: CommandContext): Promise<TmuxSession | undefined> {
  const { args } = context;
  const name = args.text('tmux');
  if (name === undefined) return undefined;
  if (args.positionals.length > 0) throw new UsageError('Either a process or --tmux NAME, not both.');
  const sessions = await tmuxSessions(context);
  const found = sessions.find((session) => session.name === name);
  if (found !== undefined) return found;
  const names = sessions.map((session) => printable(session.name)).join(', ');
  const others = names === '' ? 'No tmux session runs here.' : `There are: ${names}.`;
  throw new CommandError(`There is no tmux session "${clipped(printable(name), 40)}". ${others}`);
}

function tmuxSessions({ args, env }: CommandContext): Promise<readonly TmuxSession[]> {
  return listTmuxSessions({ env, uid: process.getuid?.() ?? 0, socket: args.text('tmux-socket') });
}

function processId(text: string): number {
  const pid = Number(text);
  if (!Number.isSafeInteger(pid) || pid <= 1)
    throw new UsageError(`"${text}" is no process id that can be attached to.`);
  if (pid === process.pid) throw new UsageError('That is this very command.');
  if (process.platform === 'linux' && startTicksOf(pid) === undefined) {
    throw new CommandError(`There is no running process ${pid}.`);
  }
  return pid;
}
