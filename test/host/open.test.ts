import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { runCli, until } from '../cli/builtCli.ts';
import { editorTests } from '../rig/editorTests.ts';

/** Two sessions of another machine: in a folder and in a zip, as CI would keep them. */
const inEditor = editorTests({}, async (rig) => {
  const elsewhere = join(rig.home, 'elsewhere');
  for (const id of ['in-folder', 'in-zip', 'by-command']) {
    await runCli(['run', '--log-dir', elsewhere, '--id', id, '--label', id, '--', 'sh', '-c', 'exit 4'], {
      cwd: rig.workspace,
    });
    const dir = join(elsewhere, 'sessions', id);
    const path = join(dir, 'summary.json');
    const summary = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...summary, host: 'ci-runner-7' }));
    cpSync(dir, join(rig.workspace, id), { recursive: true });
  }
  const zip = `import shutil; [shutil.make_archive(n, 'zip', '.', n) for n in ('in-zip', 'by-command')]`;
  execFileSync('python3', ['-c', zip], { cwd: rig.workspace });
  rmSync(elsewhere, { recursive: true });
});

inEditor('a folder of another machine is opened by a drop, marked with its machine, and never twice', async (rig) => {
  await rig.command('Session Diagnostics: Open Panel');
  const panel = await rig.panel();
  await panel.locator('main').waitFor();
  await drop(panel, { uri: `file://${join(rig.workspace, 'in-folder')}` });
  await panel.getByRole('heading', { name: 'in-folder' }).waitFor();
  await panel.locator('.state', { hasText: 'Failed on ci-runner-7' }).waitFor();
  await rig.picture('opened');
  await drop(panel, { uri: `file://${join(rig.workspace, 'in-folder')}` });
  await rig.page.locator('.notification-toast', { hasText: 'This session is here already.' }).waitFor();
});

inEditor('an archive is opened by the command and one choice', async (rig) => {
  await rig.command('Session Diagnostics: Open…');
  await rig.chooseFile(join(rig.workspace, 'by-command.zip'));
  const panel = await rig.panel();
  await panel.getByRole('heading', { name: 'by-command' }).waitFor();
});

inEditor(
  'a zip is dropped on the panel as the browser reads it, and what was unpacked goes with the window',
  async (rig) => {
    const panel = await rig.panel();
    const base64 = readFileSync(join(rig.workspace, 'in-zip.zip')).toString('base64');
    await drop(panel, { name: 'in-zip.zip', base64 });
    await panel.getByRole('heading', { name: 'in-zip' }).waitFor();
    const opened = () =>
      execFileSync('find', [rig.home, '-type', 'd', '-path', '*/opened/*-*', '-prune'], { encoding: 'utf8' }).trim();
    assert.notEqual(opened(), '');
    await rig.reload();
    await until('what was unpacked to be gone', () => opened() === '');
  },
);

type Dropped = { readonly uri: string } | { readonly name: string; readonly base64: string };

/** As a browser does it; one cannot drag from outside into a page that is driven. */
async function drop(panel: Frame, dropped: Dropped): Promise<void> {
  await panel.evaluate((what) => {
    const transfer = new DataTransfer();
    if ('uri' in what) transfer.setData('text/uri-list', what.uri);
    else {
      const bytes = Uint8Array.from(atob(what.base64), (character) => character.codePointAt(0) ?? 0);
      transfer.items.add(new File([bytes], what.name));
    }
    for (const type of ['dragover', 'drop']) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }
  }, dropped);
}
