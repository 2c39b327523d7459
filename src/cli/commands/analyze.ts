import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { anomalyRecord, type Anomaly } from '../../core/anomaly.ts';
import type { Failures } from '../../core/failures.ts';
import { expectedCommOf, findAnomalies, modeOf } from '../../core/findAnomalies.ts';
import { integerOf, isRecord, numberOf, parseJson, recordOf, stringOf } from '../../core/json.ts';
import { leftoversFrom } from '../../core/readSession.ts';
import { snapshotFrom, type Snapshot } from '../../core/snapshot.ts';
import { treeSampleFrom, type TreeSample } from '../../core/tree.ts';
import { kindWords } from '../../core/vocabularyWords.ts';
import { openHandles } from '../../logs/handles.ts';
import { readJsonLines, readLines } from '../../logs/jsonLines.ts';
import { readJsonFile, SUMMARY_FILE } from '../../logs/sessionIndex.ts';
import { chosenRoot } from '../chosenRoot.ts';
import type { Command, CommandContext } from '../command.ts';
import { UsageError } from '../failure.ts';
import { transcriptFailures } from '../readFound.ts';
import { printable, wrapped, type Terminal } from '../terminal.ts';

type Analysis =
  | {
      readonly file: string;
      readonly file_kind: 'proc_trace';
      readonly anomalies: readonly object[];
      readonly bad_lines?: number;
    }
  | ({ readonly file: string; readonly file_kind: 'transcript' } & Failures)
  | { readonly file: string; readonly error: { readonly code: string; readonly message: string } };

export const analyze: Command = {
  usage: 'FILE...',
  summary: 'Anomalies of a proc_trace.jsonl, failures in an agent’s transcript; detects which it is',
  flagHelp: [['--standard', 'judges process traces exactly as AutoSkillit does']],
  flags: { standard: { type: 'boolean' } },
  run: (context) => {
    const { args, terminal, cwd } = context;
    if (args.positionals.length === 0) throw new UsageError('Analyze what? Give at least one file.');
    let hasFailed = false;
    for (const name of args.positionals) {
      const analysis = analysisOf(context, resolve(cwd, name));
      if ('error' in analysis) hasFailed = true;
      if (args.isSet('json')) terminal.out(JSON.stringify(analysis));
      else for (const line of asText(analysis, terminal)) terminal.out(line);
    }
    return Promise.resolve(hasFailed ? 1 : 0);
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
      ? traceAnalysis(path, context.args.isSet('standard'))
      : { file, file_kind: 'transcript', ...transcriptFailures(openHandles(chosenRoot(context)), path, true) };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException; // node:fs throws nothing else
    return refused(file, code);
  }
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

function traceAnalysis(path: string, isStandard: boolean): Analysis {
  const snapshots: Snapshot[] = [];
  let strangers = 0;
  const { badLines } = readJsonLines(path, 0, (value) => {
    const snapshot = snapshotFrom(value, snapshots.length);
    if (snapshot === undefined) strangers += 1;
    else snapshots.push(snapshot);
  });
  const summary = recordOf(readJsonFile(join(dirname(path), SUMMARY_FILE)));
  const tree = treeBeside(path);
  const anomalies: Anomaly[] = findAnomalies(
    snapshots.map((snapshot) => ({ snapshot, tree: tree.get(snapshot.seq) })),
    {
      mode: isStandard ? 'strict' : modeOf(snapshots),
      pid: integerOf(summary?.['pid']) ?? pidInName(path),
      expectedComm: stringOf(summary?.['tracked_comm']) ?? expectedCommOf(snapshots),
      cores: integerOf(summary?.['cores']),
      intervalSeconds: numberOf(summary?.['snapshot_interval_seconds']),
    },
    leftoversFrom(summary),
  );
  const bad = badLines + strangers;
  return {
    file: basename(path),
    file_kind: 'proc_trace',
    anomalies: anomalies.map(anomalyRecord),
    ...(bad > 0 && { bad_lines: bad }),
  };
}

/** AutoSkillit's live trace names its process only in the file's name. */
function pidInName(path: string): number | undefined {
  const digits = /^autoskillit_trace_(\d{1,10})\.jsonl$/.exec(basename(path))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function treeBeside(path: string): ReadonlyMap<number, TreeSample> {
  const samples = new Map<number, TreeSample>();
  if (basename(path) !== 'proc_trace.jsonl') return samples;
  try {
    readJsonLines(join(dirname(path), 'tree.jsonl'), 0, (value) => {
      const sample = treeSampleFrom(value);
      if (sample !== undefined) samples.set(sample.seq, sample);
    });
  } catch {
    // AutoSkillit writes none: the tracked process alone is judged
  }
  return samples;
}

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
  const episodes = analysis.anomalies.length === 0 ? [] : episodesIn(analysis.anomalies);
  return [`${name}  ${analysis.anomalies.length} anomalies`, ...episodes];
}

function episodesIn(records: readonly object[]): string[] {
  const counts = new Map<string, number>();
  for (const record of records) {
    const { kind, severity } = record as { kind: string; severity: string }; // anomalyRecord's own keys
    const key = `${severity.padEnd(8)} ${kindWords(kind)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([what, count]) => `  ${what}${count > 1 ? `, ${count} samples` : ''}`);
}
