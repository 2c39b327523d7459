import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isoFromMs } from '../../src/core/time.ts';
import { openEditor, type Rig } from '../rig/editor.ts';
import { START_MS } from '../webview/scriptedRoot.ts';

/** Two megabytes more than VS Code sends to extensions. */
const LINES = 55_000;
const PADDING = 'x'.repeat(900);

let rig: Rig;
let missing: string | undefined;

before(async () => {
  const editor = await openEditor({
    settings: { 'workbench.editorLargeFileConfirmation': 1000 },
    prepare: ({ workspace }) => writeLargeTrace(join(workspace, 'large.jsonl')),
  });
  if ('missing' in editor) missing = editor.missing;
  else rig = editor.rig;
});
after(async () => {
  await rig?.close();
});

function writeLargeTrace(path: string): void {
  const fd = openSync(path, 'w');
  for (let from = 0; from < LINES; from += 1000) {
    writeSync(fd, Array.from({ length: 1000 }, (_, i) => `${traceLine(from + i)}\n`).join(''));
  }
  closeSync(fd);
}

function traceLine(seq: number): string {
  if (seq === 4) return '{"captured_at":';
  const at = isoFromMs(START_MS + seq * 1000);
  return JSON.stringify({
    captured_at: at,
    ts: at,
    seq,
    event: 'snapshot',
    vm_rss_kb: 2048,
    comm: 'agent',
    note: PADDING,
  });
}

test('a file that is too large for extensions has its problems all the same', { timeout: 90_000 }, async (t) => {
  if (missing !== undefined) return t.skip(missing);
  try {
    await rig.page.keyboard.press('Control+KeyP');
    await (await rig.search('large.jsonl')).click();
    await rig.page.locator('.tab.active', { hasText: 'large.jsonl' }).waitFor();
    await rig.page.locator('.squiggly-warning').first().waitFor();
    await rig.picture('large-file');
  } catch (error) {
    await rig.picture('failed-large-file');
    throw error;
  }
});
