import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Frame } from 'playwright-core';
import { until } from '../cli/builtCli.ts';
import type { Rig } from '../rig/editor.ts';
import { editorTests } from '../rig/editorTests.ts';

/** What the installed package brings besides its views, on a machine whose PATH has no Node. */
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-path-'));
const tools = join(home, 'bin');
mkdirSync(tools);
for (const tool of ['bash', 'sh', 'ls', 'head', 'cat', 'env', 'uname', 'id', 'sleep', 'mkdir', 'tr', 'sed', 'ps', 'ln'])
  symlinkSync(execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(tools, tool));
// Login shells, which the editor asks for its environment, set a PATH anew.
writeFileSync(join(home, '.bash_profile'), `PATH='${tools}'\n`);
after(() => rmSync(home, { recursive: true, force: true }));

const inEditor = editorTests({
  env: { PATH: tools, HOME: home, SHELL: join(tools, 'bash') },
  settings: { 'terminal.integrated.defaultProfile.linux': 'bash' },
});

const SCRIPT = 'session-diagnostics.session-diagnostics/bin/session-diagnostics';

/** Types a line into a fresh terminal; resolves when what it was told to write last is there. */
async function inTerminal(rig: Rig, line: string): Promise<string> {
  const out = join(home, 'said');
  rmSync(out, { force: true });
  await rig.command('Terminal: Create New Terminal');
  await rig.page.locator('.terminal.xterm.focus').waitFor();
  await rig.page.keyboard.type(`(${line}) > ${out}.part 2>&1; echo "code $?" >> ${out}.part; ln ${out}.part ${out}`);
  await rig.page.keyboard.press('Enter');
  await until(`the terminal to have done ${line}`, () => existsSync(out), 60_000);
  return readFileSync(out, 'utf8');
}

inEditor('a fresh terminal knows the command, with no Node on its PATH', async (rig) => {
  await until('the command', () => existsSync(join(rig.home, 'data/User/globalStorage', SCRIPT)));
  const run = 'session-diagnostics run -- sh -c "exit 3"; echo "run: $?"';
  const scheme = 'echo "links: $SESSION_DIAGNOSTICS_LINK_SCHEME"';
  const said = await inTerminal(
    rig,
    `${scheme}; session-diagnostics doctor; ${run}; command -v node session-diagnostics`,
  );
  assert.match(said, /^links: code-oss$/m);
  assert.match(said, /^ok +\S/m);
  assert.match(
    said,
    /run: 3\n\S+\/globalStorage\/session-diagnostics\.session-diagnostics\/bin\/session-diagnostics\ncode/,
  );
});

inEditor('the command is installed for all other terminals, by a link that an update leaves alone', async (rig) => {
  await rig.command("Session Diagnostics: Install 'session-diagnostics' command in PATH");
  const link = join(home, '.local/bin/session-diagnostics');
  const target = await until('the link', () => existsSync(link) && readlinkSync(link));
  assert.doesNotMatch(target, /\d\.\d/);
  assert.match(execFileSync(link, ['--version'], { encoding: 'utf8', env: { PATH: tools } }), /^\d+\.\d+\.\d+\n$/);
});

inEditor('the dashboard and the schemas are there by a command', async (rig) => {
  await rig.command('Session Diagnostics: Open Dashboard or Schema');
  await rig.pick('report.schema.json');
  await rig.page.locator('.tab', { hasText: 'report.schema.json' }).waitFor();
});

inEditor('its page has no broken picture and no link that leads nowhere', async (rig) => {
  await rig.command('Extensions: Focus on Extensions View');
  const row = rig.page
    .locator('.extensions-list .monaco-list-row, .extension-list-item')
    .filter({ hasText: 'Session Diagnostics' });
  await row.first().click();
  const page = await until('the page', () => pageOf(rig));
  await page.locator('h2', { hasText: 'First steps' }).waitFor();
  const broken = await page.evaluate(() => [...document.images].filter((image) => image.naturalWidth === 0).length);
  assert.equal(broken, 0);
  const links = await page.evaluate(() => [...document.links].map(({ href }) => href));
  assert.deepEqual(
    links.filter((href) => !/^https:|#/.test(href)),
    [],
  );
  await rig.picture('extension-page');
});

inEditor('the walkthrough leads through finding, comparing and reporting, and shows the panel', async (rig) => {
  await rig.command('Welcome: Open Walkthrough...');
  await rig.choose('Get Started with Session Diagnostics');
  for (const step of [
    'Find a session',
    'Compare it with a good one',
    'Report it without leaking',
    'Read what happened',
  ])
    await rig.page.getByText(step).first().click();
  const picture = rig.page.locator('.getting-started-media img');
  await picture.waitFor({ state: 'attached' }); // a narrow window hides it
  await until('the picture', () => picture.evaluate((image: HTMLImageElement) => image.naturalWidth > 0));
  await rig.picture('walkthrough');
});

async function pageOf(rig: Rig): Promise<Frame | undefined> {
  for (const frame of rig.page.frames()) {
    const isIt = await frame
      .locator('h1', { hasText: 'Session Diagnostics' })
      .count()
      .catch(() => 0);
    if (isIt > 0 && frame !== rig.page.mainFrame()) return frame;
  }
  return undefined;
}
