import type { Command } from '../command.ts';
import { onlyPositional } from '../arguments.ts';
import { chosenRoot } from '../chosenRoot.ts';
import { checkedId, newId } from '../chosenSession.ts';
import { CommandError, UsageError } from '../failure.ts';
import { exportEnded, otlpEndpoint } from '../exportSession.ts';
import { failureFinder } from '../findFailures.ts';
import { recordAttached, resumeRecording } from '../../recorder/recordAttached.ts';
import { ownClaimant, startTicksOf } from '../../recorder/ownProcess.ts';
import { findSession } from '../../logs/sessionFiles.ts';
import { takeEnrollment } from '../../logs/takeOver.ts';
import { DEFAULT_GRACE_SECONDS, DEFAULT_INTERVAL_SECONDS } from './run.ts';
import { redactorFor } from '../redactorFor.ts';

export const attach: Command = {
  usage: 'PID',
  summary: 'Records a process that already runs, with its whole tree',
  flagHelp: [
    ['--id ID', 'the session’s name, instead of a fresh one'],
    ['--interval S', `seconds between samples, from 0.1 (${DEFAULT_INTERVAL_SECONDS})`],
    ['--label TEXT', 'a note kept with the session'],
    ['--otlp-endpoint URL', 'sends the ended session to an OpenTelemetry receiver'],
  ],
  flags: {
    id: { type: 'string' },
    interval: { type: 'string' },
    label: { type: 'string' },
    'otlp-endpoint': { type: 'string' },
    // `recover` starts this: goes on with a session whose recorder died.
    resume: { type: 'string' },
  },
  run: async (context) => {
    const { args, terminal } = context;
    const root = chosenRoot(context);
    const warn = (message: string): void => terminal.err(`session-diagnostics: ${message}`);
    const resumed = args.text('resume');
    if (resumed !== undefined) {
      const place = findSession(root, checkedId(resumed));
      const taken = place === undefined ? undefined : takeEnrollment(place.dir, ownClaimant());
      if (taken === undefined || taken === 'alive') return 0; // another recorder has it
      const published = await resumeRecording(
        { root, graceSeconds: DEFAULT_GRACE_SECONDS, findFailures: failureFinder(root, context), warn },
        taken,
      );
      if (published.ok) await exportEnded(context, resumed);
      return published.ok ? 0 : 1;
    }
    otlpEndpoint(context); // refused now, not when the session has ended
    const pid = processId(onlyPositional(args, 'process'));
    const id = newId(args);
    const published = await recordAttached({
      root,
      id,
      pid,
      intervalSeconds: args.number('interval', 0.1) ?? DEFAULT_INTERVAL_SECONDS,
      graceSeconds: DEFAULT_GRACE_SECONDS,
      label: args.text('label'),
      redactor: redactorFor(context),
      findFailures: failureFinder(root, context),
      onStarted: () => terminal.out(args.isSet('json') ? JSON.stringify({ id }) : id),
      warn,
    });
    if (published.ok) await exportEnded(context, id);
    return published.ok ? 0 : 1;
  },
};

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
