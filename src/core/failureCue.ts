import type { CueRule, Conclusion } from './failureRule.ts';

/**
 * What may stand before a cue at a line's start: the names of programs and places ("bash: line 1: ", "Error: ",
 * "curl: (6) "), npm's and pip's markers, a bracketed tag or a box-drawing border. Five of them cover the longest real
 * chain seen; anything else in front means that the line is prose or file content.
 */
const BEFORE =
  '^(?:npm (?:ERR!|error) |\\[[^\\]]{0,40}\\]:? |[-│|>×✖✗!E*╰╭]{1,3}(?:─▶)?\\s+|\\d{1,2}: )?(?:[^:]{1,120}: ?){0,5}?(?:\\(\\d{1,3}\\) )?';

/** A rule for a text that stands at a line's start or straight after the names of programs. */
export function cue(name: string, strength: CueRule['strength'], conclusion: Conclusion, pattern: string): CueRule {
  return { name, strength, ...conclusion, pattern: new RegExp(`${BEFORE}(?:${pattern})`, 'i') };
}

/** A libc or Node error code where programs put it: "connect ECONNREFUSED ...", "code: 'ENOSPC'", "npm error code EACCES". */
export function errorCode(...codes: readonly string[]): string {
  const before = `(?:\\w{0,20}Error )?(?:code |errno |connect |read |write |spawn |listen |open |watch |bind )?['"\\[(]?`;
  return `${before}(?:${codes.join('|')})\\b`;
}

/** A sentence of strerror(3) where programs put it: at the start, or after a colon, a bracket or a quote. */
export function errorText(...texts: readonly string[]): string {
  return `(?:.{0,280}[:\\])'"’‘] ?)?(?:${texts.join('|')})\\b`;
}
