import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { nearestWord } from '../core/words/nearestWord.ts';
import { UsageError } from './failure.ts';

/** Flags that every command takes. */
const COMMON = {
  'log-dir': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

export interface Arguments {
  readonly positionals: readonly string[];
  text(flag: string): string | undefined;
  /** Of a flag that may be given several times. */
  texts(flag: string): readonly string[];
  isSet(flag: string): boolean;
  /** A number of at least `least`; anything else is refused with the flag's name. */
  number(flag: string, least: number): number | undefined;
}

export function parseArguments(args: readonly string[], flags: ParseArgsOptionsConfig): Arguments {
  const { values, positionals } = parsed(args, flags);
  return {
    positionals,
    text: (flag) => {
      const value = values[flag];
      return typeof value === 'string' ? value : undefined;
    },
    texts: (flag) => {
      const value = values[flag];
      return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
    },
    isSet: (flag) => values[flag] === true,
    number: (flag, least) => {
      const value = values[flag];
      if (typeof value !== 'string') return undefined;
      const n = Number(value);
      if (value.trim() === '' || !Number.isFinite(n) || n < least) {
        throw new UsageError(`--${flag} takes a number of at least ${least}, not "${value}".`);
      }
      return n;
    },
  };
}

interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

function parsed(args: readonly string[], flags: ParseArgsOptionsConfig): Parsed {
  try {
    return parseArgs({ args: [...args], options: { ...COMMON, ...flags }, allowPositionals: true, strict: true });
  } catch (error) {
    // parseArgs throws TypeErrors with ERR_PARSE_ARGS_* codes whose first paragraph is fit for a person.
    const message = error instanceof Error ? error.message : String(error);
    const sentence = (message.split('. ')[0] ?? message).replace(/\.$/, '');
    throw new UsageError(`${sentence}.${guessedFlag(args, flags)}`, { cause: error });
  }
}

/** The flag that was meant by the first that is none. */
function guessedFlag(args: readonly string[], flags: ParseArgsOptionsConfig): string {
  const known = Object.keys({ ...COMMON, ...flags });
  const given = args.flatMap((word) => (/^--[^=]/.test(word) ? [word.slice(2).replace(/=.*/s, '')] : []));
  const unknown = given.find((name) => !known.includes(name));
  const meant = unknown === undefined ? undefined : nearestWord(unknown, known);
  return meant === undefined ? '' : ` Did you mean --${meant}?`;
}

/** The one positional that a command needs. */
export function onlyPositional(args: Arguments, what: string): string {
  const [first, ...more] = args.positionals;
  if (first === undefined) throw new UsageError(`Which ${what}? Give exactly one.`);
  if (more.length > 0) throw new UsageError(`One ${what} at a time: "${more[0]}" is too many.`);
  return first;
}
