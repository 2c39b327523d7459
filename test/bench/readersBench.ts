import { createTranscriptAnalyzer } from '../../src/agents/transcriptReader.ts';
import { linesOf, TELLERS, type Asked, type Teller } from '../agents/tellers.ts';
import { LOG_OF } from '../agents/toolAnswers.ts';
import type { BenchRow } from './run.ts';

const BAR_MB_PER_S = 60;
/** Nothing of a document can be read before its end, and each item's place is looked for. */
const BAR_DOCUMENT_MB_PER_S = 30;
const TOTAL_BYTES = 24 * 1024 * 1024;

/** Mostly files that are read; one call in twenty fails, with a dozen lines: what is looked at more closely. */
const LINE = '\tconst value = compute("text", { key: [1, 2, 3] }); // permission denied\n';
const BODY = LINE.repeat(60);
const FAILED = `${LINE.repeat(12)}src/a.ts(1,2): error TS2345: no`;

function toldLog(teller: Teller): readonly string[] {
  const records: object[] = [...teller.begin];
  for (let bytes = 0, n = 0; bytes < TOTAL_BYTES; n++, bytes += BODY.length) {
    const call: Asked = { id: `call_${n}`, tool: teller.shell, args: { command: `cat src/file${n}.ts` } };
    records.push(...teller.ask(call), ...(n % 20 === 7 ? teller.ran(call, 1, FAILED) : teller.ran(call, 0, BODY)));
  }
  records.push(...teller.end);
  return linesOf(teller, records).map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
}

/** Formats without a teller: the same log of one answer again and again, under ids of its own. */
function repeatedLog(format: string): readonly string[] {
  const answer = { command: 'cat a.ts', exitCode: 0, tool: undefined, hasFailed: false, text: BODY };
  const failed = { ...answer, exitCode: 1, hasFailed: true, text: FAILED };
  const lines: string[] = [];
  for (let bytes = 0, n = 0; bytes < TOTAL_BYTES; n++, bytes += BODY.length) {
    for (const record of LOG_OF[format]?.(n % 20 === 7 ? failed : answer) ?? []) {
      lines.push(JSON.stringify(record).replace(/"((?:\w{1,8}_)?id)":"[^"]*"/g, `"$1":"c${n}"`));
    }
  }
  return lines;
}

function measured(name: string, lines: readonly string[], bar: number): BenchRow {
  const mb = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) / 1024 / 1024;
  const parseMs = timeOf(() => {
    if (bar === BAR_MB_PER_S) for (const line of lines) JSON.parse(line);
    else JSON.parse(lines.join('\n'));
  });
  const oursMs = timeOf(() => {
    const analyzer = createTranscriptAnalyzer({ handleOf: (line) => `src:000000000000:L${line}` });
    for (const line of lines) analyzer.push(line);
    analyzer.finish();
    if ((analyzer.snapshotOf().counts.command_exit ?? 0) === 0) throw new Error(`${name} found nothing`);
  });
  const value = mb / (oursMs / 1000);
  const detail = `${mb.toFixed(0)} MB, ${(parseMs / oursMs).toFixed(2)} of what JSON.parse alone does`;
  return { name, value, unit: 'MB/s', bar: `>= ${bar}`, held: value >= bar, detail };
}

/** Of the processor, the better of two: what else the machine does is not the reader's. */
function timeOf(work: () => void): number {
  const times = [1, 2].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

export async function bench(): Promise<readonly BenchRow[]> {
  const others = Object.keys(LOG_OF).filter((format) => TELLERS[format] === undefined);
  return Promise.resolve([
    ...others.map((format) => measured(format, repeatedLog(format), BAR_MB_PER_S)),
    ...Object.entries(TELLERS).map(([format, teller]) =>
      measured(format, toldLog(teller), teller.document === undefined ? BAR_MB_PER_S : BAR_DOCUMENT_MB_PER_S),
    ),
  ]);
}
