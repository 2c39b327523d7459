import { AGENT_KINDS, CAUSES, LAYERS, OUTCOMES, VERDICT_DETAILS } from '../core/words/vocabulary.ts';
import { VERSION, type SessionReport } from '../core/report/report.ts';
import { COMPARED, reportDifferences, type ReportDifference } from '../core/report/reportDifferences.ts';
import type { Shape } from '../core/report/reportShape.ts';
import { text, ToolError, type Asked, type Tool } from './answer.ts';
import { NAME, nameOf, sessionNamed } from './sessionNames.ts';
import { amount } from './shapes.ts';
import { sessionReport } from './whyDidItDie.ts';

const word: Shape = {
  type: 'nullable',
  of: { type: 'words', words: [...OUTCOMES, ...CAUSES, ...LAYERS, ...VERDICT_DETAILS, ...AGENT_KINDS] },
};
const version: Shape = { type: 'nullable', of: { type: 'pattern', pattern: VERSION } };
const side: Shape = { type: 'fields', fields: { number: amount, word, version } };

export const compare: Tool = {
  name: 'compare',
  title: 'Compare two sessions',
  description:
    'What differs between two recorded sessions of the same work: end, agent version, time, memory, processes, failures by kind. What ended them stands first.',
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
      differences: {
        type: 'list',
        of: { type: 'fields', fields: { what: { type: 'words', words: COMPARED }, a: side, b: side } },
      },
    },
  },
  answer: (asked) => {
    const [a, b] = [reportOf(asked, 'a'), reportOf(asked, 'b')];
    const differences = reportDifferences(a.session, b.session);
    return {
      content: { a: a.name, b: b.name, differences: differences.map(fieldsOf) },
      text:
        differences.length === 0
          ? 'Nothing that matters differs.'
          : differences.map(({ what, a: one, b: other }) => `${what}: ${one ?? 'none'}, ${other ?? 'none'}`).join('\n'),
    };
  },
};

function reportOf(
  { args, roots }: Asked,
  which: 'a' | 'b',
): { readonly name: string; readonly session: SessionReport } {
  const found = sessionNamed(roots, text(args[which]) ?? '');
  if (found === undefined) throw new ToolError(`There is no session of the id or handle that ${which} gives.`);
  return { name: nameOf(found.root, found.place), session: sessionReport(found) };
}

function fieldsOf({ what, a, b }: ReportDifference) {
  const sideOf = (value: string | number | null) => ({
    number: typeof value === 'number' ? value : null,
    word: typeof value === 'string' && what !== 'agent_version' ? value : null,
    version: typeof value === 'string' && what === 'agent_version' ? value : null,
  });
  return { what, a: sideOf(a), b: sideOf(b) };
}
