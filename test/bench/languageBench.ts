import { createWriteStream, readFileSync } from 'node:fs';
import { once } from 'node:events';
import type { Hover } from 'vscode-languageserver/node';
import { isoFromMs } from '../../src/core/words/time.ts';
import { jsonLine } from '../../src/core/words/json.ts';
import { queryMethod } from '../../src/core/panel/serverProtocol.ts';
import { LanguageClient, ScratchFolder } from '../server/language/languageClient.ts';
import { CLAUDE_LINES } from '../server/language/transcriptLines.ts';
import { liveSample, writeLeakySession } from '../webview/scriptedSessions.ts';
import { ScriptedRoot, START_MS } from '../webview/scriptedRoot.ts';
import type { BenchRow } from './run.ts';

/** What problems of ten megabytes may take; on a machine that is busy with others, in parsings of the same lines. */
const PROBLEMS_MS = 500;
const PROBLEMS_PARSINGS = 25;
const OPENINGS = 5;
const HOVERS = 200;
const QUERIES = 60;

/** The language features of the built server, over stdio as an editor has it. */
export async function bench(): Promise<readonly BenchRow[]> {
  const folder = new ScratchFolder();
  const root = new ScriptedRoot();
  writeLeakySession(root);
  const client = await LanguageClient.start({ roots: [root.path] });
  try {
    const idle = await queryTimes(client, QUERIES);
    return [
      ...(await tenMegabytes(client, folder)),
      await transcript(client, folder),
      ...(await twoHundred(client, folder, idle)),
    ];
  } finally {
    await client.stop();
    folder.remove();
    root.remove();
  }
}

async function tenMegabytes(client: LanguageClient, folder: ScratchFolder): Promise<readonly BenchRow[]> {
  const uri = await writeTrace(folder, 'ten.jsonl', 10);
  const text = readFileSync(new URL(uri), 'utf8');
  const problems = await problemsRow('trace', client, { uri, text });
  await client.open(uri, text);
  await client.problemsOf(uri);
  const lines = text.split('\n');
  const hovers: number[] = [];
  for (let i = 0; i < HOVERS; i += 1) {
    const line = Math.floor((i / HOVERS) * (lines.length - 1));
    const position = { line, character: (lines[line] ?? '').indexOf('"oom_score"') + 2 };
    const started = performance.now();
    const hover: Hover | null = await client.ask('hover', uri, { position });
    hovers.push(performance.now() - started);
    if (hover === null) throw new Error('the hover was not answered');
  }
  await client.close(uri);
  const hoverMs = quantile(hovers, 0.95);
  return [
    problems,
    {
      name: 'hover in it, p95',
      value: hoverMs,
      unit: 'ms',
      bar: '<= 20',
      held: hoverMs <= 20,
      detail: `median ${quantile(hovers, 0.5).toFixed(1)} ms of ${HOVERS}`,
    },
  ];
}

async function transcript(client: LanguageClient, folder: ScratchFolder): Promise<BenchRow> {
  const lines = `${CLAUDE_LINES.join('\n')}\n`;
  const text = lines.repeat(Math.ceil(1e7 / lines.length));
  return await problemsRow('transcript', client, { uri: folder.write('transcript.jsonl', text), text });
}

/** From opening to shown, each time next to a bare loop that parses the same lines. */
async function problemsRow(
  what: string,
  client: LanguageClient,
  { uri, text }: { readonly uri: string; readonly text: string },
): Promise<BenchRow> {
  const times: number[] = [];
  const parsings: number[] = [];
  for (let i = 0; i < OPENINGS; i += 1) {
    const parseMs = timeOf(() => {
      for (const line of text.split('\n')) if (line !== '') JSON.parse(line);
    });
    const tookMs = await timeOfAsync(async () => {
      await client.open(uri, text);
      await client.problemsOf(uri);
    });
    await client.close(uri);
    times.push(tookMs);
    parsings.push(tookMs / parseMs);
  }
  const median = quantile(times, 0.5);
  const ratio = quantile(parsings, 0.5);
  return {
    name: `problems of a ${what} of 10 MB, from opening to shown`,
    value: median,
    unit: 'ms',
    bar: `<= ${PROBLEMS_MS}, or ${PROBLEMS_PARSINGS} x JSON.parse of its lines`,
    held: median <= PROBLEMS_MS || ratio <= PROBLEMS_PARSINGS,
    detail: `median of ${OPENINGS}; ${ratio.toFixed(1)} x JSON.parse of its lines; sending the text included`,
  };
}

