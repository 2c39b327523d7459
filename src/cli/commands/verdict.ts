import { HARNESS_TABLE, harnessVerdict, type HarnessVerdict } from '../../core/report/harnessVerdict.ts';
import { verdictSentence } from '../../core/death/verdictSentence.ts';
import { sessionVerdict } from '../../core/session/summaryVerdict.ts';
import type { Verdict } from '../../core/session/verdict.ts';
import { readSummary } from '../../logs/sessionFiles.ts';
import { knownFailures } from '../../sessions/knownFailures.ts';
import type { FoundSession } from '../../sessions/readFound.ts';
import { namedSession } from '../chosenSession.ts';
import type { Command } from '../command.ts';
import { putIntoTrajectory } from '../ci/intoTrajectory.ts';
import { wrapped } from '../terminal.ts';

export const verdict: Command = {
  usage: 'ID|last',
  summary:
    'What became of a session, whose fault it was and whether it can be started again: for programs, with --json',
  readsSessions: true,
  takesBundles: true,
  flagHelp: [['--into FILE', 'puts it into `extra` of an ATIF trajectory as well']],
  flags: { into: { type: 'string' } },
  run: (context) => {
    const { args, terminal } = context;
    const { judged, contract } = verdictOfFound(namedSession(context, { isPrefixEnough: true }));
    const into = args.text('into');
    if (into !== undefined) putIntoTrajectory(contract, into, context.cwd);
    if (args.isSet('json')) {
      terminal.out(JSON.stringify(contract));
    } else {
      terminal.out(wrapped(verdictSentence(judged), terminal.columns, '  '));
      terminal.out(`blame  ${contract.blame}`);
      terminal.out(`retry  ${contract.retry}: ${HARNESS_TABLE[contract.cause].because}`);
    }
    return Promise.resolve(0);
  },
};

interface JudgedFound {
  readonly judged: Verdict;
  readonly contract: HarnessVerdict;
}

export function verdictOfFound({ root, place }: FoundSession): JudgedFound {
  const summary = readSummary(place.dir);
  const judged = sessionVerdict({ isRunning: place.state === 'running', summary });
  return { judged, contract: harnessVerdict(place.name, judged, knownFailures(root, place, summary)) };
}
