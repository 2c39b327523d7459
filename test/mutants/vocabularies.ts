import { CLASSIFIER_RULES } from '../../src/core/words/ruleNames.ts';
import * as vocabulary from '../../src/core/words/vocabulary.ts';

/** Words that exclude each other, by the kind of change that exchanges them. */
export const VOCABULARIES: readonly (readonly [kind: string, words: readonly string[]])[] = [
  ['confidence', vocabulary.CONFIDENCES],
  ['layer', vocabulary.LAYERS],
  ['cause', vocabulary.CAUSES],
  ['category', vocabulary.FAILURE_CATEGORIES],
  ['outcome', vocabulary.OUTCOMES],
  ['evidence', vocabulary.EVIDENCE_KINDS],
  ['detail', vocabulary.VERDICT_DETAILS],
  ['relation', vocabulary.SENDER_RELATIONS],
  ['severity', vocabulary.SEVERITIES],
  ['rule', CLASSIFIER_RULES],
  ['word', vocabulary.ANOMALY_KINDS],
  ['word', vocabulary.ACTIVITIES],
  ['word', vocabulary.MACHINE_RECORDS],
  ['word', vocabulary.TRANSCRIPT_ENDS],
  ['word', vocabulary.TOOL_KINDS],
  ['word', vocabulary.LIFECYCLE_EVENTS],
  ['word', vocabulary.SUBTYPES],
  ['word', vocabulary.TERMINATION_REASONS],
  ['word', vocabulary.PROCESS_STATES],
];