async function twoHundred(
  client: LanguageClient,
  folder: ScratchFolder,
  idle: readonly number[],
): Promise<readonly BenchRow[]> {
  const uri = await writeTrace(folder, 'large.jsonl', 200);
  const before = rssMb(client);
  const started = performance.now();
  await client.connection.sendNotification('sessionDiagnostics/largeFiles', { uris: [uri] });
  const busy = await queryTimes(client, QUERIES);
  let peak = rssMb(client);
  await client.until(() => {
    peak = Math.max(peak, rssMb(client));
    return client.published.some((one) => one.uri === uri);
  }, 'the problems of a large file');
  const took = performance.now() - started;
  const idleMs = quantile(idle, 0.95);
  const busyMs = quantile(busy, 0.95);
  return [
    { name: 'problems of a trace of 200 MB on disk', value: took / 1000, unit: 's' },
    {
      name: 'memory of the server meanwhile, growth at most',
      value: peak - before,
      unit: 'MB',
      bar: '<= 150',
      held: peak - before <= 150,
    },
    {
      name: 'a panel’s query meanwhile, p95',
      value: busyMs,
      unit: 'ms',
      bar: '<= 50',
      held: busyMs <= 50,
      detail: `idle ${idleMs.toFixed(1)} ms; median ${quantile(busy, 0.5).toFixed(1)}, idle ${quantile(idle, 0.5).toFixed(1)}; ${QUERIES} queries`,
    },
  ];
}

/** Samples as the recorder writes them, until the file is so long. */
async function writeTrace(folder: ScratchFolder, name: string, megabytes: number): Promise<string> {
  const uri = folder.write(name, '');
  const out = createWriteStream(new URL(uri));
  let length = 0;
  for (let seq = 0; length < megabytes * 1e6;) {
    let text = '';
    for (let i = 0; i < 1000; i += 1, seq += 1) text += `${traceLine(seq)}\n`;
    length += text.length;
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  return uri;
}

function traceLine(seq: number): string {
  const ts = isoFromMs(START_MS + seq * 1000);
  const { ms: _, ...sample } = liveSample(seq % 300);
  return jsonLine({
    captured_at: ts,
    comm: 'claude',
    ctx_switches_involuntary: seq,
    ctx_switches_voluntary: seq * 3,
    event: 'snapshot',
    fd_soft_limit: 1024,
    pid: 4242,
    sig_blk: '0000000000000000',
    sig_cgt: '0000000180014a07',
    sig_pnd: '0000000000000000',
    state: 'sleeping',
    ts,
    wchan: 'ep_poll',
    tree_rss_kb: 320_000,
    oom_score: 690,
    oom_score_adj: 0,
    tree_process_count: 4,
    tree_fd_count: 70,
    mem_available_kb: 5_000_000,
    ...sample,
    seq,
  });
}

async function queryTimes(client: LanguageClient, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const started = performance.now();
    const params = { filter: 'all', text: '', offset: 0, limit: 50 };
    await client.connection.sendRequest(queryMethod('listSessions'), params);
    times.push(performance.now() - started);
  }
  return times;
}

/** The second field of statm, in pages of 4 kB. */
function rssMb(client: LanguageClient): number {
  const pages = readFileSync(`/proc/${client.process.pid}/statm`, 'utf8').split(' ')[1];
  return (Number(pages) * 4096) / 1e6;
}

function timeOf(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

async function timeOfAsync(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
}
