import { missingNameIn } from './missingName.ts';
import type { StoryFacts } from './storyFacts.ts';
import type { Cause, VerdictDetail } from '../words/vocabulary.ts';

/** What the rules of `advice.ts` ask of a session. */

export function isOomKilled({ verdict }: StoryFacts): boolean {
  return verdict.cause === 'oom_kill';
}

export function limitOf({ verdict, memory }: StoryFacts): number | undefined {
  return verdict.evidence.find(({ name }) => name === 'cgroup_memory_kb')?.limit ?? memory?.limitKb;
}

const HALF_GIB = 512 * 1024;

/** Half as much again, as a number that one would type. */
export function roomFor(kb: number): number {
  return Math.ceil((kb * 1.5) / HALF_GIB) * HALF_GIB;
}

export function hasDetail({ verdict }: StoryFacts, ...details: readonly VerdictDetail[]): boolean {
  return verdict.detail !== undefined && details.includes(verdict.detail);
}

/** Whoever survived a failure did not end because of it. */
export function failedOf(
  { failure, verdict, isRunning }: StoryFacts,
  category: string,
  ...details: readonly string[]
): boolean {
  if (failure?.hasEndedIt !== true || isRunning || !CAN_BE_A_FAILURE.has(verdict.cause)) return false;
  return failure.category === category && details.includes(failure.detail ?? 'unknown');
}

const CAN_BE_A_FAILURE: ReadonlySet<Cause> = new Set([
  'exit_nonzero',
  'ended_mid_task',
  'blocked',
  'did_nothing',
  'limit_reached',
  'unknown',
]);

export function isMissing(facts: StoryFacts, what: 'program' | 'module'): boolean {
  if (hasDetail(facts, what === 'program' ? 'missing_program' : 'missing_module')) return true;
  if (failedOf(facts, 'missing_dependency', what)) return true;
  return what === 'program' && facts.verdict.cause === 'exit_nonzero' && facts.exitCode === 127;
}

/** What is missing, by its name. */
export function missingName(facts: StoryFacts): string | undefined {
  return missingNameIn(textsOf(facts));
}

function textsOf({ failure, lastWords }: StoryFacts): readonly string[] {
  const answer = failure?.isLast === true ? failure.answer : undefined;
  return [...(answer === undefined ? [] : answer.split('\n')), ...(lastWords?.lines ?? [])];
}
