import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openCappedLog } from '../../src/logs/cappedLog.ts';
import { scratchFolder } from './scratch.ts';
import { cannotMount, smallDisk } from './smallDisk.ts';

const folder = scratchFolder();
const CAP = 10_000;

test('the file never grows above its cap, ends with the newest, and everything is counted', () => {
  const path = join(folder, 'written');
  const log = openCappedLog(path, { capBytes: CAP, onFailure: assert.fail });
  let all = '';
  for (let number = 0; number < 3000; number += 1) {
    const text = `line ${number}\n`;
    all += text;
    log.write(Buffer.from(text));
    assert.ok(statSync(path).size <= CAP);
  }
  const kept = readFileSync(path, 'utf8');
  assert.ok(kept.length > CAP / 2);
  assert.ok(all.endsWith(kept), 'what is kept is the end, in one piece');
  assert.equal(log.byteCount(), all.length);
  assert.equal(log.tail(9).toString(), 'line 2999\n'.slice(-9));
  log.close();
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a single write above the cap keeps its end', () => {
  const path = join(folder, 'huge');
  const log = openCappedLog(path, { capBytes: CAP, onFailure: assert.fail });
  log.write(Buffer.from('before'));
  const huge = `${'a'.repeat(CAP)}${'b'.repeat(CAP)}`;
  log.write(Buffer.from(huge));
  assert.equal(readFileSync(path, 'utf8'), 'b'.repeat(CAP));
  assert.equal(log.byteCount(), 6 + huge.length);
  log.close();
});

test('a child that appends by itself is trimmed meanwhile: bounded, in order, and its last words are there', async () => {
  const path = join(folder, 'direct');
  const log = openCappedLog(path, { capBytes: 100_000, onFailure: assert.fail });
  const script = 'i=0; while [ $i -lt 40000 ]; do echo "line $i"; i=$((i+1)); done';
  const child = spawn('sh', ['-c', script], { stdio: ['ignore', log.fd, 'ignore'], timeout: 20_000 });
  let trims = 0;
  while (child.exitCode === null) {
    log.trim();
    trims += 1;
    await delay(2);
  }
  if (child.exitCode === null) await once(child, 'exit');
  log.trim();
  assert.ok(trims > 3, `${trims} trims`);
  assert.ok(statSync(path).size <= 100_000);
  const numbers =
    readFileSync(path, 'utf8')
      .match(/(?<=^line )\d+$/gm)
      ?.map(Number) ?? [];
  assert.equal(numbers.at(-1), 39_999);
  assert.ok(numbers.length > 5000);
  assert.ok(
    numbers.every((number, position) => position === 0 || number > (numbers[position - 1] ?? 0)),
    'in order',
  );
  log.close();
});

test('the end can be read when the path is gone, and a link is not written through', () => {
  const path = join(folder, 'gone');
  const log = openCappedLog(path, { capBytes: CAP, onFailure: assert.fail });
  log.write(Buffer.from('last words'));
  rmSync(path);
  assert.equal(log.tail(5).toString(), 'words');
  log.close();
  symlinkSync(join(folder, 'nowhere'), path);
  assert.throws(() => openCappedLog(path, { capBytes: CAP, onFailure: assert.fail }), { code: 'ELOOP' });
  assert.equal(existsSync(join(folder, 'nowhere')), false);
});

test('a full disk is told once, and output is kept again when there is room', { skip: cannotMount() }, () => {
  const disk = smallDisk(128 * 1024);
  try {
    const codes: string[] = [];
    const path = join(disk.path, 'stdout.log');
    const log = openCappedLog(path, { capBytes: CAP, onFailure: (_path, code) => codes.push(code) });
    disk.fill();
    for (let round = 0; round < 10; round += 1) log.write(Buffer.from('lost'));
    disk.free();
    log.write(Buffer.from('kept'));
    assert.equal(readFileSync(path, 'utf8'), 'kept');
    assert.deepEqual(codes, ['ENOSPC']);
    log.close();
  } finally {
    disk.remove();
  }
});
