import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { until } from '../cli/builtCli.ts';
import type { Rig } from '../rig/editor.ts';
import { editorTests } from '../rig/editorTests.ts';
import { CLAUDE_LINES } from '../server/language/transcriptLines.ts';
import { ScriptedRoot } from '../webview/scriptedRoot.ts';
import { writeLeakySession } from '../webview/scriptedSessions.ts';

/** Every feature of the language server once, as a person meets it who opens a log in the packaged extension. */
let rig: Rig;
let dir = '';

const inEditor = editorTests(
  {
    settings: { 'sessionDiagnostics.logFileInlayHints': true, 'workbench.editor.enablePreview': false },
    prepare: ({ logRoot, workspace }) => {
      const scripted = new ScriptedRoot();
      const session = writeLeakySession(scripted);
      session.raw('tree.jsonl', '{"seq":14');
      mkdirSync(logRoot, { recursive: true });
      cpSync(scripted.path, logRoot, { recursive: true });
      scripted.remove();
      dir = join(logRoot, 'sessions', session.id);
      writeFileSync(join(workspace, 'transcript.jsonl'), `${CLAUDE_LINES.join('\n')}\n`);
      mkdirSync(join(workspace, '.autoskillit'));
      writeFileSync(
        join(workspace, '.autoskillit/config.yaml'),
        'linux_tracing:\n  enabled: true\n  proc_interval: soon\n',
      );
    },
  },
  (opened) => {
    rig = opened;
  },
);

/** By its path, as pasted into Go to File; `:line` puts the cursor there. */
async function open(path: string, line = 1): Promise<void> {
  // Until the file is found, the files opened before are offered.
  const folder = dirname(path) === rig.workspace ? '' : basename(dirname(path));
  await rig.goTo(`${path}:${line}`, new RegExp(`${basename(path)}.*${folder}`));
  await rig.page.locator('.tab.active', { hasText: basename(path) }).waitFor();
  await cursorAt(line);
  // Keys that come before it has the focus are lost.
  await rig.page.locator('.editor-group-container.active .monaco-editor.focused').waitFor();
}

async function cursorAt(line: number): Promise<void> {
  await rig.page.locator('.statusbar-item', { hasText: new RegExp(`Ln ${line}, Col`) }).waitFor();
}

const lens = (text: string) => rig.page.locator('.codelens-decoration a', { hasText: text }).first();
const colourOf = (text: string): Promise<string> =>
  rig.page
    .locator('.view-line span', { hasText: text })
    .last()
    .evaluate((element) => getComputedStyle(element).color);

inEditor('an anomaly has its lenses, its link, its colour, and leads to its snapshot', async () => {
  await open(join(dir, 'anomalies.jsonl'), 2);
  await lens('Show on timeline').waitFor();
  await rig.command('View: Toggle Word Wrap');
  await rig.page.locator('.view-lines .detected-link').first().waitFor();
  await until('a colour of its own', async () => (await colourOf('"warning"')) !== (await colourOf('"anomaly"')));
  await rig.picture('language-anomalies');
  await rig.command('View: Toggle Word Wrap');
  await rig.command('Go to Definition');
  await cursorAt(901);
  await rig.page.locator('.tab.active', { hasText: 'proc_trace.jsonl' }).waitFor();
});

inEditor('a trace is told by its episodes: in the breadcrumbs, the symbols, the folds, the selection', async () => {
  await open(join(dir, 'proc_trace.jsonl'), 905);
  await rig.page.locator('.monaco-breadcrumbs', { hasText: 'Tree RSS growth' }).waitFor();
  await rig.page.locator('.view-line', { hasText: '+15 min 49 s' }).waitFor();
  await rig.command('Expand Selection');
  await rig.command('Expand Selection');
  await rig.page.locator('.statusbar-item', { hasText: /\(\d+ selected\)/ }).waitFor();
  await rig.picture('language-trace');
  await rig.command('Fold All');
  // The first line, and of each stretch that has more than one line its first.
  await rig.page.locator('.line-numbers', { hasText: /^1332$/ }).waitFor();
  await rig.picture('language-folds');
  await rig.command('Unfold All');
  await rig.page.keyboard.press('Control+Shift+KeyO');
  await rig.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Memory limit near' }).click();
  await cursorAt(1251);
});

inEditor('a field is explained where it stands, and everything about an anomaly is found', async () => {
  await open(join(dir, 'anomalies.jsonl'), 2);
  // Lenses and hints that come later move the line away from under the mouse.
  await lens('Show on timeline').waitFor();
  const key = rig.page.locator('.view-line', { hasText: 'from_kb' }).first().locator('span', { hasText: 'detail' });
  const explanation = rig.page.locator('.monaco-hover:not(.hidden)', { hasText: 'The numbers that decided.' });
  await until('the explanation', async () => {
    await rig.page.mouse.move(0, 0);
    await key.last().hover();
    return await explanation.waitFor({ timeout: 4000 }).then(
      () => true,
      () => false,
    );
  });
  await rig.picture('language-hover');
  await rig.page.keyboard.press('Escape');
  await rig.command('Go to References');
  await rig.page.locator('.zone-widget', { hasText: /References \(42\)/ }).waitFor();
  await rig.picture('language-references');
  await rig.page.keyboard.press('Escape');
});

inEditor('a lens shows the moment in the panel', async () => {
  await open(join(dir, 'anomalies.jsonl'), 2);
  await lens('Show on timeline').click();
  const panel = await rig.panel();
  await panel.getByRole('heading', { name: /sample 160/ }).waitFor();
});

inEditor("a transcript's failure is marked, and its handle is copied when asked for", async () => {
  await open(join(rig.workspace, 'transcript.jsonl'), 7);
  await rig.page.locator('.squiggly-error, .squiggly-warning, .squiggly-info').first().waitFor();
  await lens('Copy handle').click();
  await rig.page.locator('.notifications-toasts', { hasText: /src:[0-9a-f]{12}:L7 is on the clipboard/ }).waitFor();
  await rig.picture('language-transcript');
  await rig.command('Notifications: Clear All Notifications');
});

inEditor('the settings file is checked and completed', async () => {
  await open(join(rig.workspace, '.autoskillit/config.yaml'), 3);
  await rig.page.locator('.squiggly-error, .squiggly-warning').first().waitFor();
  await rig.page.keyboard.press('Control+End');
  await rig.page.keyboard.type('  l');
  await rig.page.locator('.suggest-widget .monaco-list-row', { hasText: 'log_dir' }).waitFor();
  await rig.picture('language-config');
  await rig.page.keyboard.press('Escape');
  await rig.command('File: Revert File');
});

inEditor('a torn last line is moved aside by the quick fix, and the index leads to the session', async () => {
  const tree = join(dir, 'tree.jsonl');
  await open(tree, readFileSync(tree, 'utf8').split('\n').length);
  await rig.command('Quick Fix...');
  const fix = rig.page.locator('.action-widget .monaco-list-row', { hasText: 'Move the torn last line' });
  await fix.waitFor();
  await rig.picture('language-fix');
  await fix.click();
  await until('the torn line to be aside', () => readFileSync(tree, 'utf8').endsWith('}\n'));
  assert.equal(readFileSync(`${tree}.bad`, 'utf8'), '{"seq":14\n');
  await open(join(rig.logRoot, 'sessions.jsonl'));
  await lens('Go to the session').click();
  await rig.page.locator('.tab.active', { hasText: 'summary.json' }).waitFor();
  await lens('Export bug report').waitFor();
});
