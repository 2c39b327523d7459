import {
  configFileOf,
  configKeyOf,
  CONFIG_KEYS,
  KEY_MEANINGS,
  SECTION,
  spanOf,
  type ConfigPair,
} from '../documents/configFile.ts';
import type { LogDocument } from '../documents/logDocument.ts';
import type { Problem } from './problem.ts';

/** What keeps the `linux_tracing` section from being read as it is meant. The rest of the file is not ours to judge. */
export function configProblems(document: LogDocument): readonly Problem[] {
  const file = configFileOf(document);
  if (file === undefined) return [];
  const at = (start: number, end: number): Pick<Problem, 'line' | 'span'> => {
    const range = file.rangeOf({ start, end });
    const isOneLine = range.start.line === range.end.line;
    return {
      line: range.start.line,
      span: { start: range.start.character, end: isOneLine ? range.end.character : 10_000 },
    };
  };
  const damaged = file.document.errors.map(({ pos, message }): Problem => ({
    ...at(pos[0], pos[1]),
    severity: 'critical',
    code: 'malformed_document',
    message: `Not YAML, so that nothing of this file counts: ${message.split('\n')[0] ?? ''}`,
  }));
  if (damaged.length > 0) return damaged;
  const section = spanOf(file.section?.key);
  if (section !== undefined && !file.isMapping) {
    const message = `${SECTION} is to hold ${CONFIG_KEYS.join(', ')}, each on a line of its own, indented.`;
    return [{ ...at(section.start, section.end), severity: 'warning', code: 'wrong_type', message }];
  }
  return file.pairs.flatMap((pair) => {
    const problem = pairProblem(pair);
    if (problem === undefined) return [];
    const { start, end } = problem.code === 'unknown_key' ? pair.keySpan : pair.valueSpan;
    return [{ ...at(start, end), ...problem }];
  });
}

type PairProblem = Pick<Problem, 'severity' | 'code' | 'message'>;

const TYPE_WORDS = { boolean: 'true or false', number: 'a number of seconds', string: 'the path of a folder' };

function pairProblem({ key: name, value }: ConfigPair): PairProblem | undefined {
  const key = configKeyOf(name);
  if (key === undefined) return misspelled(name);
  if (value === null) return undefined; // left empty is left out
  const { type } = KEY_MEANINGS[key];
  if (typeof value !== type) {
    const message = `${key} is to be ${TYPE_WORDS[type]}: this value does not count.`;
    return { severity: 'warning', code: 'wrong_type', message };
  }
  if (typeof value === 'number' && !(value > 0)) {
    return {
      severity: 'warning',
      code: 'wrong_type',
      message: `${key} is to be more than 0: this value does not count.`,
    };
  }
  return undefined;
}

/** AutoSkillit may know more keys than we do: only what looks like one of ours is worth a word. */
function misspelled(name: string): PairProblem | undefined {
  const meant = CONFIG_KEYS.find((key) => simplified(key) === simplified(name) || isOneEditAway(key, name));
  if (meant === undefined) return undefined;
  return { severity: 'warning', code: 'unknown_key', message: `${name} is not read. Is ${meant} meant?` };
}

function simplified(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '');
}

/** One letter too many, too few or another one. */
function isOneEditAway(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same += 1;
  const rest = short.length === long.length ? short.slice(same + 1) : short.slice(same);
  return rest === long.slice(same + 1);
}
