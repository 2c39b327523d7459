import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { anomalyRecord } from '../../core/session/anomaly.ts';
import type { Failures } from '../../core/session/failures.ts';
import { isRecord, parseJson } from '../../core/words/json.ts';
import { kindWords } from '../../core/words/vocabularyWords.ts';
import { openHandles } from '../../logs/handles.ts';
import { readLines } from '../../logs/jsonLines.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command, CommandContext } from '../command.ts';
import { judgedTrace, type JudgedTrace } from '../../sessions/judgedTrace.ts';
import { outWithList } from '../outWithList.ts';
import { readTranscript } from '../../sessions/readTranscript.ts';
import { printable, wrapped, type Terminal } from '../terminal.ts';
import { LOG_FLAG_HELP, LOG_FLAGS } from '../unrecorded/unrecordedLogs.ts';
import { newestLogPath } from '../unrecorded/unrecordedSessions.ts';

type Analysis =
  | ({ readonly file: string; readonly file_kind: 'proc_trace' } & JudgedTrace)
  | ({ readonly file: string; readonly file_kind: 'transcript' } & Failures)
  | { readonly file: string; readonly error: { readonly code: string; readonly message: string } };

export const analyze: Command = {
  usage: '[FILE...]',
  summary:
    'Anomalies of a proc_trace.jsonl, failures in an agent’s transcript; detects which it is; without a file the newest log of an agent here',
  flagHelp: [['--standard', 'judges process traces exactly as AutoSkillit does'], ...LOG_FLAG_HELP],
  flags: { standard: { type: 'boolean' }, ...LOG_FLAGS },
  run: async (context) => {
    const { args, terminal, cwd } = context;
    const names = args.positionals.length > 0 ? args.positionals : [await newestLogPath(context)];
    let hasFailed = false;
    for (const name of names) {
      const analysis = analysisOf(context, resolve(cwd, name));
      if ('error' in analysis) hasFailed = true;
      if (args.isSet('json')) outJson(analysis, terminal);
      else for (const line of asText(analysis, terminal)) terminal.out(line);
    }
    return hasFailed ? 1 : 0;
  },
};

function analysisOf(context: CommandContext, path: string): Analysis {
  const file = basename(path);
  try {
    const found = statSync(path);
    if (found.isDirectory()) return refused(file, 'EISDIR');
    // A pipe or a device may never end, and has no lines that a handle could lead back to.
    if (!found.isFile()) return refused(file, 'ENOTSUP');
    return isProcTrace(path)
      ? { file, file_kind: 'proc_trace', ...judgedTrace(path, context.args.isSet('standard')) }
      : { file, file_kind: 'transcript', ...failuresIn(path, context) };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    return refused(file, code);
  }
}

/** Of a log alone, whoever's it is: no process's evidence is joined to it. */
function failuresIn(path: string, context: CommandContext): Failures {
  return readTranscript(path, { handleOf: openHandles(chosenRoot(context)).handleOf(path) }).snapshotOf();
}

function refused(file: string, code: string): Analysis {
  return { file, error: { code, message: READ_ERRORS[code] ?? 'The file could not be read.' } };
}

const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file.',
  EACCES: 'The file may not be read by this user.',
  EISDIR: 'This is a folder: give one of its files.',
  ENOTSUP: 'This is a pipe or a device: write it to a file first.',
  ELOOP: 'This is a symbolic link: give the file itself.',
};

/** A snapshot of anybody's has these; no agent's transcript does. */
function isProcTrace(path: string): boolean {
  if (basename(path) === 'proc_trace.jsonl') return true;
  let answer: boolean | undefined;
  try {
    readLines(path, 0, (line) => {
      const parsed = parseJson(line);
      if (!parsed.ok || !isRecord(parsed.value)) return;
      const record = parsed.value;
      answer = 'vm_rss_kb' in record || 'oom_score' in record || record['event'] === 'snapshot';
      throw new FirstRecordSeen();
    });
  } catch (error) {
    if (!(error instanceof FirstRecordSeen)) throw error;
  }
  return answer ?? false;
}

/** Ends the reading of a file once its first record has told what it is. */
class FirstRecordSeen extends Error {}

function asText(analysis: Analysis, terminal: Terminal): string[] {
  const name = terminal.styled('bold', printable(analysis.file));
  if ('error' in analysis) return [`${name}  ${analysis.error.message}`];
  if (analysis.file_kind === 'transcript') {
    const counts = Object.entries(analysis.counts).filter(([, count]) => count > 0);
    return [
      `${name}  ${analysis.format}, ${analysis.total_lines} lines${analysis.malformed_lines > 0 ? `, ${analysis.malformed_lines} damaged` : ''}`,
      wrapped(`  ${analysis.suspect.sentence}`, terminal.columns, '  '),
      ...counts.map(([category, count]) => `  ${String(count).padStart(5)}  ${category.replaceAll('_', ' ')}`),
      ...analysis.sources.map(
        ({ handle, category, rule }) => `  ${handle}  ${category.replaceAll('_', ' ')} (${rule})`,
      ),
    ];
  }
  const counts = new Map<string, number>();
  let total = 0;
  analysis.judge(({ kind, severity }) => {
    const what = `${severity.padEnd(8)} ${kindWords(kind)}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
    total += 1;
  });
  const kinds = [...counts].map(([what, count]) => `  ${what}${count > 1 ? `, ${count} samples` : ''}`);
  return [`${name}  ${total} anomalies`, ...kinds];
}

function outJson(analysis: Analysis, terminal: Terminal): void {
  if ('error' in analysis || analysis.file_kind === 'transcript') {
    terminal.out(JSON.stringify(analysis));
    return;
  }
  const { file, file_kind, judge } = analysis;
  outWithList(terminal, { before: { file, file_kind }, name: 'anomalies' }, (add) => {
    const badLines = judge((anomaly) => add(anomalyRecord(anomaly)));
    return badLines > 0 ? { bad_lines: badLines } : {};
  });
}
