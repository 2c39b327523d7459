import type { FailureSource } from '../../../core/session/failures.ts';
import { isOpenRule, type OpenRule } from '../../../core/words/ruleNames.ts';
import type { FailureCategory, Severity } from '../../../core/words/vocabulary.ts';
import { CATEGORY_MEANINGS } from '../../../core/fields/wordMeanings.ts';
import type { Problem } from './problem.ts';

/** A command that fails is often a test that does its work; of what is not known nothing worse is said. */
const MILD: ReadonlySet<FailureCategory> = new Set(['command_exit', 'unknown']);

const TITLES: { readonly [category in FailureCategory]: string } = {
  model: 'Failure of the model',
  tool_schema: 'Wrong tool call',
  command_exit: 'Command failed',
  network: 'Network failure',
  sandbox_approval: 'Refused by sandbox or approval',
  missing_dependency: 'Missing dependency',
  timeout: 'Timed out',
  background_job: 'Background job failed',
  resource: 'Out of a resource',
  unknown: 'Failed for an unknown reason',
};

/**
 * The classified failures of a transcript at their lines. What is merely open at the end of a log that is still
 * written is none.
 */
export function failureProblems(failures: readonly FailureSource[], isWritten: boolean): readonly Problem[] {
  return failures.flatMap((failure): readonly Problem[] => {
    const line = Math.max(0, failure.line - 1);
    if (isOpenRule(failure.rule)) {
      return isWritten ? [] : [{ line, severity: 'info', code: failure.category, message: OPEN[failure.rule] }];
    }
    const { category, confidence, exit_code: exitCode } = failure;
    if (failure.rule === 'open_at_death') {
      const severity = category === 'unknown' ? 'info' : 'warning';
      return [{ line, severity, code: category, message: openAtDeath(category) }];
    }
    const severity: Severity = MILD.has(category) ? 'info' : 'warning';
    const exit = exitCode === undefined ? '' : `, exit code ${exitCode}`;
    const message = `${TITLES[category]} (${confidence}${exit}): ${CATEGORY_MEANINGS[category]}.`;
    return [{ line, severity, code: category, message }];
  });
}

function openAtDeath(category: FailureCategory): string {
  const why = category === 'unknown' ? '' : `: ${CATEGORY_MEANINGS[category]}`;
  return `The session died while this was open${why}.`;
}

const OPEN: Readonly<Record<OpenRule, string>> = {
  call_open_at_end: 'The log ends while this call is open: the session stopped, or was stopped, in its middle.',
  turn_open_at_end: 'The log ends while this turn is open: the session stopped, or was stopped, in its middle.',
};
