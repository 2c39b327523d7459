import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Hover, MarkupContent } from 'vscode-languageserver/node';
import { placesIn, type JsonPlace } from '../../../src/core/fields/jsonPlaces.ts';
import { runCli } from '../../cli/builtCli.ts';
import { START_MS } from '../../webview/scriptedRoot.ts';
import { LanguageClient, ScratchFolder } from './languageClient.ts';

let client: LanguageClient;
let folder: ScratchFolder;

before(async () => {
  folder = new ScratchFolder();
  client = await LanguageClient.start({ samplingInterval: 2 });
});
after(async () => {
  await client.stop();
  folder.remove();
});

async function hoverAt(uri: string, line: number, character: number): Promise<string | undefined> {
  const hover: Hover | null = await client.ask('hover', uri, { position: { line, character } });
  return (hover?.contents as MarkupContent | undefined)?.value; // the only form that the server sends
}

/** The hover over a field of a file with one line. */
async function hoverOver(name: string, line: object, field: string): Promise<string> {
  const text = JSON.stringify(line);
  const uri = folder.write(name, `${text}\n`);
  await client.open(uri, `${text}\n`);
  const words = await hoverAt(uri, 0, text.indexOf(`"${field}"`) + 1);
  await client.close(uri);
  return words ?? '';
}

const SNAPSHOT = {
  captured_at: new Date(START_MS + 12_000).toISOString(),
  vm_rss_kb: 1_355_000,
  sig_cgt: '0000000108014a07',
  shd_pnd: '0000000000004000',
  oom_score: 746,
  oom_score_adj: 0,
  wchan: 'do_epoll_wait',
  state: 'disk-sleep',
  fd_soft_limit: -1,
  fd_count: -1,
};

test('values are said in human terms', async () => {
  const said = async (field: string) => (await hoverOver('proc_trace.jsonl', SNAPSHOT, field)).split('\n')[0];
  assert.equal(await said('vm_rss_kb'), '**vm_rss_kb** — 1.3 GiB');
  assert.match((await said('sig_cgt')) ?? '', /SIGHUP, SIGINT, SIGQUIT, .*SIGTERM, .*SIGWINCH|SIGHUP, SIGINT, SIGQUIT/);
  assert.equal(await said('shd_pnd'), '**shd_pnd** — SIGTERM');
  assert.match((await said('wchan')) ?? '', /Idle: it waits for network/);
  assert.match((await said('state')) ?? '', /disk or a network file system/);
  assert.match((await said('fd_soft_limit')) ?? '', /Unlimited/);
  assert.match((await said('fd_count')) ?? '', /Not readable/);
});

test('an OOM score is calibrated by its adjustment, and the base of recent kernels is told', async () => {
  // (1000 + 119 + 0) × 2/3 = 746
  assert.match(await hoverOver('proc_trace.jsonl', SNAPSHOT, 'oom_score'), /about 12% of memory and swap[^]*reads 666/);
  const idle = { ...SNAPSHOT, oom_score: 800, oom_score_adj: 200 };
  assert.match(await hoverOver('proc_trace.jsonl', idle, 'oom_score'), /hardly any of memory and swap/);
});

test('a time is local, and an offset from the session’s start', async () => {
  const trace = [0, 12_000].map((ms) => `${JSON.stringify({ ...SNAPSHOT, captured_at: isoAt(ms) })}\n`).join('');
  const uri = folder.write('proc_trace.jsonl', trace);
  await client.open(uri, trace);
  assert.match(
    (await hoverAt(uri, 1, 4)) ?? '',
    /^\*\*captured_at\*\* — 2026-01-\d\d \d\d:\d\d:12.*GMT.*, 12 s after the start/,
  );
  await client.close(uri);
});

function isoAt(ms: number): string {
  return new Date(START_MS + ms).toISOString();
}

test('exit codes are explained by their convention', async () => {
  const line = { session_id: 's', dir_name: 's', snapshot_count: 1 };
  const said = (exitCode: number) => hoverOver('sessions.jsonl', { ...line, exit_code: exitCode }, 'exit_code');
  assert.match(await said(-9), /died of signal 9 \(SIGKILL\)\. SIGKILL alone does not prove/);
  assert.match(await said(137), /128 \+ 9\): it died of SIGKILL/);
  assert.match(await said(127), /no such command/);
});

test('a reason is explained by its event', async () => {
  const line = { timestamp: isoAt(0), session_id: 's', reason: 'stopped' };
  const said = (event: string) => hoverOver('lifecycle.jsonl', { ...line, event }, 'reason');
  assert.match(await said('session_finished'), /Somebody asked the recorder to stop it/);
  assert.match(await said('heartbeat_missed'), /The recorder itself was stopped and continued/);
});

