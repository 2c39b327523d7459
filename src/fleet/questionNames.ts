/** Each is a file in `media/fleet/questions`. */
export const QUESTION_NAMES = [
  'death-rate',
  'changed-since',
  'by-agent-version',
  'by-runner',
  'by-repository',
  'by-label',
  'memory',
  'environment-share',
  'flaky',
  'together',
  'slowest-calls',
  'leaks',
  'retry-cost',
] as const;
export type QuestionName = (typeof QUESTION_NAMES)[number];
