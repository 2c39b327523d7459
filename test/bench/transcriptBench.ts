import { createTranscriptAnalyzer } from '../../src/agents/transcriptReader.ts';
import type { BenchRow } from './run.ts';

const TOTAL_BYTES = 100 * 1024 * 1024;
const BAR_MB_PER_S = 60;
/** Lists of sources and spans grow to their bounds; nothing else may stay. */
const BAR_HEAP_MB = 25;
const BAR_APPEND_MS = 1;

const ROUND = 40;

function claudeLine(i: number, type: string, content: unknown, rest: object = {}): string {
  return JSON.stringify({
    parentUuid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    isSidechain: false,
    userType: 'external',
    cwd: '/srv/project',
    sessionId: '6f1d2c3b-0000-4000-8000-000000000001',
    version: '2.1.0',
    type,
    message: { role: type, id: `msg_${i}`, content, usage: { input_tokens: 10, output_tokens: 40 } },
    timestamp: new Date(1_700_000_000_000 + i * 1000).toISOString(),
    ...rest,
  });
}

/** A round of a session: mostly files read and edited, some prose, a few failing commands. */
function roundLines(round: number): string[] {
  const lines: string[] = [];
  for (let i = 0; i < ROUND; i++) {
    const n = round * ROUND + i;
    const id = `toolu_${n}`;
    const isFailing = i % 20 === 7;
    lines.push(claudeLine(n, 'assistant', [{ type: 'text', text: 'Let me look at that file.\n'.repeat(8) }]));
    lines.push(
      claudeLine(n, 'assistant', [{ type: 'tool_use', id, name: 'Bash', input: { command: `cat src/file${n}.ts` } }]),
    );
    const text = `${String(n)}\tconst value = compute("text", { key: [1, 2, 3] }); // permission denied\n`.repeat(60);
    const content = isFailing ? `Exit code 1\n${text}src/a.ts(1,2): error TS2345: no` : text;
    const detail = isFailing ? `Error: ${content}` : { stdout: text, stderr: '', interrupted: false };
    lines.push(
      claudeLine(n, 'user', [{ type: 'tool_result', tool_use_id: id, content, is_error: isFailing }], {
        toolUseResult: detail,
      }),
    );
  }
  return lines;
}

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

export async function bench(): Promise<readonly BenchRow[]> {
  const analyzer = createTranscriptAnalyzer({ handleOf: (line) => `src:000000000000:L${line}` });
  const parseOnly = { lines: 0 };
  let bytes = 0;
  let oursMs = 0;
  let parseMs = 0;
  const heapBefore = heapMb();
  for (let round = 0; bytes < TOTAL_BYTES; round++) {
    const lines = roundLines(round);
    bytes += lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    const start = performance.now();
    for (const line of lines) analyzer.push(line);
    const middle = performance.now();
    for (const line of lines) if (JSON.parse(line) !== null) parseOnly.lines++;
    oursMs += middle - start;
    parseMs += performance.now() - middle;
  }
  const heapGrowth = heapMb() - heapBefore;
  const appendMs = appendTime(analyzer);
  const mb = bytes / 1024 / 1024;
  return Promise.resolve([
    {
      name: 'transcript analysed',
      value: mb / (oursMs / 1000),
      unit: 'MB/s',
      bar: `>= ${BAR_MB_PER_S}`,
      held: mb / (oursMs / 1000) >= BAR_MB_PER_S,
      detail: `${mb.toFixed(0)} MB, ${parseOnly.lines} lines; JSON.parse alone runs at ${(mb / (parseMs / 1000)).toFixed(0)} MB/s`,
    },
    {
      name: 'heap kept after 100 MB',
      value: heapGrowth,
      unit: 'MB',
      // Without --expose-gc garbage is counted as well, and the number says nothing.
      ...(globalThis.gc !== undefined && { bar: `<= ${BAR_HEAP_MB}`, held: heapGrowth <= BAR_HEAP_MB }),
      ...(globalThis.gc === undefined && { detail: 'without --expose-gc this counts garbage too' }),
    },
    {
      name: 'a line appended, and a snapshot taken, after 100 MB',
      value: appendMs,
      unit: 'ms',
      bar: `<= ${BAR_APPEND_MS}`,
      held: appendMs <= BAR_APPEND_MS,
    },
  ]);
}

/** The median over many appends, because one garbage collection is no cost of a line. */
function appendTime(analyzer: ReturnType<typeof createTranscriptAnalyzer>): number {
  const line = roundLines(1_000_000)[2] ?? '';
  const times = Array.from({ length: 101 }, () => {
    const start = performance.now();
    analyzer.push(line);
    analyzer.snapshotOf();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[50] ?? 0;
}

if (import.meta.main) {
  for (const row of await bench())
    console.log(`${row.name}: ${row.value.toFixed(2)} ${row.unit} (bar ${row.bar ?? 'none'}) ${row.detail ?? ''}`);
}
