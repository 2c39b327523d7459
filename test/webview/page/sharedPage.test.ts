import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { SHARED_PAGE_ID, type SharedPage } from '../../../src/core/panel/sharedPage.ts';
import { createTranscriptAnalyzer } from '../../../src/agents/transcriptReader.ts';
import { runCli } from '../../cli/builtCli.ts';
import { canaries, canaryIn, writeCanarySession } from '../../cli/report/canaryRoot.ts';
import { randomFrom } from '../../core/randomFrom.ts';
import { seriousFindings } from '../../rig/accessibility.ts';
import { launchBrowser } from '../../rig/browser.ts';
import { browserPath } from '../harness.ts';
import { ScriptedRoot, START_MS } from '../scriptedRoot.ts';
import { writeLeakySession } from '../scriptedSessions.ts';

/** The panel as a file that somebody was sent, in a real browser. */
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-shared-'));
const root = new ScriptedRoot();
const session = writeLeakySession(root);
const MOST_BYTES = 500_000;
const path = browserPath();
const skip = path === undefined ? 'no browser' : false;
let browser: Browser | undefined;
before(async () => {
  if (path !== undefined) browser = await launchBrowser(path);
});
after(async () => {
  await browser?.close();
  root.remove();
  rmSync(home, { recursive: true });
});

let pages = 0;
async function made(ids: readonly string[], ...flags: string[]): Promise<string> {
  const file = join(home, `page-${(pages += 1)}.html`);
  const args = ['report', ...ids, '--format', 'html', '--out', file, '--log-dir', root.path, ...flags];
  const { code, stderr } = await runCli(args, { cwd: home });
  assert.equal(code, 0, stderr);
  return file;
}

let page: Promise<string> | undefined;
/** The page of one session, for all who look at it. */
const leaky = (): Promise<string> => (page ??= made([session.id]));

function dataOf(file: string): string {
  return new RegExp(`id="${SHARED_PAGE_ID}">(.*)</script>`).exec(readFileSync(file, 'utf8'))?.[1] ?? '';
}

interface Opened {
  readonly page: Page;
  readonly requests: string[];
  readonly complaints: string[];
}

async function opened(file: string, colorScheme: 'light' | 'dark', width: number): Promise<Opened> {
  assert.ok(browser !== undefined);
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(pathToFileURL(file).href);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('canvas').first().waitFor();
  return { page, requests, complaints };
}

for (const [colorScheme, width] of [
  ['dark', 1280],
  ['light', 1280],
  ['light', 400],
] as const)
  test(`a page of the panel is read in ${colorScheme} at ${width} pixels, and asks nobody`, { skip }, async () => {
    const file = await leaky();
    const { page, requests, complaints } = await opened(file, colorScheme, width);
    await page.getByText('Environment suspect').first().waitFor();
    await page
      .getByText(/kernel killed/)
      .first()
      .waitFor();
    const isDark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor === 'rgb(31, 31, 31)');
    assert.equal(isDark, colorScheme === 'dark');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
    for (const name of ['Export report', 'Open log folder', 'Output', 'Clean up leftovers', 'Open'])
      assert.equal(await page.getByRole('button', { name }).filter({ visible: true }).count(), 0, name);
    assert.deepEqual(await seriousFindings(page), []);
    assert.deepEqual([requests, complaints], [[pathToFileURL(file).href], []]);
    await page.context().close();
  });

