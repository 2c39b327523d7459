import { humanKb, humanSeconds } from '../../core/words/humanUnits.ts';
import { leftoversFrom } from '../../core/session/readSession.ts';
import { isOwnSession, readSummary } from '../../logs/sessionFiles.ts';
import { cleanUp } from '../../recorder/run/leftovers.ts';
import { namedSession } from '../chosenSession.ts';
import type { Command } from '../command.ts';
import { CommandError } from '../failure.ts';
import { nativeProgram } from '../launcher.ts';
import { printable } from '../terminal.ts';
import { DEFAULT_GRACE_SECONDS } from '../runSettings.ts';

const WORDS = {
  ended: 'ended',
  killed: 'had to be killed',
  gone: 'was gone already',
  refused: 'could not be ended: it is not yours, or it is stuck in the kernel',
} as const;

export const cleanup: Command = {
  usage: 'ID',
  summary: 'Ends processes that a session left behind, after checking that each is still the same',
  readsSessions: true,
  flagHelp: [['--dry-run', 'only names them']],
  flags: { 'dry-run': { type: 'boolean' } },
  run: async (context) => {
    const { args, terminal } = context;
    const { place } = namedSession(context);
    const leftovers = leftoversFrom(readSummary(place.dir));
    const nothing =
      place.state === 'running'
        ? `Session ${place.name} still runs: what it leaves behind is known when it has ended.`
        : `Session ${place.name} left nothing behind.`;
    if (args.isSet('dry-run')) {
      if (args.isSet('json')) terminal.out(JSON.stringify(leftovers));
      else if (leftovers.length === 0) terminal.out(nothing);
      for (const { pid, comm, parent_pid, parent_comm, age_seconds, rss_kb } of args.isSet('json') ? [] : leftovers) {
        const origin = parent_pid === null ? '' : `, started by ${printable(parent_comm ?? '?')} (${parent_pid})`;
        const size = rss_kb === null ? '' : `, ${humanKb(rss_kb)}`;
        terminal.out(`${pid}  ${printable(comm)}, ${humanSeconds(age_seconds)} old${size}${origin}`);
      }
      return 0;
    }
    // A forged account would have us end any process of ours: reading shows it, and that is all.
    if (leftovers.length > 0 && !isOwnSession(place.dir))
      throw new CommandError(`Session ${place.name} belongs to another user, who alone can clean up after it.`);
    const native = nativeProgram(context.programPath, context.env);
    const graceMs = DEFAULT_GRACE_SECONDS * 1000;
    const cleaned = await Promise.all(leftovers.map((leftover) => cleanUp(leftover, graceMs, native)));
    if (args.isSet('json')) terminal.out(JSON.stringify(cleaned));
    else if (cleaned.length === 0) terminal.out(nothing);
    else for (const { pid, comm, became } of cleaned) terminal.out(`${pid} (${printable(comm)}) ${WORDS[became]}`);
    return cleaned.some(({ became }) => became === 'refused') ? 1 : 0;
  },
};
