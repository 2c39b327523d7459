import { humanKb, humanSeconds } from '../../core/words/humanUnits.ts';
import { leftoversFrom } from '../../core/session/readSession.ts';
import type { Leftover } from '../../core/session/session.ts';
import { isOwnSession, readSummary } from '../../logs/sessionFiles.ts';
import { isProcessAlive } from '../../recorder/proc/ownProcess.ts';
import { cleanUp, type Cleaned } from '../../recorder/run/leftovers.ts';
import { namedSession } from '../chosenSession.ts';
import type { Command } from '../command.ts';
import { CommandError } from '../failure.ts';
import { nativeProgram } from '../launcher.ts';
import { printable } from '../terminal.ts';
import { DEFAULT_GRACE_SECONDS } from '../runSettings.ts';

export const cleanup: Command = {
  usage: 'ID',
  summary: 'Ends processes that a session left behind, after checking that each is still the same',
  readsSessions: true,
  flagHelp: [['--dry-run', 'only names those that still run']],
  flags: { 'dry-run': { type: 'boolean' } },
  run: async (context) => {
    const { args, terminal } = context;
    const { place } = namedSession(context);
    const left = leftoversFrom(readSummary(place.dir));
    const leftovers = left.filter(({ pid, start_ticks, boot_id }) =>
      isProcessAlive({ pid, starttime_ticks: start_ticks }, boot_id),
    );
    const nothing =
      place.state === 'running'
        ? `Session ${place.name} still runs: what it leaves behind is known when it has ended.`
        : left.length === 0
          ? `Session ${place.name} left nothing behind.`
          : `Nothing that session ${place.name} left behind still runs.`;
    if (args.isSet('dry-run')) {
      if (args.isSet('json')) terminal.out(JSON.stringify(leftovers));
      else for (const line of leftovers.length === 0 ? [nothing] : leftovers.map(leftoverLine)) terminal.out(line);
      return 0;
    }
    // A forged account would have us end any process of ours: reading shows it, and that is all.
    if (left.length > 0 && !isOwnSession(place.dir))
      throw new CommandError(`Session ${place.name} belongs to another user, who alone can clean up after it.`);
    const native = nativeProgram(context.programPath, context.env);
    const graceMs = DEFAULT_GRACE_SECONDS * 1000;
    const cleaned = await Promise.all(left.map((leftover) => cleanUp(leftover, graceMs, native)));
    if (args.isSet('json')) terminal.out(JSON.stringify(cleaned));
    else terminal.out(leftovers.length === 0 ? nothing : cleanedSentence(cleaned));
    return cleaned.some(({ became }) => became === 'refused') ? 1 : 0;
  },
};

function leftoverLine({ pid, comm, parent_pid, parent_comm, age_seconds, rss_kb }: Leftover): string {
  const origin = parent_pid === null ? '' : `, started by ${printable(parent_comm ?? '?')} (${parent_pid})`;
  const size = rss_kb === null ? '' : `, ${humanKb(rss_kb)}`;
  return `${pid}  ${printable(comm)}, ${humanSeconds(age_seconds)} old when its session ended${size}${origin}`;
}

/** "Ended sleep (32120) and python3 (32121). Already ended: tail (34)." */
export function cleanedSentence(cleaned: readonly Cleaned[]): string {
  const named = (...became: readonly Cleaned['became'][]): string =>
    joined(cleaned.filter((one) => became.includes(one.became)).map(({ pid, comm }) => `${printable(comm)} (${pid})`));
  const [ended, killed, gone, refused] = [named('ended'), named('killed'), named('gone'), named('refused')];
  return `${[
    ended === '' ? '' : `Ended ${ended}`,
    killed === '' ? '' : `Killed ${killed}, which did not end when asked`,
    gone === '' ? '' : `Already ended: ${gone}`,
    refused === '' ? '' : `Not ended, for it is not yours or stuck in the kernel: ${refused}`,
  ]
    .filter((part) => part !== '')
    .join('. ')}.`;
}

function joined(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