test('every field of every file of a recorded session has a meaning', async () => {
  const root = join(folder.path, 'root');
  const code = 'setTimeout(() => process.exit(3), 700)';
  await runCli(['run', '--log-dir', root, '--id', 'sess-a', '--interval', '0.2', '--', process.execPath, '-e', code]);
  const dir = join(root, 'sessions', 'sess-a');
  const files = [
    ...readdirSync(dir).map((name) => join(dir, name)),
    join(root, 'sessions.jsonl'),
    join(root, 'session_lifecycle.log'),
  ];
  const told = files.filter((path) => /\.jsonl$|summary\.json$|lifecycle\.log$/.test(path));
  assert.ok(told.length >= 6, told.join());
  const unexplained: string[] = [];
  for (const path of told) {
    const uri = pathToFileURL(path).href;
    const text = readFileSync(path, 'utf8');
    const { value, isDocument } = path.endsWith('summary.json')
      ? { value: text, isDocument: true }
      : { value: text.split('\n')[0] ?? '', isDocument: false };
    for (const place of deepPlaces(value)) {
      const before = isDocument ? value.slice(0, place.start).split('\n') : [value.slice(0, place.start)];
      const hover = await hoverAt(uri, before.length - 1, (before.at(-1) ?? '').length + 1);
      if (hover === undefined)
        unexplained.push(`${path.slice(root.length)} ${value.slice(place.start, place.start + 30)}`);
    }
  }
  assert.deepEqual(unexplained, []);
});

interface Key {
  readonly start: number;
}

function deepPlaces(text: string, from = 0): Key[] {
  return placesIn(text.slice(from)).flatMap((place: JsonPlace): Key[] => [
    ...(place.key === undefined ? [] : [{ start: from + place.key.start }]),
    ...deepPlaces(text.slice(0, from + place.value.end), from + place.value.start),
  ]);
}

test('a summary is explained where it stands, over its lines', async () => {
  const summary = JSON.stringify(
    { session_id: 's', snapshot_count: 2, exit_code: 0, peak_rss_kb: 2048, dir_name: 's' },
    undefined,
    2,
  );
  const uri = folder.write('summary.json', summary);
  await client.open(uri, summary, 'json');
  assert.match((await hoverAt(uri, 4, 6)) ?? '', /peak_rss_kb\*\* — 2\.0 MiB/);
  await client.close(uri);
});

test('the settings file tells who wins', async () => {
  const text = 'linux_tracing:\n  proc_interval: 1.5\n  log_dir: logs\nother:\n  log_dir: x\n';
  const uri = folder.uri('.autoskillit/config.yaml');
  await client.open(uri, text, 'yaml');
  assert.match((await hoverAt(uri, 1, 6)) ?? '', /editor’s setting wins here.*samplingInterval` is `2`/);
  assert.match((await hoverAt(uri, 2, 14)) ?? '', /This file decides here/);
  assert.equal(await hoverAt(uri, 4, 6), undefined, 'not our section');
  await client.close(uri);
});

test('a file that is not ours is never explained, whatever its name', async () => {
  for (const [name, text] of [
    ['proc_trace.jsonl', '{"exit_code": 3, "ts": "2026-01-15T09:00:00Z"}\n'],
    ['top.jsonl', '{"seq": 1, "processes": 12, "exit_code": 1}\n'],
    ['package.json', '{"name": "x", "exit_code": 1}'],
    ['summary.json', '{"total": 4, "exit_code": 1}'],
    ['events.jsonl', '{"timestamp": "2026-01-15T09:00:00Z", "event": "login"}\n'],
  ] as const) {
    const uri = folder.write(name, text);
    await client.open(uri, text);
    for (const word of ['exit_code', 'timestamp']) {
      if (text.includes(word)) assert.equal(await hoverAt(uri, 0, text.indexOf(word)), undefined, name);
    }
    await client.close(uri);
  }
});

test('a file that nobody opened is read from disk, and an edited one as the editor has it', async () => {
  const line = JSON.stringify({ ...SNAPSHOT, vm_rss_kb: 2048 });
  const uri = folder.write('other.jsonl', `${line}\n`);
  const at = line.indexOf('vm_rss_kb');
  assert.match((await hoverAt(uri, 0, at)) ?? '', /2\.0 MiB/);
  await client.open(uri, `${line}\n`);
  const value = { line: 0, character: line.indexOf('2048') };
  await client.change(uri, [
    { range: { start: value, end: { ...value, character: value.character + 4 } }, text: '3072' },
  ]);
  assert.match((await hoverAt(uri, 0, at)) ?? '', /3\.0 MiB/);
  await client.close(uri);
  assert.match((await hoverAt(uri, 0, at)) ?? '', /2\.0 MiB/);
});

test('torn lines, wild positions and requests that are cancelled give nothing, and the server goes on', async () => {
  const text = `${JSON.stringify(SNAPSHOT)}\n{"captured_at": "2026-01-15T09:00:03`;
  const uri = folder.write('proc_trace.jsonl', text);
  await client.open(uri, text);
  assert.equal(await hoverAt(uri, 7, 900), undefined);
  assert.match((await hoverAt(uri, 1, 4)) ?? '', /captured_at/);
  await assert.rejects(client.connection.sendRequest('textDocument/hover', { textDocument: { uri } }));
  assert.match((await hoverAt(uri, 0, 4)) ?? '', /captured_at/);
  await client.close(uri);
});
