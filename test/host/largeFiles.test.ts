import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isoFromMs } from '../../src/core/words/time.ts';
import { editorTests } from '../rig/editorTests.ts';
import { START_MS } from '../webview/scriptedRoot.ts';

/** Two megabytes more than VS Code sends to extensions. */
const LINES = 55_000;
const PADDING = 'x'.repeat(900);

const inEditor = editorTests({
  settings: { 'workbench.editorLargeFileConfirmation': 1000 },
  prepare: ({ workspace }) => writeLargeTrace(join(workspace, 'large.jsonl')),
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

inEditor('a file that is too large for extensions has its problems all the same', async (rig) => {
  await rig.goTo('large.jsonl');
  await rig.page.locator('.tab.active', { hasText: 'large.jsonl' }).waitFor();
  await rig.page.locator('.squiggly-warning').first().waitFor();
  await rig.picture('large-file');
});
