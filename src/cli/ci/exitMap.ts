import { BLAMES, type Blame } from '../../core/report/harnessVerdict.ts';
import { wordOf } from '../../core/words/vocabulary.ts';
import type { Arguments } from '../arguments.ts';
import { UsageError } from '../failure.ts';

const CLASSES = BLAMES.filter((blame) => blame !== 'none');

/** `--exit-map environment=75,model=1`: which exit code tells whose fault a bad end was. */
export function exitMapOf(args: Arguments): ReadonlyMap<Blame, number> {
  const codes = new Map<Blame, number>();
  for (const pair of args.text('exit-map')?.split(',') ?? []) {
    const [, word, digits] = /^\s*([a-z]+)=(\d{1,3})\s*$/.exec(pair) ?? [];
    const blame = wordOf(CLASSES, word);
    const code = Number(digits);
    if (blame === undefined || codes.has(blame) || !(code <= 255)) {
      throw new UsageError(
        `--exit-map takes CLASS=CODE,... with each of ${CLASSES.join(', ')} once and codes up to 255, such as environment=75; not "${pair}".`,
      );
    }
    codes.set(blame, code);
  }
  return codes;
}
