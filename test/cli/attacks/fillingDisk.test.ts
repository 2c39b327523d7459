import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cannotMount, smallDisk } from '../../logs/smallDisk.ts';
import { runCli, testRoot } from '../builtCli.ts';

const root = testRoot();
after(() => root.remove());

/** Fills its folder at 3 MiB/s by the clock, however late it is called, until not a byte more is to be had. */
const FILLING = `
const { openSync, writeSync } = require('node:fs');
const fd = openSync('data', 'w');
const piece = Buffer.alloc(128 * 1024, 1);
const began = performance.now();
let written = 0;
let isFull = false;
setInterval(() => {
  if (isFull) process.exit(0);
  try {
    for (; written < (performance.now() - began) * 3 * 1048.576; written += piece.length) writeSync(fd, piece);
  } catch { isFull = true; }
}, 40);
`;

test(
  'a session that fills its disk is told so before the disk is full',
  { skip: cannotMount(), timeout: 240_000 },
  async (t) => {
    const disk = smallDisk(64 * 1024 * 1024);
    t.after(() => disk.remove());
    const script = join(disk.path, 'fill.cjs');
    writeFileSync(script, FILLING);
    const run = ['run', '--log-dir', root.path, '--id', 'filling', '--interval', '0.5', '--', process.execPath, script];
    const finished = await runCli(run, { cwd: disk.path });
    assert.equal(finished.code, 0, finished.stderr);

    const samples = root.lines('sessions', 'filling', 'proc_trace.jsonl');
    assert.equal(samples.at(-1)?.['disk_size_kb'], 64 * 1024);
    const forecasts = root
      .lines('sessions', 'filling', 'anomalies.jsonl')
      .filter(({ kind, detail }) => kind === 'oom_forecast' && (detail as { resource?: string }).resource === 'disk');
    const first = forecasts[0]?.['snapshot'] as { disk_free_kb: number; captured_at: string } | undefined;
    assert.ok(first !== undefined, JSON.stringify(samples.map((sample) => sample['disk_free_kb'])));
    assert.ok(first.disk_free_kb > 8 * 1024, `${first.disk_free_kb} kB were left at the first forecast`);
  },
);
