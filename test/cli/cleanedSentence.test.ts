import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanedSentence } from '../../src/cli/commands/cleanup.ts';
import type { Cleaned } from '../../src/recorder/run/leftovers.ts';

const one = (comm: string, became: Cleaned['became']): Cleaned => ({
  pid: 7,
  start_ticks: 1,
  boot_id: 'b',
  comm,
  parent_pid: null,
  parent_comm: null,
  age_seconds: 1,
  rss_kb: null,
  became,
});

test('what became of several leftovers is told in one line, however many ways there are', () => {
  const told = cleanedSentence([
    one('sleep', 'ended'),
    one('tail', 'gone'),
    one('a\nb', 'ended'),
    one('node', 'killed'),
    one('x', 'refused'),
  ]);
  assert.equal(
    told,
    'Ended sleep (7) and a b (7). Killed node (7), which did not end when asked. Already ended: tail (7). Not ended, for it is not yours or stuck in the kernel: x (7).',
  );
  assert.equal(cleanedSentence([one('sleep', 'ended')]), 'Ended sleep (7).');
});
