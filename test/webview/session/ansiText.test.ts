import assert from 'node:assert/strict';
import { test } from 'node:test';
import { styledText } from '../../../webview/session/ansiText.ts';

const ESC = '\u001b';

const LINES: readonly (readonly [string, string, readonly string[]])[] = [
  ['plain text', 'one', ['one|']],
  ['a colour, and its end', `${ESC}[31mred${ESC}[0m rest`, ['red|ansi-red', ' rest|']],
  ['weight and a bright colour', `${ESC}[1;92mok`, ['ok|ansi-green ansi-bold']],
  ['256 colours and colours by parts', `${ESC}[38;5;196ma${ESC}[38;2;10;20;240mb`, ['a|ansi-red', 'b|ansi-blue']],
  ['a background is left out', `${ESC}[41;37mx${ESC}[48;5;1my`, ['x|ansi-white', 'y|ansi-white']],
  ['moving the cursor and clearing', `${ESC}[2J${ESC}[10;10Hhere`, ['here|']],
  ['a title and a link', `${ESC}]0;pwned\u0007${ESC}]8;;http://x${ESC}\\text${ESC}]8;;${ESC}\\`, ['text|']],
  ['a device control string', `${ESC}P$q"p${ESC}\\after`, ['after|']],
  ['what hides or reorders is shown', `a\u202eb\u200b\u0008`, ['a‹U+202E›b‹U+200B›␈|']],
  ['markup stays text', '<img src=x onerror=1>', ['<img src=x onerror=1>|']],
];

for (const [name, line, expected] of LINES) {
  test(`a terminal's line: ${name}`, () => {
    assert.deepEqual(
      styledText(line).map(({ text, style }) => `${text}|${style}`),
      expected,
    );
  });
}

test('thousands of sequences are neither slow nor thousands of elements', () => {
  const line =
    Array.from({ length: 5000 }, (_, i) => `${ESC}[3${i % 8}mx`).join('') +
    `${ESC}[${'9;'.repeat(50_000)}m${ESC}]${'x'.repeat(100_000)}`;
  assert.ok(styledText(line).length <= 201);
  // Of the process' own time: what else runs on the machine does not count.
  const before = process.cpuUsage();
  styledText(line);
  const { user } = process.cpuUsage(before);
  assert.ok(user < 200_000, `${user} µs`);
});
