import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeUnborn, takeEnrollment } from '../../src/logs/takeOver.ts';
import { ownClaimant, ownProcess } from '../../src/recorder/proc/ownProcess.ts';
import { readBootId } from '../../src/recorder/proc/bootId.ts';
import { atOnce } from './atOnce.ts';
import { DEAD, scratchRoot } from './scratch.ts';

const root = scratchRoot();

function running(name: string, files: Readonly<Record<string, object>>): string {
  const dir = join(root.running, name);
  mkdirSync(dir);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(dir, file), JSON.stringify(content));
  return dir;
}

test('of eight processes that take over one dead recorder’s session, one gets it', async () => {
  for (const file of ['enrollment.json', 'enrollment.json.taken-4000000-1']) {
    const dir = running(`contended-${file.length}`, { [file]: DEAD });
    const results = await atOnce(8, 'take', root.path, () => dir);
    assert.deepEqual(
      results.filter((result) => result === 'taken'),
      ['taken'],
      JSON.stringify(results),
    );
    assert.ok(
      results.every((result) => result === 'taken' || result === 'alive'),
      JSON.stringify(results),
    );
    assert.equal(readdirSync(dir).length, 1);
  }
});

test('a claim from before a reboot that somebody holds now is not taken away from it', () => {
  const { pid, starttime_ticks: ticks } = ownProcess();
  const held = running('held', { [`enrollment.json.taken-${pid}-${ticks}`]: DEAD });
  assert.equal(takeEnrollment(held, ownClaimant()), 'alive');
});

test('a living recorder keeps its session, and a directory without enrollment is nobody’s to take', () => {
  const alive = running('alive', { 'enrollment.json': { ...DEAD, boot_id: readBootId(), recorder: ownProcess() } });
  assert.equal(takeEnrollment(alive, ownClaimant()), 'alive');
  assert.ok(existsSync(join(alive, 'enrollment.json')));
  assert.equal(takeEnrollment(running('foreign', { 'notes.txt': {} }), ownClaimant()), undefined);
});

test('what a recorder left that died at birth goes after an hour, and nothing else', () => {
  const old = running('.new-1-old', { 'enrollment.json': DEAD });
  const fresh = running('.new-1-fresh', {});
  const twoHoursAgo = Date.now() / 1000 - 7200;
  utimesSync(old, twoHoursAgo, twoHoursAgo);
  utimesSync(join(root.running, 'foreign'), twoHoursAgo, twoHoursAgo);
  removeUnborn(root, Date.now());
  assert.deepEqual(
    [existsSync(old), existsSync(fresh), existsSync(join(root.running, 'foreign'))],
    [false, true, true],
  );
});
