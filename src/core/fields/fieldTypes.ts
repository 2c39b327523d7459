import { isRecord } from '../words/json.ts';
import type { FieldMeanings, ValueForm } from './fieldMeaning.ts';
import type { JsonPath } from './jsonPlaces.ts';
import { msFromIso } from '../words/time.ts';

/** A value that is not what its field holds. */
export interface WrongType {
  readonly path: JsonPath;
  readonly expected: string;
}

interface TypeRule {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

const WHOLE: TypeRule = { expected: 'a whole number', accepts: (value) => Number.isInteger(value) };
const NUMBER: TypeRule = { expected: 'a number', accepts: (value) => typeof value === 'number' };
const TEXT: TypeRule = { expected: 'a text', accepts: (value) => typeof value === 'string' };
const MASK = /^(?:[0-9a-f]{16})?$/i;

const RULES: { readonly [form in ValueForm]: TypeRule } = {
  text: TEXT,
  word: TEXT,
  wchan: TEXT,
  instant: {
    expected: 'a time such as 2026-01-15T09:00:00+00:00',
    accepts: (value) => value === '' || msFromIso(value) !== undefined,
  },
  count: WHOLE,
  pid: WHOLE,
  kb: WHOLE,
  mb: WHOLE,
  bytes: WHOLE,
  ticks: WHOLE,
  oom_score: WHOLE,
  oom_score_adj: WHOLE,
  fd_limit: WHOLE,
  exit_code: WHOLE,
  number: NUMBER,
  kb_per_second: NUMBER,
  seconds: NUMBER,
  cpu_percent: NUMBER,
  percent: NUMBER,
  ratio: NUMBER,
  per_mille: NUMBER,
  flag: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  signals: {
    expected: '16 hexadecimal digits, or an empty text',
    accepts: (value) => typeof value === 'string' && MASK.test(value),
  },
  record: { expected: 'an object', accepts: isRecord },
  list: { expected: 'a list', accepts: (value) => Array.isArray(value) },
};

/** Records whose form is their writer's own: several writers use the same names for other things. */
const FREE: ReadonlySet<string> = new Set(['detail', 'context', 'payload']);

/** Fields whose value no reader can use. What is not known (`null`) or not ours is never wrong. */
export function wrongTypes(record: object, fields: FieldMeanings): readonly WrongType[] {
  const found: WrongType[] = [];
  look(record, fields, { prefix: '', path: [], found });
  return found;
}

interface Look {
  readonly prefix: string;
  readonly path: JsonPath;
  readonly found: WrongType[];
}

function look(record: object, fields: FieldMeanings, { prefix, path, found }: Look): void {
  // Half a million fields in ten megabytes: no list of entries is made, and no name is looked up twice.
  for (const name in record) {
    const value: unknown = Reflect.get(record, name);
    const full = prefix + name;
    const form = fields[full]?.form;
    if (form === undefined || value === null) continue;
    if (!RULES[form].accepts(value)) {
      found.push({ path: [...path, name], expected: RULES[form].expected });
    } else if (form === 'record' && !FREE.has(full)) {
      look(value as object, fields, { prefix: `${full}.`, path: [...path, name], found }); // just seen to be one
    } else if (form === 'list') {
      lookIntoList(value as readonly unknown[], fields, { prefix: `${full}.`, path: [...path, name], found }); // likewise
    }
  }
}

function lookIntoList(list: readonly unknown[], fields: FieldMeanings, { prefix, path, found }: Look): void {
  for (const [index, value] of list.entries()) {
    if (isRecord(value)) look(value, fields, { prefix, path: [...path, index], found });
  }
}
