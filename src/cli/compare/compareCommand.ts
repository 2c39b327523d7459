import type { ComparedSession } from '../../core/compare/comparedSession.ts';
import type { Difference } from '../../core/compare/differenceNames.ts';
import {
  differenceName,
  differenceSentence,
  NOTHING_DIFFERS,
  partingSentence,
  valueWords,
} from '../../core/compare/differenceWords.ts';
import { partingPoint, type PartingPoint } from '../../core/compare/partingPoint.ts';
import { sessionDifferences } from '../../core/compare/sessionDifferences.ts';
import { humanSeconds } from '../../core/words/humanUnits.ts';
import { causeWords } from '../../core/words/vocabularyWords.ts';
import { readCompared } from '../../sessions/readCompared.ts';
import { foundSession } from '../chosenSession.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../failure.ts';
import { clipped, printable, wrapped, type Terminal } from '../terminal.ts';

const PREFIX = { isPrefixEnough: true };

export const compareCommand: Command = {
  usage: 'A B',
  summary: 'What differs between two sessions of the same work, the likeliest reason first',
  readsSessions: true,
  takesBundles: true,
  flagHelp: [],
  flags: {},
  run: (context) => {
    const { args, terminal } = context;
    const [a, b, ...more] = args.positionals;
    if (a === undefined || b === undefined || more.length > 0)
      throw new UsageError('Compare which two sessions? Give exactly two.');
    const found = [foundSession(context, a, PREFIX), foundSession(context, b, PREFIX)] as const;
    const sides: Sides = { a: readCompared(found[0], Date.now()), b: readCompared(found[1], Date.now()) };
    const differences = sessionDifferences(sides.a, sides.b);
    const parting = differences.length === 0 ? undefined : partingPoint(sides.a, sides.b);
    const names = { a: found[0].place.name, b: found[1].place.name };
    if (args.isSet('json')) terminal.out(JSON.stringify(asJson(names, differences, parting), undefined, 2));
    else for (const line of asText(names, { ...sides, differences, parting }, terminal)) terminal.out(line);
    return Promise.resolve(0);
  },
};

interface Sides {
  readonly a: ComparedSession;
  readonly b: ComparedSession;
}

type Names = Readonly<Record<'a' | 'b', string>>;

function asJson(names: Names, differences: readonly Difference[], parting: PartingPoint | undefined): object {
  return {
    ...names,
    first: differences[0] === undefined ? NOTHING_DIFFERS : differenceSentence(differences[0]),
    differences: differences.map((difference) => ({ ...difference, sentence: differenceSentence(difference) })),
    parting:
      parting === undefined
        ? null
        : { a_seconds: parting.a, b_seconds: parting.b, what: parting.what, sentence: partingSentence(parting) },
  };
}

interface Compared extends Sides {
  readonly differences: readonly Difference[];
  readonly parting: PartingPoint | undefined;
}

function asText(names: Names, { a, b, differences, parting }: Compared, terminal: Terminal): readonly string[] {
  const { columns, styled } = terminal;
  const [first] = differences;
  const head = [`A  ${printable(names.a)}  ${endWords(a)}`, `B  ${printable(names.b)}  ${endWords(b)}`, ''];
  if (first === undefined) return [...head, styled('bold', NOTHING_DIFFERS)];
  const told = printable(clippedSentence(first));
  return [
    ...head,
    styled('bold', wrapped(told, columns, '  ')),
    ...(parting === undefined ? [] : [wrapped(printable(partingSentence(parting)), columns, '  ')]),
    '',
    ...tableOf(differences, columns),
  ];
}

function endWords({ verdict, durationSeconds }: ComparedSession): string {
  const end = verdict.outcome === 'running' ? 'Running' : causeWords(verdict.cause);
  return durationSeconds === null ? end : `${end} after ${humanSeconds(durationSeconds)}`;
}

const MOST_SUBJECT = 60;

function clippedSentence(difference: Difference): string {
  const { subject } = difference;
  return differenceSentence(
    subject === undefined ? difference : { ...difference, subject: clipped(printable(subject), MOST_SUBJECT) },
  );
}

/** Where there is no room for three columns, each value has a line of its own. */
function tableOf(differences: readonly Difference[], columns: number): readonly string[] {
  const rows = differences.map((difference) => ({
    name: printable(differenceName(difference)),
    a: printable(valueWords(difference.what, difference.a)),
    b: printable(valueWords(difference.what, difference.b)),
  }));
  const most = Math.floor((columns - 4) / 3);
  const widthOf = (key: 'name' | 'a' | 'b') => Math.min(most, Math.max(1, ...rows.map((row) => row[key].length)));
  const [name, a] = [widthOf('name'), widthOf('a')];
  return [
    `${''.padEnd(name)}  ${'A'.padEnd(a)}  B`,
    ...rows.map((row) => {
      const isWide = row.name.length > most || row.a.length > most || row.b.length > most;
      if (isWide) return [row.name, `${''.padEnd(name)}  A ${row.a}`, `${''.padEnd(name)}  B ${row.b}`].join('\n');
      return `${row.name.padEnd(name)}  ${row.a.padEnd(a)}  ${row.b}`;
    }),
  ];
}
