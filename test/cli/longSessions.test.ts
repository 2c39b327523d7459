import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { abandonSession, writeLongSession } from '../logs/longSession.ts';
import { testRoot } from './builtCli.ts';
import { peakOfCli, type Peak } from './peakMemory.ts';

const SHORT = 15_000;
const LONG = 90_000;
/** A heap grows by 15 to 50 MB until it is collected in full; as objects, the samples between the two take 180. */
const MOST_GROWTH_MB = 100;

const root = testRoot();
before(() => {
  for (const [name, samples] of [
    ['short', SHORT],
    ['long', LONG],
  ] as const) {
    writeLongSession({ dir: join(root.path, 'sessions', name), samples, anomalyEvery: 5 });
  }
});
after(() => root.remove());

describe('memory does not grow with the length of a session', () => {
  const trace = (name: string): string => join(root.path, 'sessions', name, 'proc_trace.jsonl');
  const readers: readonly (readonly [what: string, args: (name: string) => readonly string[], told: RegExp])[] = [
    ['show', (name) => ['show', name], /\n {2}warning /],
    ['report', (name) => ['report', name, '--format', 'json'], /"most_processes": 1/],
    [
      'analyze --standard',
      (name) => ['analyze', '--standard', '--json', trace(name)],
      /"kind":"high_cpu_sustained".*\]\}\n$/,
    ],
  ];
  for (const [what, args, told] of readers) {
    test(what, async () => bounded(await peakOf(args('short')), await peakOf(args('long')), told));
  }

  test('recover', async () => {
    const recovered = async (name: string): Promise<Peak> => {
      abandonSession(root.path, name);
      return peakOf(['recover']);
    };
    bounded(await recovered('short'), await recovered('long'), /^long +finished/);
  });
});

function bounded(short: Peak, long: Peak, told: RegExp): void {
  assert.match(long.tail, told);
  const growth = long.peakMb - short.peakMb;
  assert.ok(growth < MOST_GROWTH_MB, `${short.peakMb.toFixed(0)} MB, then ${long.peakMb.toFixed(0)} MB`);
}

async function peakOf(args: readonly string[]): Promise<Peak> {
  const peak = await peakOfCli([...args, '--log-dir', root.path]);
  assert.equal(peak.code, 0, peak.stderr);
  return peak;
}
