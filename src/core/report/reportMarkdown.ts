import { humanKb, humanSeconds } from '../words/humanUnits.ts';
import { categoryPhrase, listed } from '../failures/suspect.ts';
import type { Report, ReportEnvironment, ReportFailures, SessionReport } from './report.ts';
import { FAILURE_CATEGORIES } from '../words/vocabulary.ts';
import { plural } from '../failures/suspect.ts';
import { verdictSentence } from '../death/verdictSentence.ts';

/** Texts that a person chose to add. They come from the redactor, never from a log. */
export interface AddedTexts {
  readonly note?: string;
  /** Detailed mode: the first lines of errors, redacted, with the handles of where they stand. */
  readonly excerpts?: readonly { readonly handle: string; readonly text: string }[];
}

/** As it reads well in a GitHub issue. */
export function reportMarkdown(report: Report, added: AddedTexts = {}): string {
  const blocks = [
    '## Session Diagnostics report',
    `Made ${report.created_at.slice(0, 16).replace('T', ' ')} UTC from process measurements and failure counts. It holds no text of the session: no paths, commands or output, and no names but those of well-known programs.`,
    ...report.sessions.flatMap((session, index) =>
      sessionBlocks(session, report.sessions.length > 1 ? index + 1 : undefined),
    ),
    '### Environment',
    environmentLines(report.environment),
    '### Left out',
    `${report.left_out.map((word) => LEFT_OUT_PHRASES[word]).join(', ')}. Handles (\`src:…\`) lead back to lines on the reporter's machine only: \`session-diagnostics locate HANDLE\`.`,
    ...addedBlocks(added),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

const LEFT_OUT_PHRASES: { readonly [word in Report['left_out'][number]]: string } = {
  texts: 'Every text of the transcript (private)',
  paths: 'paths (private)',
  names: 'names of people, machines and projects (private)',
  commands: 'commands (private)',
  output: 'output (private)',
  environment_values: 'values of the environment (private)',
  unreadable_lines: 'lines that could not be read (damaged)',
  older_episodes: 'older anomalies (too many)',
  older_failures: 'older failures (too many)',
};

function sessionBlocks(session: SessionReport, ordinal: number | undefined): string[] {
  const title = ordinal === undefined ? '### What happened' : `### Session ${ordinal}`;
  return [
    title,
    [`**${sentenceOf(session)}**`, suspectLine(session.failures)].filter((line) => line !== '').join('\n\n'),
    factLines(session),
    ...episodeTable(session),
    ...(session.failures === null ? [] : failureBlocks(session.failures)),
    ...timelineTable(session),
  ];
}

export function sentenceOf({ verdict: { detail, ...verdict } }: SessionReport): string {
  return verdictSentence({
    ...verdict,
    ...(detail !== null && { detail }),
    evidence: verdict.evidence.map(({ kind, name, value, limit, relation }) => ({
      kind,
      // "other" in the place of an unknown word names nothing.
      ...(name !== null && name !== 'other' && { name }),
      ...(value !== null && { value }),
      ...(limit !== null && { limit }),
      ...(relation !== null && { relation }),
    })),
  });
}

/** "Environment suspect (likely): 5 of 7 failures are network or sandbox failures." */
export function suspectLine(failures: ReportFailures | null, saysConfidence = true): string {
  if (failures === null || failures.suspect.because.length === 0) return '';
  const { layer, confidence, because } = failures.suspect;
  const total = FAILURE_CATEGORIES.reduce((sum, category) => sum + (failures.counts[category] ?? 0), 0);
  const count = because.reduce((sum, category) => sum + (failures.counts[category] ?? 0), 0);
  const capital = layer.charAt(0).toUpperCase() + layer.slice(1);
  const absolved = layer === 'environment' && (failures.counts.model ?? 0) === 0 ? ' The model was not at fault.' : '';
  const kind = listed(because.map(categoryPhrase));
  const share = total === 1 ? 'the only failure' : `${count} of ${total} failures`;
  const what = count === 1 ? `${share} is of the kind ${kind}` : `${share} are ${kind} failures`;
  return `${capital} suspect${saysConfidence ? ` (${confidence})` : ''}: ${what}.${absolved}`;
}

function factLines(session: SessionReport): string {
  const { timeline, tree } = session;
  const version = session.agent_version === null ? '' : ` ${session.agent_version}`;
  const facts: (readonly [string, string | undefined])[] = [
    ['Session', `\`${session.handle}\``],
    ['Agent', `${session.agent}${version}`],
    ['Outcome', `${session.verdict.outcome}, cause \`${session.verdict.cause}\`, layer ${session.verdict.layer}`],
    ['Exit code', session.exit_code === null ? undefined : String(session.exit_code)],
    ['Time to the end', session.duration_seconds === null ? undefined : humanSeconds(session.duration_seconds)],
    ['Peak memory', peakMemory(session)],
    [
      'Memory slope',
      timeline.rss_slope_kb_per_minute === null ? undefined : slopeText(timeline.rss_slope_kb_per_minute),
    ],
    [
      'Descriptors',
      !timeline.peak_fd_ratio ? undefined : `${Math.round(timeline.peak_fd_ratio * 100)}% of the limit at most`,
    ],
    ['Peak OOM score', !timeline.peak_oom_score ? undefined : String(timeline.peak_oom_score)],
    ['Processes', tree.most_processes === 0 ? undefined : `${tree.most_processes} at most: ${kindsText(tree.kinds)}`],
    ['Left behind', kindsText(tree.leftovers)],
    ['Evidence', session.verdict.evidence.map((item) => `\`${item.kind}\``).join(', ')],
  ];
  return facts
    .flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`- ${name}: ${value}`]))
    .join('\n');
}

