import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMarkerScanner } from '../../../src/core/death/outputMarkers.ts';

function namesOf(text: string): readonly string[] {
  const scanner = createMarkerScanner();
  scanner.add(new TextEncoder().encode(text));
  return scanner.markers().map((marker) => marker.name);
}

const SHAPES: readonly (readonly [string, string])[] = [
  ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', 'v8_heap_limit'],
  ["Error: EMFILE: too many open files, open '/dev/null'", 'too_many_open_files'],
  ["OSError: [Errno 24] Too many open files: '/dev/null'", 'too_many_open_files'],
  ['sh: 1: cannot open /etc/passwd: Too many open files', 'too_many_open_files'],
  ['\u001b[31mError: ENOSPC: no space left on device, write\u001b[0m', 'no_space'],
  ['cp: error writing \u2018x\u2019: No space left on device\r', 'no_space'],
  ['Error: No space left on device (os error 28)', 'no_space'],
  ["thread 'main' panicked at src/main.rs:3:5:", 'panic'],
];

for (const [line, name] of SHAPES) {
  test(`${name} is seen in ${JSON.stringify(line.slice(0, 40))}`, () =>
    assert.deepEqual(namesOf(`ok\n${line}\nend\n`), [name]));
}

test('prose about a shortage is no marker, and watches running out are neither files nor a disk', () => {
  assert.deepEqual(namesOf('I fixed the EMFILE handling and the no space left on device message\n'), []);
  assert.deepEqual(namesOf("Error: ENOSPC: System limit for number of file watchers reached, watch '/x'\n"), [
    'inotify',
  ]);
  assert.deepEqual(namesOf("Error: ENOSPC: no space left on device, watch '/x'\n"), ['inotify']);
  assert.deepEqual(namesOf("Error: EMFILE: too many open files, watch '/x'\n"), ['inotify']);
  assert.deepEqual(namesOf(`${'x'.repeat(1_000_000)}: Too many open files\n`), []);
});

test('the markers are the same at every chunk size, in the middle of a character as well, with offsets in bytes', () => {
  const bytes = new TextEncoder().encode(`h\u00e9llo \u{1f600}\n${SHAPES.map(([line]) => line).join('\n')}`);
  const whole = createMarkerScanner();
  whole.add(bytes);
  assert.equal(whole.markers().length, 4);
  assert.equal(whole.markers()[0]?.offset, 12);
  for (let size = 1; size <= bytes.length; size += 1) {
    const scanner = createMarkerScanner();
    for (let from = 0; from < bytes.length; from += size) scanner.add(bytes.subarray(from, from + size));
    assert.deepEqual(scanner.markers(), whole.markers(), `chunks of ${size}`);
    assert.equal(scanner.byteCount, bytes.length);
  }
});
