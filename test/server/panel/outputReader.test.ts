import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { OutputView } from '../../../src/core/panel/outputView.ts';
import { jsonLine } from '../../../src/core/words/json.ts';
import { isoFromMs } from '../../../src/core/words/time.ts';
import { OutputReader } from '../../../src/server/panel/outputReader.ts';

const START_MS = Date.UTC(2026, 0, 15, 9);
const folders: string[] = [];
after(() => folders.forEach((dir) => rmSync(dir, { recursive: true })));

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'output-'));
  folders.push(dir);
  return dir;
}

/** As the launcher does: when which byte of a stream came. */
class Printed {
  readonly dir = folder();
  readonly #bytes = { stdout: 0, stderr: 0 };

  print(second: number, stream: 'stdout' | 'stderr', text: string): void {
    const line = { ts: isoFromMs(START_MS + second * 1000), stream, offset: this.#bytes[stream] };
    appendFileSync(join(this.dir, 'output.index'), `${jsonLine(line)}\n`);
    appendFileSync(join(this.dir, `${stream}.log`), text);
    this.#bytes[stream] += Buffer.byteLength(text);
  }
}

const END = { from: undefined, to: undefined, atMs: undefined };

function told(view: OutputView): readonly string[] {
  return view.lines.map(
    ({ ms, stream, text }) => `${ms === undefined ? '-' : (ms - START_MS) / 1000} ${stream} ${text}`,
  );
}

test('both streams are one text in the order in which they came, and it grows', () => {
  const printed = new Printed();
  printed.print(1, 'stdout', 'one\ntwo\n');
  printed.print(2, 'stderr', 'boom: ✗\n');
  printed.print(3, 'stdout', '10%\r50%\r100%\nlast');
  const reader = new OutputReader();
  reader.read(printed.dir);
  assert.deepEqual(told(reader.view(END)), [
    '1 stdout one',
    '1 stdout two',
    '2 stderr boom: ✗',
    '3 stdout 100%',
    '3 stdout last',
  ]);
  printed.print(4, 'stderr', 'late\n');
  reader.read(printed.dir);
  assert.equal(told(reader.view(END)).at(-1), '4 stderr late');
  assert.deepEqual(told(new OutputReader().view(END)), []);
});

test('what has no index is shown stream by stream, and what is not kept is said', () => {
  const dir = folder();
  writeFileSync(join(dir, 'stdout.log'), 'out\n');
  writeFileSync(join(dir, 'stderr.log'), 'err\n');
  const reader = new OutputReader();
  reader.read(dir);
  assert.deepEqual(told(reader.view(END)), ['- stdout out', '- stderr err']);
  const none = new OutputReader();
  none.read(folder());
  assert.equal(none.view(END).isKept, false);
});

test('of 50 MB the end, a time, a word and each page are there at once, and pages join without a gap', () => {
  const printed = new Printed();
  const line = (n: number): string => `line ${n} ${'.'.repeat(90)}\n`;
  for (let second = 0; second < 500; second += 1) {
    printed.print(second, 'stdout', Array.from({ length: 1000 }, (_, i) => line(second * 1000 + i)).join(''));
  }
  const started = performance.now();
  const reader = new OutputReader();
  reader.read(printed.dir);
  const end = reader.view(END);
  const openedMs = performance.now() - started;
  assert.ok(end.total > 50_000_000 && openedMs < 300, `${openedMs} ms`);
  assert.match(end.lines.at(-1)?.text ?? '', /^line 499999 /);
  const pages = [reader.view({ ...END, to: end.from }), end];
  const numbers = pages.flatMap(({ lines }) => lines.map(({ text }) => Number(/^line (\d+) /.exec(text)?.[1])));
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => (numbers[0] ?? 0) + i),
  );
  const at = reader.view({ ...END, atMs: START_MS + 250_400 });
  assert.ok(at.lines.some(({ text }) => text.startsWith('line 250000 ')));
  const next = reader.view({ ...END, from: at.to });
  assert.equal(
    Number(/\d+/.exec(next.lines[0]?.text ?? '')?.[0]),
    Number(/\d+/.exec(at.lines.at(-1)?.text ?? '')?.[0]) + 1,
  );
  const found = reader.find('LINE 123456 ', -1, false).at ?? -1;
  assert.match(reader.view({ ...END, from: found }).lines[0]?.text ?? '', /^line 123456 /);
  assert.deepEqual(reader.find('line 123456 ', found, false), { at: undefined });
  assert.equal(reader.find('line 123456 ', end.total, true).at, found);
});

test('where the beginning was dropped, the rest stands at its times', () => {
  const printed = new Printed();
  printed.print(1, 'stdout', 'gone\n');
  printed.print(2, 'stdout', 'kept\n');
  printed.print(3, 'stdout', 'last\n');
  writeFileSync(join(printed.dir, 'stdout.log'), 'kept\nlast\n');
  const line = { ts: isoFromMs(START_MS + 4000), stream: 'stdout', offset: 15, dropped: 5 };
  appendFileSync(join(printed.dir, 'output.index'), `${jsonLine(line)}\nnot json\n{"stream":"stdout","offset":-4}\n`);
  const reader = new OutputReader();
  reader.read(printed.dir);
  assert.deepEqual(told(reader.view(END)), ['2 stdout kept', '3 stdout last']);
  truncateSync(join(printed.dir, 'stdout.log'), 0);
  reader.read(printed.dir);
  assert.deepEqual(told(reader.view(END)), []);
});
