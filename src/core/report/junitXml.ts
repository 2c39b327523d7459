import { escapedMarkup } from '../words/markup.ts';
import type { Blame } from './harnessVerdict.ts';
import type { CiEnd, CiParts } from './ciParts.ts';
import { ciLog } from './ciPages.ts';

/** Whose doing is a failed check; all else went wrong around it, which JUnit calls an error. */
const FAILING: ReadonlySet<Blame> = new Set(['model', 'unknown']);

/** The session as one test case, in the form that CI systems show as test results. */
export function junitXml(parts: CiParts, { session, verdict }: CiEnd): string {
  const { outcome, cause, layer, confidence } = session.verdict;
  const isSkipped = outcome === 'stopped';
  const element = !parts.isBad ? undefined : FAILING.has(verdict.blame) ? 'failure' : 'error';
  const time = String(session.duration_seconds ?? 0);
  const log = ciLog(parts).join('\n');
  const count = (is: boolean): string => (is ? '1' : '0');
  const suite = attributes({
    name: 'Session Diagnostics',
    tests: '1',
    failures: count(element === 'failure'),
    errors: count(element === 'error'),
    skipped: count(isSkipped),
    time,
    ...(session.started_at !== null && { timestamp: session.started_at.slice(0, 19) }),
  });
  const told = { outcome, cause, layer, confidence, blame: verdict.blame, retry: verdict.retry };
  return `${[
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite${suite}>`,
    '    <properties>',
    ...Object.entries(told).map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    `    <testcase${attributes({ classname: `agent.${session.agent}`, name: 'session', time })}>`,
    ...(isSkipped ? [`      <skipped${attributes({ message: parts.sentence })}/>`] : []),
    ...(element === undefined
      ? []
      : [`      <${element}${attributes({ type: cause, message: parts.sentence })}>${escaped(log)}</${element}>`]),
    `      <system-out>${escaped(log)}</system-out>`,
    '    </testcase>',
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')}\n`;
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(value)}"`)
    .join('');
}

/** What XML 1.0 has no way to write is left out: half a surrogate pair, and two that are no characters. */
function escaped(text: string): string {
  return escapedMarkup(text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd'));
}
