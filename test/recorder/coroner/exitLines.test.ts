import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ExitNotice } from '../../../src/core/death/deathFacts.ts';
import type { ExitCarrier } from '../../../src/recorder/coroner/exitCarrier.ts';
import { ExitNotices, type Besides, type WatchedProcess } from '../../../src/recorder/coroner/exitNotices.ts';
import { startTicksOf } from '../../../src/recorder/proc/ownProcess.ts';

/* What is made of the lines of a program that tells how others end: here a shell, which says what it is asked to. */

/** By the first digit of the pid: it ended with 3; it is gone; that is not for us; in two pieces; undated; the program ends. */
const ANSWER = `
answer() {
  set -- "\${1%:*}" "\${1#*:}"
  case $1 in
    1*) echo "exit $1 $2 768 1700000000000" ;;
    2*) echo "gone $1 $2 0 0" ;;
    3*) echo "other $1 $2 0 0" ;;
    4*) printf 'exit %s' "$1"; sleep 0.1; echo " $2 9 1700000000000" ;;
    5*) echo "exit $1 $2 0 0" ;;
    6*) exit 1 ;;
    7*) echo "news of $1" ;;
  esac
}`;
const EACH = `${ANSWER}\nfor key; do answer "$key"; done\nread line`;
const ALL = `${ANSWER}\n[ "$1" = --more ] || exit 1\necho "asked $*"\nwhile read -r key; do answer "$key"; done`;

function carrier(script: string, kind: ExitCarrier['kind']): ExitCarrier {
  return { kind, command: ['/bin/sh', '-c', script, 'sh'] };
}

const watched = (pid: number): WatchedProcess => ({ pid, startTicks: 77 });
const brief = (notice: ExitNotice | undefined) =>
  notice && [notice.pid, notice.exit.code ?? notice.exit.signal, notice.at];
const DATED = '2023-11-14T22:13:20.000+00:00'; // prettier-ignore

async function ask(notices: ExitNotices, pid: number): Promise<ExitNotice | undefined> {
  notices.watch(watched(pid));
  assert.equal(notices.isAwaited(watched(pid)), true);
  const notice = await notices.told(watched(pid));
  assert.equal(notices.isAwaited(watched(pid)), false);
  assert.equal(notices.latest(watched(pid)), notice);
  return notice;
}

function notices(t: TestContext, ...options: ConstructorParameters<typeof ExitNotices>): ExitNotices {
  const made = new ExitNotices(...options);
  t.after(() => made.close());
  return made;
}

for (const isOfMany of [false, true])
  test(`an end is told with its status and time, and nothing of who is gone: ${isOfMany ? 'one program for all' : 'one each'}`, async (t) => {
    const made = notices(t, isOfMany ? carrier(ALL, 'native') : carrier(EACH, 'perl'), { isOfMany });
    assert.deepEqual(brief(await ask(made, 10_001)), [10_001, 3, DATED]);
    assert.equal(await ask(made, 20_001), undefined);
    assert.equal(await ask(made, 30_001), undefined);
    const inPieces = isOfMany ? made : notices(t, carrier(EACH, 'perl'));
    assert.deepEqual(brief(await ask(inPieces, 40_001)), [40_001, 'SIGKILL', DATED]);
    const before = Date.now();
    const [, code, at = ''] = brief(await ask(inPieces, 50_001)) ?? [];
    assert.ok(code === 0 && Date.parse(String(at)) >= before - 1 && Date.parse(String(at)) <= Date.now());
    assert.equal(await ask(inPieces, 60_001), undefined, 'nobody is left who could tell');
    assert.deepEqual(brief(await made.ofEnded(watched(10_001), 1)), [10_001, 3, DATED]);
    assert.equal(await made.ofEnded(watched(10_002), 1), undefined, 'never watched');
    assert.equal(await made.told(watched(10_002)), undefined);
    assert.equal(made.isAwaited(watched(10_002)), false);
  }); // prettier-ignore

test('an end that nobody tells is waited for as long as was said, while its parent has not reaped it', async (t) => {
  const made = notices(t, carrier('read line', 'perl'));
  const living = { pid: process.pid, startTicks: startTicksOf(process.pid) ?? 0 };
  made.watch(living);
  const start = performance.now();
  assert.equal(await made.ofEnded(living, 60), undefined);
  const tookMs = performance.now() - start;
  assert.ok(tookMs > 50 && tookMs < 5000, String(tookMs));
  assert.equal(made.isAwaited(living), true);
}); // prettier-ignore

test('at most four programs are started for one session, none without a carrier, and one that is not there tells nothing', async (t) => {
  const four = notices(t, carrier('read line', 'perl'));
  for (const pid of [91, 92, 93, 94, 95]) four.watch(watched(pid));
  assert.deepEqual([91, 92, 93, 94, 95].map((pid) => four.isAwaited(watched(pid))), [true, true, true, true, false]);
  const none = notices(t, undefined);
  none.watch(watched(91));
  assert.equal(none.isAwaited(watched(91)), false);
  const missing = notices(t, { kind: 'perl', command: ['/nonexistent/perl'] });
  assert.equal(await ask(missing, 91), undefined);
}); // prettier-ignore

test('one program for all is asked besides, started again three times, and told of when it is no more', async (t) => {
  const lines: string[] = [];
  let ends = 0;
  const besides: Besides = { words: ['--news'], onLine: (line) => lines.push(line), onEnd: () => (ends += 1) };
  const made = notices(t, carrier(ALL, 'native'), { isOfMany: true, besides });
  assert.equal(made.askBesides(), true);
  made.watch(watched(70_001));
  assert.notEqual(await ask(made, 10_001), undefined);
  assert.deepEqual(lines, ['asked --more --news', 'news of 70001'], 'one program');
  for (const pid of [60_001, 60_002, 60_003, 60_004]) assert.equal(await ask(made, pid), undefined);
  assert.deepEqual([ends, lines.length], [4, 5]);
  assert.equal(made.isAwaited(watched(70_001)), false, 'who told is gone');
  assert.equal(made.askBesides(), false);
  made.watch(watched(10_002));
  assert.equal(await made.told(watched(10_002)), undefined, 'nobody is started a fifth time');
  for (const [kind, options] of [['perl', { isOfMany: true, besides }], ['native', { besides }], ['native', { isOfMany: true }]] as const)
    assert.equal(notices(t, carrier(ALL, kind), options).askBesides(), false);
}); // prettier-ignore
