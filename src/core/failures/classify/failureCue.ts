import type { Conclusion, CueRule, CueTexts } from './failureRule.ts';

/**
 * What may stand before a text that must start a line: the names of programs and places ("bash: line 1: ", "Error: ",
 * "curl: (6) "), npm's and pip's markers, a bracketed tag or a box-drawing border. Five of them cover the longest real
 * chain seen; anything else in front means that the line is prose or file content.
 */
const BEFORE =
  '^(?:npm (?:ERR!|error) |\\[[^\\]]{0,40}\\]:? |[-│|>×✖✗!E*╰╭]{1,3}(?:─▶)?\\s+|\\d{1,2}: )?(?:[^:]{1,120}: ?){0,5}?(?:\\(\\d{1,3}\\) )?';

/** A rule for texts on one line of what a failed program printed. Each text is a regular expression. */
export function cue(
  name: CueRule['name'],
  strength: CueRule['strength'],
  conclusion: Conclusion,
  texts: CueTexts,
): CueRule {
  return { name, strength, ...conclusion, texts, pattern: patternOf([texts]) };
}

/** One pattern for all: a line that does not match it need not be shown to each rule. */
export function patternOf(all: readonly CueTexts[]): RegExp {
  const starts = all.flatMap((texts) => texts.starts ?? []);
  const patterns = all.flatMap((texts) => texts.anywhere ?? []);
  if (starts.length > 0) patterns.push(`${BEFORE}(?:${starts.join('|')})`);
  return new RegExp(patterns.join('|'), 'i');
}

/** Error codes of libc and Node where programs put them: "connect ECONNREFUSED ...", "code: 'ENOSPC'", "npm error code EACCES". */
export function errorCode(codes: string): string {
  return `(?:\\w{0,20}Error )?(?:code |errno |connect |read |write |spawn |listen |open |watch |bind )?['"[(]?(?:${codes})\\b`;
}

/** The same codes anywhere, but not in a sentence about them: "(ECONNREFUSED)", "Errno::ENOSPC:", "EMFILE /srv". */
export function errorName(codes: string): string {
  return `(?:[:([=] ?)(?:${codes})\\b(?=$|[^\\w ])|\\b(?:${codes})(?=[:)\\]]| \\d| /)`;
}

/** Sentences of strerror(3) where programs put them: at the start, after a colon or in brackets. In quotes they are code. */
export function errorText(texts: string): string {
  return `(?:^|[:()\\]] ?)(?:${texts})\\b`;
}
