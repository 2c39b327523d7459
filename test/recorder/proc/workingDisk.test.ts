import assert from 'node:assert/strict';
import { statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WorkingDisk } from '../../../src/recorder/proc/workingDisk.ts';
import { cannotMount, smallDisk } from '../../logs/smallDisk.ts';
import { eventually, python, samplerOf, started, until } from '../realProcesses.ts';

test('a sample tells what is free where the process works now', { skip: cannotMount() }, async (t) => {
  const disk = smallDisk(8 * 1024 * 1024);
  t.after(() => disk.remove());
  const pid = python(t, 'import os, sys, time; os.chdir(sys.argv[1]); time.sleep(60)', disk.path);
  const sampler = samplerOf(t, pid);
  const freeOf = async () => (await sampler.sample(0)).snapshot?.ours;
  await eventually('the change of folder', async () => (await freeOf())?.disk_size_kb === 8 * 1024 || undefined);
  const before = (await freeOf())?.disk_free_kb ?? 0;
  writeFileSync(join(disk.path, 'data'), Buffer.alloc(3 * 1024 * 1024));
  await eventually('less to be free', async () => (await freeOf())?.disk_free_kb === before - 3 * 1024 || undefined);
  assert.equal(sampler.look()?.snapshot.ours?.disk_free_kb, before - 3 * 1024, 'also at a last look');
});

test('what has not answered since the last sample is not known', async (t) => {
  const pid = started(t, ['sleep', '60']);
  const disk = new WorkingDisk('/proc');
  disk.ask(pid);
  await until('an answer', () => disk.reading !== undefined);
  const { blocks, bsize } = statfsSync(`/proc/${pid}/cwd`);
  assert.equal(disk.reading?.sizeKb, Math.floor((blocks * bsize) / 1024));
  disk.ask(pid);
  assert.notEqual(disk.reading, undefined, 'what was just asked may take a moment');
  disk.ask(pid);
  assert.equal(disk.reading, undefined);
  await until('an answer after all', () => disk.reading !== undefined);
});

test('a process that is gone has no disk', async () => {
  const disk = new WorkingDisk('/proc');
  disk.ask(process.pid);
  await until('an answer', () => disk.reading !== undefined);
  disk.ask(2 ** 22 + 1); // above the kernel's largest pid
  await until('no answer', () => disk.reading === undefined);
});
