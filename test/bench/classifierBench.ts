import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTranscriptAnalyzer } from '../../src/agents/transcriptReader.ts';
import { arrayOf, integerOf, isRecord, recordOf, stringOf } from '../../src/core/words/json.ts';
import { labelledTexts, scoreOf } from '../agents/labelledTexts.ts';
import type { BenchRow } from './run.ts';

interface Label {
  readonly file: string;
  readonly line: number;
  readonly category: string;
  readonly accept: readonly string[];
}

interface Score {
  failures: number;
  detected: number;
  accepted: number;
  benign: number;
  benignFlagged: number;
  unlabelledFlagged: number;
  misses: string[];
}

function labelsOf(directory: string): Label[] {
  const expected = recordOf(JSON.parse(readFileSync(join(directory, 'expected.json'), 'utf8')) as unknown) ?? {};
  return Object.entries(expected).flatMap(([file, entries]) =>
    arrayOf(entries).flatMap((entry) => {
      const line = isRecord(entry) ? integerOf(entry['line']) : undefined;
      if (!isRecord(entry) || line === undefined) return [];
      const category = stringOf(entry['category']) ?? 'unknown';
      const accept = arrayOf(entry['accept']).filter((word) => typeof word === 'string');
      return [{ file, line, category, accept }];
    }),
  );
}

function answersFor(path: string): Map<number, string> {
  const analyzer = createTranscriptAnalyzer({ handleOf: (line) => `src:000000000000:L${line}` });
  for (const line of readFileSync(path, 'utf8').replace(/\n$/, '').split('\n')) analyzer.push(line);
  analyzer.finish();
  return new Map(analyzer.snapshotOf().sources.map((source) => [source.line, `${source.category} (${source.rule})`]));
}

/**
 * A label that accepts `none` (a search without a match, labelled as a command's exit) is no failure that must be
 * found: it counts as benign, and any of its accepted answers will do.
 */
function score(directory: string, labels: readonly Label[]): Score {
  const total: Score = {
    failures: 0,
    detected: 0,
    accepted: 0,
    benign: 0,
    benignFlagged: 0,
    unlabelledFlagged: 0,
    misses: [],
  };
  for (const file of new Set(labels.map((label) => label.file))) {
    const answers = answersFor(join(directory, file));
    for (const label of labels.filter((one) => one.file === file)) {
      const answer = answers.get(label.line);
      const isAccepted = label.accept.includes(answer?.split(' ')[0] ?? 'none');
      answers.delete(label.line);
      if (!isAccepted)
        total.misses.push(`${file}:${label.line} ${answer ?? 'none'}, accepted ${label.accept.join('|')}`);
      if (label.accept.includes('none')) {
        total.benign++;
        if (!isAccepted) total.benignFlagged++;
      } else {
        total.failures++;
        if (answer !== undefined) total.detected++;
        if (isAccepted) total.accepted++;
      }
    }
    total.unlabelledFlagged += answers.size;
    for (const [line, answer] of answers) total.misses.push(`${file}:${line} ${answer}, not labelled`);
  }
  return total;
}

function rowsOf(name: string, result: Score, baseline: string): BenchRow[] {
  const share = (part: number): number => (100 * part) / Math.max(1, result.failures);
  const of = (part: number): string => `${part} of ${result.failures}; ${baseline}`;
  return [
    {
      name: `${name}: failures detected`,
      value: share(result.detected),
      unit: '%',
      bar: '>= 95 %',
      held: share(result.detected) >= 95,
      detail: of(result.detected),
    },
    {
      name: `${name}: in an accepted category`,
      value: share(result.accepted),
      unit: '%',
      bar: '>= 90 %',
      held: share(result.accepted) >= 90,
      detail: of(result.accepted),
    },
    {
      name: `${name}: benign lines flagged`,
      value: result.benignFlagged,
      unit: 'lines',
      bar: '0',
      held: result.benignFlagged === 0,
      detail: `of ${result.benign} labelled benign; ${result.unlabelledFlagged} lines without a label flagged`,
    },
  ];
}

/** This repository's own labelled texts, each in every agent's format. Only `unseen` tells how new texts will fare. */
function ownRows(): BenchRow[] {
  return ['unseen', 'seen', 'recorded'].flatMap((name) => {
    const texts = labelledTexts(name);
    const { failures, detected, accepted, benign, benignFlagged } = scoreOf(texts, 'all');
    const row = (what: string, part: number, whole: number, bar: number): BenchRow => ({
      name: `${name} texts: ${what}`,
      value: (100 * part) / Math.max(1, whole),
      unit: '%',
      bar: bar === 0 ? '0 %' : `>= ${bar} %`,
      held: bar === 0 ? part === 0 : 100 * part >= bar * whole,
      detail: `${part} of ${whole}, from ${texts.length} texts`,
    });
    return [
      row('failures detected', detected, failures, 97),
      row('in an accepted category', accepted, failures, 92),
      row('benign answers flagged', benignFlagged, benign, 0),
    ];
  });
}

/** Measures also against the labelled logs of SESSION_DIAGNOSTICS_SAMPLES or of the command line's first argument. */
export async function bench(directory = process.env['SESSION_DIAGNOSTICS_SAMPLES']): Promise<readonly BenchRow[]> {
  const own = ownRows();
  if (directory === undefined || !existsSync(join(directory, 'expected.json'))) {
    const detail = 'skipped: set SESSION_DIAGNOSTICS_SAMPLES to a directory with expected.json and the logs it labels';
    return Promise.resolve([...own, { name: 'labelled logs', value: 0, unit: '', detail }]);
  }
  const labels = labelsOf(directory);
  const all = score(directory, labels);
  const real = score(
    directory,
    labels.filter((label) => label.file.includes('/real_')),
  );
  for (const miss of all.misses) console.log(`  differs: ${miss}`);
  return Promise.resolve([
    ...own,
    ...rowsOf('all lines', all, 'CodeWhale detects 35 and 18 are accepted'),
    ...rowsOf('real lines', real, 'CodeWhale detects 3 and 1 is accepted'),
  ]);
}

if (import.meta.main) {
  for (const row of await bench(process.argv[2])) {
    console.log(`${row.name}: ${row.value.toFixed(1)} ${row.unit} (bar ${row.bar ?? 'none'}) ${row.detail ?? ''}`);
  }
}
