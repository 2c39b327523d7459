import type { CiParts } from './ciParts.ts';
import { fenced } from './reportMarkdown.ts';

/** A job's page, where a system has one: GitHub's summary, Buildkite's annotation. */
export function ciMarkdown({ title, sentence, suspect, facts, course, failures, added }: CiParts): string {
  const [counts, ...rows] = failures;
  const blocks = [
    `### ${title}`,
    `**${sentence}**`,
    suspect,
    facts.map(([name, value]) => `- ${name}: ${value}`).join('\n'),
    ...(course.length === 0 ? [] : [fenced(course.join('\n'))]),
    ...(counts === undefined ? [] : [[`Failures: ${counts}`, ...rows.map((row) => `- ${row}`)].join('\n')]),
    ...added.flatMap((part) => [`${part.title}:`, fenced(part.lines.join('\n'))]),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** The same as lines of a log, for a system that has no page. What the session said begins no line, so that it commands nothing. */
export function ciLog({ sentence, suspect, facts, course, failures, added }: CiParts): string[] {
  return [
    sentence,
    ...(suspect === '' ? [] : [suspect]),
    ...facts.map(([name, value]) => `  ${name}: ${value}`),
    ...course.map((line) => `  ${line}`),
    ...failures.map((line, index) => (index === 0 ? `  Failures: ${line}` : `    ${line}`)),
    ...added.flatMap((part) => [`  ${part.title}:`, ...part.lines.map((line) => `  | ${line}`)]),
  ];
}

export const CI_SYSTEMS = ['github', 'gitlab', 'buildkite', 'jenkins', 'other'] as const;
export type CiSystem = (typeof CI_SYSTEMS)[number];

const ESCAPE = '\u001b';
const TITLE = 'Session Diagnostics';

/** What stands in the job's log behind all that the agent printed, by the conventions of each system. */
export function ciLines(system: CiSystem, parts: CiParts, seconds: number): readonly string[] {
  if (!parts.isBad) return [];
  switch (system) {
    // https://docs.github.com/actions/reference/workflow-commands-for-github-actions: read from both streams
    case 'github':
      return [githubError([parts.sentence, parts.suspect].join(' ').trim())];
    // https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections
    case 'gitlab': {
      const name = 'session_diagnostics';
      const erase = `\r${ESCAPE}[0K`;
      return [
        `${ESCAPE}[31;1m${TITLE}: ${parts.sentence}${ESCAPE}[0m`,
        `section_start:${seconds}:${name}[collapsed=true]${erase}${TITLE}`,
        ...ciLog(parts),
        `section_end:${seconds}:${name}${erase}`,
      ];
    }
    // https://buildkite.com/docs/pipelines/configure/managing-log-output: a group that is open
    case 'buildkite':
      return [`+++ ${TITLE}`, ...ciLog(parts)];
    case 'jenkins':
    case 'other':
      return [`${TITLE}:`, ...ciLog(parts)];
  }
}

function githubError(message: string): string {
  const data = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  return `::error title=${TITLE}::${data}`;
}
