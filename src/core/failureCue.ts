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
