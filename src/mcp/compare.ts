import { DIFFERENCE_NAMES, END_NAMES, type Difference } from '../core/compare/differenceNames.ts';
import { NOTHING_DIFFERS } from '../core/compare/differenceWords.ts';
import { sessionDifferences } from '../core/compare/sessionDifferences.ts';
import { ARCHITECTURES, VERSION } from '../core/report/report.ts';
import { reportNumber } from '../core/report/reportNumbers.ts';
import type { Shape } from '../core/report/reportShape.ts';
import { ALL_DETAILS } from '../core/session/failureDetail.ts';
import { SIGNAL_NAMES } from '../core/words/signals.ts';
import {
  AGENT_KINDS,
  CAUSES,
  FAILURE_CATEGORIES,
  LAYERS,
  OUTCOMES,
  VERDICT_DETAILS,
  wordOf,
} from '../core/words/vocabulary.ts';
import { readCompared } from '../sessions/readCompared.ts';
import type { FoundSession } from '../sessions/readFound.ts';
import { text, ToolError, type Asked, type Tool } from './answer.ts';
import { NAME, nameOf, sessionNamed } from './sessionNames.ts';
import { amount } from './shapes.ts';

/** All that a text value may be: of a command, a folder or a host only that they differ is told. */
const WORDS: readonly string[] = [
  ...new Set([
    ...OUTCOMES,
    ...CAUSES,
    ...LAYERS,
    ...VERDICT_DETAILS,
    ...AGENT_KINDS,
    ...SIGNAL_NAMES,
    ...ARCHITECTURES,
    ...FAILURE_CATEGORIES,
    ...ALL_DETAILS,
    'ok',
    'failed',
    'open',
    'yes',
    'no',
    'linux',
    'darwin',
    'win32',
  ]),
];
const VERSIONS: ReadonlySet<string> = new Set(['agent_version', 'answer_version', 'node', 'product']);

const what: Shape = { type: 'words', words: DIFFERENCE_NAMES };
const word: Shape = { type: 'nullable', of: { type: 'words', words: WORDS } };
const version: Shape = { type: 'nullable', of: { type: 'pattern', pattern: VERSION } };
const side: Shape = { type: 'fields', fields: { number: amount, word, version } };

export const compare: Tool = {
  name: 'compare',
  title: 'Compare two sessions',
  description:
    'What differs between two recorded sessions of the same work: how they ended, then limits, versions and environment, failures, calls, processes, time and memory. What ended them stands first; likely_reason names what most likely made the difference.',
  input: {
    a: { type: 'string', description: 'the id or handle of one session' },
    b: { type: 'string', description: 'the id or handle of the other' },
  },
  required: ['a', 'b'],
  output: {
    type: 'fields',
    fields: {
      a: { type: 'pattern', pattern: NAME },
      b: { type: 'pattern', pattern: NAME },
      likely_reason: { type: 'nullable', of: what },
      differences: { type: 'list', of: { type: 'fields', fields: { what, a: side, b: side } } },
    },
  },
  answer: (asked) => {
    const [a, b] = [sessionOf(asked, 'a'), sessionOf(asked, 'b')];
    const ranked = sessionDifferences(readCompared(a, Date.now()), readCompared(b, Date.now()));
    const isEnd = (difference: Difference): boolean => END_NAMES.some((name) => name === difference.what);
    const differences = [...ranked.filter(isEnd), ...ranked.filter((one) => !isEnd(one))].map(fieldsOf);
    return {
      content: {
        a: nameOf(a.root, a.place),
        b: nameOf(b.root, b.place),
        likely_reason: ranked[0]?.what ?? null,
        differences,
      },
      text: differences.length === 0 ? NOTHING_DIFFERS : differences.map(lineOf).join('\n'),
    };
  },
};

function sessionOf({ args, roots }: Asked, which: 'a' | 'b'): FoundSession {
  const found = sessionNamed(roots, text(args[which]) ?? '');
  if (found === undefined) throw new ToolError(`There is no session of the id or handle that ${which} gives.`);
  return found;
}

interface Side {
  readonly number: number | null;
  readonly word: string | null;
  readonly version: string | null;
}

function fieldsOf({ what: name, a, b }: Difference) {
  return { what: name, a: sideOf(name, a), b: sideOf(name, b) };
}

function sideOf(name: Difference['what'], value: Difference['a']): Side {
  const told = typeof value === 'boolean' ? (value ? 'yes' : 'no') : value;
  const isVersion = typeof told === 'string' && VERSIONS.has(name);
  // `missing_dependency.program`: the kind says more than its category.
  const wordly = typeof told === 'string' ? (told.split('.').at(-1) ?? told) : undefined;
  return {
    number: reportNumber(told ?? undefined, name === 'exit_code' ? 'exit_code' : 'amount'),
    word: isVersion ? null : (wordOf(WORDS, wordly) ?? null),
    version: isVersion && VERSION.test(told) ? told : null,
  };
}

function lineOf({ what: name, a, b }: ReturnType<typeof fieldsOf>): string {
  const isAlike = JSON.stringify(a) === JSON.stringify(b);
  if (isAlike) return `${name}: differs`;
  const [one, other] = [a, b].map(({ number, word: told, version: shown }) => number ?? told ?? shown ?? 'none');
  return `${name}: ${one}, ${other}`;
}