function peakMemory({ timeline }: SessionReport): string | undefined {
  // A process that was gone before its first sample had none of anything.
  if (!timeline.peak_rss_kb) return undefined;
  const tree = timeline.peak_tree_rss_kb === null ? '' : `, whole tree ${humanKb(timeline.peak_tree_rss_kb)}`;
  return humanKb(timeline.peak_rss_kb) + tree;
}

function slopeText(kbPerMinute: number): string {
  return `${kbPerMinute < 0 ? '-' : '+'}${humanKb(Math.abs(kbPerMinute))} a minute`;
}

export function kindsText(kinds: Readonly<Record<string, number>>): string {
  return Object.entries(kinds)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

function episodeTable({ episodes }: SessionReport): string[] {
  if (episodes.length === 0) return [];
  const rows = episodes.map(
    ({ kind, severity, from_seconds: from, to_seconds: to, count }) =>
      `| ${kind} | ${severity} | ${secondsText(from)} | ${secondsText(to)} | ${count} |`,
  );
  return [
    '#### Anomalies',
    ['| Kind | Severity | From | To | Samples |', '|---|---|---:|---:|---:|', ...rows].join('\n'),
  ];
}

function secondsText(seconds: number | null): string {
  return seconds === null ? '' : humanSeconds(Math.max(0, seconds));
}

function failureBlocks(failures: ReportFailures): string[] {
  const counts = FAILURE_CATEGORIES.flatMap((category) => {
    const count = failures.counts[category];
    return count === undefined ? [] : [`${count} ${category}`];
  });
  const unclosed = `${plural(failures.unclosed_turns, 'turn')} and ${plural(failures.unclosed_calls, 'call')} never ended`;
  const summary = `${counts.length === 0 ? 'None' : counts.join(', ')}; ${unclosed} (${failures.total_lines} lines of ${failures.format}).`;
  const rows = failures.sources.map(
    ({ category, rule, confidence, tool_kind: tool, exit_code: code, handle }) =>
      `| ${category} | ${rule} | ${confidence} | ${tool ?? ''} | ${code ?? ''} | \`${handle}\` |`,
  );
  const table = ['| Category | Rule | Confidence | Tool | Exit code | Handle |', '|---|---|---|---|---:|---|', ...rows];
  return ['#### Failures in the transcript', summary, ...(rows.length === 0 ? [] : [table.join('\n')])];
}

function timelineTable({ timeline }: SessionReport): string[] {
  if (timeline.points.length === 0) return [];
  const memory = (kb: number | null): string => (kb === null ? '' : humanKb(kb));
  const rows = timeline.points.map(
    (point) =>
      `| ${humanSeconds(Math.max(0, point.at_seconds))} | ${memory(point.rss_kb)} | ${memory(point.tree_rss_kb)} | ${point.cpu_percent ?? ''} | ${point.fds ?? ''} |`,
  );
  const heading = `<details><summary>Course (${timeline.points.length} of ${timeline.samples} samples)</summary>`;
  return [
    heading,
    ['| At | RSS | Tree RSS | CPU % | Descriptors |', '|---:|---:|---:|---:|---:|', ...rows].join('\n'),
    '</details>',
  ];
}

function environmentLines(environment: ReportEnvironment): string {
  const { container, memory_kb: memory, cores } = environment;
  const facts: (readonly [string, string | undefined])[] = [
    ['System', `${environment.os} ${environment.kernel_version ?? ''} ${environment.arch}`.replace(/ +/g, ' ')],
    [
      'Machine',
      [cores === null ? '' : `${cores} cores`, memory === null ? '' : humanKb(memory)]
        .filter((part) => part !== '')
        .join(', '),
    ],
    ['Container', container === null ? undefined : container ? 'yes' : 'no'],
    ['Session Diagnostics', environment.product_version ?? undefined],
    ['Editor', environment.editor_version ?? undefined],
  ];
  return facts
    .flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`- ${name}: ${value}`]))
    .join('\n');
}

function addedBlocks({ note, excerpts = [] }: AddedTexts): string[] {
  return [
    ...(note === undefined || note.trim() === '' ? [] : ["### The reporter's note (redacted)", fenced(note)]),
    ...(excerpts.length === 0 ? [] : ['### First lines of errors (redacted, added on request)']),
    ...excerpts.map(({ handle, text }) => `\`${handle}\`\n\n${fenced(text)}`),
  ];
}

/** A fence longer than any run of backticks inside: the text stays text, whatever it holds. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text.trimEnd()}\n${fence}`;
}
