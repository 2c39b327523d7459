import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Heartbeat, type Clocks } from '../../../src/recorder/session/heartbeat.ts';

/** Clocks that a test moves by hand. */
function clocks() {
  const time = { monotonic: 1000, wall: 1_700_000_000_000, boot: 500_000, ran: 10, waited: 5 };
  const given: Clocks = {
    monotonicMs: () => time.monotonic,
    wallMs: () => time.wall,
    bootMs: () => time.boot,
    scheduling: () => ({ ranMs: time.ran, waitedMs: time.waited }),
    close: () => undefined,
  };
  const pass = (ms: number): void => {
    time.monotonic += ms;
    time.wall += ms;
    time.boot += ms;
  };
  return { time, given, pass };
}

function gapsOf(move: (made: ReturnType<typeof clocks>) => void) {
  const made = clocks();
  const heart = new Heartbeat(made.given);
  try {
    made.pass(250);
    assert.equal(heart.beat(), undefined);
    move(made);
    const first = heart.beat();
    made.pass(250);
    return [first, heart.beat()].filter((gap) => gap !== undefined);
  } finally {
    heart.close();
  }
}

describe('a gap of the recorder', () => {
  test('is none while it runs, however late a timer is', () => {
    assert.deepEqual(
      gapsOf(({ pass }) => pass(4000)),
      [],
    );
  });

  test('is a sleep of the machine when only the clock that counts sleep went on', () => {
    const gaps = gapsOf(({ time, pass }) => {
      pass(250);
      time.wall += 3_600_000;
      time.boot += 3_600_000;
    });
    assert.deepEqual(gaps, [{ kind: 'suspended', gapMs: 3_600_250 }]);
  });

  test('is none when somebody set the wall clock', () => {
    const gaps = gapsOf(({ time, pass }) => {
      pass(250);
      time.wall += 3_600_000;
    });
    assert.deepEqual(gaps, []);
  });

  test('is starvation when it waited for a processor, and its own doing when it had one', () => {
    const starved = gapsOf(({ time, pass }) => {
      pass(8000);
      time.waited += 7500;
    });
    const busy = gapsOf(({ time, pass }) => {
      pass(8000);
      time.ran += 7500;
    });
    assert.deepEqual(
      [...starved, ...busy].map(({ kind }) => kind),
      ['starved', 'busy'],
    );
  });

  test('of which nothing is known is called so', () => {
    assert.deepEqual(
      gapsOf(({ pass }) => pass(8000)).map(({ kind }) => kind),
      ['unknown'],
    );
  });
});