test('what happened at an anomaly is shown from the file alone', { skip }, async () => {
  const { page, complaints } = await opened(await leaky(), 'dark', 1280);
  await page
    .getByRole('button', { name: /memory limit/i })
    .first()
    .click();
  await page.locator('.moment .tree').getByText('node').first().waitFor();
  await page.keyboard.press('Escape');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a page is at most 500 KB and its data as well, however long the session', async () => {
  const long = root.session('sess-2026-01-15-long');
  const samples = Array.from({ length: 30_000 }, (_, seq) => ({
    seq,
    ms: START_MS + seq * 1000,
    vm_rss_kb: 200_000 + ((seq * 7919) % 90_001),
    tree_rss_kb: 300_000 + ((seq * 104_729) % 900_001),
    cpu_percent: (seq * 31) % 97,
    fd_count: 30 + ((seq * 17) % 91),
    threads: 10 + (seq % 13),
  }));
  long.samples(samples);
  const tree = Array.from({ length: 60 }, (_, n) => ({ pid: 5000 + n, ppid: 4242, comm: 'node', rss_kb: 1000 * n }));
  for (const { seq, ms } of samples) if (seq % 50 === 0) long.tree(seq, ms, tree);
  long.finish({ snapshot_count: samples.length, duration_seconds: samples.length });
  for (const ids of [[long.id], [long.id, session.id]]) {
    const file = await made(ids);
    const data = dataOf(file);
    const whole = readFileSync(file).length;
    assert.ok(Buffer.byteLength(data) <= MOST_BYTES, `${data.length} bytes of data`);
    assert.ok(whole - Buffer.byteLength(data) <= MOST_BYTES, `${whole} bytes`);
    const { sessions } = JSON.parse(data) as SharedPage;
    for (const { series, moments, overview } of sessions) {
      assert.ok((series.series.vm_rss_kb?.t.length ?? 0) > 100, 'there are lines to look at');
      assert.ok(moments.length > 10, 'and moments');
      for (const { firstSeq } of overview.episodes) assert.ok(moments.some(({ seq }) => seq === firstSeq));
    }
  }
});

test('no text of any file reaches a page, and no path of this machine', async () => {
  const random = randomFrom(22);
  const given = canaries(random);
  for (let batch = 0; batch < 3; batch += 1) {
    const ids = Array.from({ length: 20 }, (_, n) => `canary-${batch}-${n}`);
    for (const id of ids) writeCanarySession(root.path, id, { given, random });
    const data = dataOf(await made(ids));
    assert.equal(canaryIn(data), undefined);
    for (const secret of [root.path, tmpdir(), home]) assert.ok(!data.includes(secret), secret);
    assert.equal((JSON.parse(data) as SharedPage).sessions.length, ids.length);
  }
});

test('what a reporter adds is text, whatever it holds', { skip }, async () => {
  const note = '</pre><script>document.title = "pwned"</script><img src="https://evil.test/x"> \u202egpj.exe';
  const said = `cannot open ${home}/x.ts </pre><b>`;
  const item = { id: 'i', type: 'command_execution', aggregated_output: said, exit_code: 1, status: 'failed' };
  const failing = root.session('sess-2026-01-15-says');
  const record = JSON.stringify({ type: 'item.completed', item });
  failing.raw('stdout.log', `${record}\n`);
  const analyzer = createTranscriptAnalyzer({ handleOf: (line) => `src:0123456789ab:L${line}` });
  analyzer.push(record);
  analyzer.finish();
  const transcript = join(failing.dir, 'stdout.log');
  failing.finish({ success: false, exit_code: 1, transcript, failures: analyzer.snapshotOf() });
  const file = await made([session.id, failing.id], '--detailed', '--note', note);
  const { page, requests, complaints } = await opened(file, 'light', 1280);
  assert.match(await page.locator('pre').first().innerText(), /<script>.*‹U\+202E›gpj\.exe/);
  assert.match(await page.locator('pre').nth(1).innerText(), /^cannot open .*\[redacted:path\]/);
  assert.equal(await page.title(), 'Session Diagnostics report');
  assert.deepEqual([requests.length, complaints], [1, []]);
  await page.context().close();
});

test('a session that runs has no page yet, and its reader is told so', async () => {
  root.session('sess-2026-01-15-runs', 'running').enroll();
  const { code, stderr } = await runCli(['report', 'sess-2026-01-15-runs', '--format', 'html', '--log-dir', root.path]);
  assert.equal(code, 1);
  assert.match(stderr, /still runs/);
});
