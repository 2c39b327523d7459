import { patternOf } from './failureCue.ts';
import { BROAD_CUES } from './failureCuesBroad.ts';
import { COMMAND_CUES, MISSING_CUES } from './failureCuesCommand.ts';
import { RESOURCE_CUES, SANDBOX_CUES, TIMEOUT_CUES } from './failureCuesLocal.ts';
import { NETWORK_CUES } from './failureCuesNetwork.ts';
import { detailOf } from './detailOf.ts';
import type { Conclusion, CueRule, SymptomRule } from './failureRule.ts';
import { BENIGN_EXIT_RULES, EXIT_CODE_RULES } from './failureRulesExit.ts';
import { HARNESS_RULES, NOTICE_RULES, PLAIN_NOTICE_RULE, SANDBOX_RULES, WEB_RULE } from './failureRulesHarness.ts';
import { SHARED_STATUS_RULES, STRUCTURED_RULES } from './failureRulesStructured.ts';
import { plainWords, serviceWords, tellingLines } from './failureText.ts';
import { reportsFailedTests } from './failureTestReport.ts';
import type { ClassifierRule } from '../../words/ruleNames.ts';
import type { Symptom } from '../transcriptEvents.ts';

export interface Diagnosis extends Conclusion {
  readonly rule: ClassifierRule;
  /** Which of the category's kinds it is. */
  readonly detail: string | undefined;
}

/** In order: of two cues of the same strength on one line, the first listed decides. */
const KNOWN_CUES: readonly CueRule[] = [
  ...NETWORK_CUES,
  ...RESOURCE_CUES,
  ...TIMEOUT_CUES,
  ...COMMAND_CUES,
  ...MISSING_CUES,
  ...SANDBOX_CUES,
];

export const CUE_RULES: readonly CueRule[] = [...KNOWN_CUES, ...BROAD_CUES];

/** Ruling out most lines at once makes a failing output of 16 KB cost 1 ms instead of 4. */
const ANY_KNOWN = patternOf(KNOWN_CUES.map((rule) => rule.texts));
/** Where a program gives its reason in words of its own: first, or shortly before it ends. */
const FIRST_LINES = 5;
const LAST_LINES = 20;

/** A failing test run is judged as one before the output of its tests is read. */
const TEST_RULE: SymptomRule = {
  name: 'tests_failed',
  category: 'command_exit',
  confidence: 'certain',
  holds: (s) => s.origin === 'call' && s.output !== undefined && reportsFailedTests(s.output),
};

const BEFORE_CUES: readonly SymptomRule[] = [
  ...NOTICE_RULES,
  ...STRUCTURED_RULES,
  ...BENIGN_EXIT_RULES,
  ...HARNESS_RULES,
  ...SHARED_STATUS_RULES,
  TEST_RULE,
];
const AFTER_CUES: readonly SymptomRule[] = [PLAIN_NOTICE_RULE, ...SANDBOX_RULES, ...EXIT_CODE_RULES, WEB_RULE];

export const SYMPTOM_RULES: readonly SymptomRule[] = [...BEFORE_CUES, ...AFTER_CUES];

/**
 * Why something failed, from the evidence in its order: structured field, header of a tool's output, sentence of the
 * harness, cue at a line's start, exit-code convention. What no rule knows is `unknown`, which is an answer too.
 */
export function classify(told: Symptom): Diagnosis {
  const status = told.http_status ?? serviceWords(told.said ?? '')?.status;
  const symptom = status === told.http_status ? told : { ...told, http_status: status };
  const before = BEFORE_CUES.find((r) => r.holds(symptom));
  const cue = before === undefined ? cueOf(symptom) : undefined;
  const rule = before ?? cue?.rule ?? AFTER_CUES.find((r) => r.holds(symptom));
  if (rule === undefined)
    return { rule: 'unrecognised', category: 'unknown', confidence: 'possible', detail: undefined };
  const { name, category, confidence } = rule;
  const text = cue?.line ?? symptom.said ?? '';
  const detail = category === 'benign' ? undefined : detailOf(category, { rule: name, symptom, text });
  return { rule: name, category, confidence, detail };
}

interface FoundCue {
  readonly rule: CueRule;
  readonly line: string;
}

/** The strongest cue of the output; among equals the one that stands last. */
function cueOf(symptom: Symptom): FoundCue | undefined {
  let best: FoundCue | undefined;
  const lines = tellingLines(symptom.output ?? symptom.said ?? '');
  for (let i = lines.length - 1; i >= 0 && best?.rule.strength !== 3; i--) {
    const line = lines[i] ?? '';
    if (!ANY_KNOWN.test(line)) continue;
    const found = KNOWN_CUES.find((rule) => rule.strength > (best?.rule.strength ?? 0) && rule.pattern.test(line));
    if (found !== undefined) best = { rule: found, line };
  }
  return best ?? wordsOf(lines);
}

/** No wording is known: the vocabulary of a category, on the last line that has any. */
function wordsOf(lines: readonly string[]): FoundCue | undefined {
  for (let i = lines.length - 1; i >= 0; i--) {
    if (i >= FIRST_LINES && i < lines.length - LAST_LINES) continue;
    const plain = plainWords(lines[i] ?? '');
    const found = BROAD_CUES.find((rule) => rule.pattern.test(plain));
    if (found !== undefined) return { rule: found, line: plain };
  }
  return undefined;
}
