import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportPage, type PageParts } from '../../../src/core/report/reportPage.ts';

const PARTS: PageParts = {
  script: 'start()',
  styles: ['a{}', 'b{}'],
  data: '{"x":"</script><b>"}',
  dataId: 'told',
  added: {},
  createdAt: '2026-01-02T03:04:05.678Z',
  hashOf: (text) => `hash-of-${text}`,
};

test('a report’s page allows its own script and styles, and nothing from anywhere', () => {
  const page = reportPage(PARTS);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.split('; ');
  assert.deepEqual(policy, [
    "default-src 'none'",
    "script-src 'hash-of-start()'",
    "style-src 'hash-of-' 'hash-of-a{}' 'hash-of-b{}'",
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  assert.ok(page.includes('<style>a{}</style>\n<style>b{}</style>'));
  assert.ok(page.includes('<script type="application/json" id="told">{"x":"\\u003c/script>\\u003cb>"}</script>'), 'the data ends no element'); // prettier-ignore
  assert.ok(page.includes('made 2026-01-02 03:04 UTC'));
});

test('a report’s page says that it holds no text of the session only where nobody added one', () => {
  const NONE = 'It holds no text of the session: no paths, commands or output, and no names but those of well-known programs.'; // prettier-ignore
  const excerpt = { handle: 'e1<', text: 'first\n<b>\u202E' };
  for (const [added, says, holds] of [
    [{}, NONE, []],
    [{ excerpts: [] }, NONE, []],
    [{ note: 'It <died>\nso' }, 'Beside what', ['<h2>The reporter&#39;s note (redacted)</h2>', '<pre>It &lt;died&gt;\nso</pre>']],
    [{ note: ' ' }, 'Beside what', []],
    [{ excerpts: [excerpt] }, 'Beside what', ['<h2>First lines of errors', '<p><code>e1&lt;</code></p>', '<pre>first\n&lt;b&gt;']],
    [{ note: 'N', excerpts: [excerpt] }, 'Beside what', ['<pre>N</pre>', '<pre>first']],
  ] as const) {
    const page = reportPage({ ...PARTS, added });
    assert.ok(page.includes(says), says);
    assert.equal(page.includes(NONE), says === NONE);
    for (const held of holds) assert.ok(page.includes(held.replace('&#39;', "'")) || page.includes(held), held);
    assert.equal(page.match(/<h2>/g)?.length ?? 0, holds.filter((held) => held.startsWith('<h2>')).length + ('note' in added && 'excerpts' in added ? 2 : 0));
    assert.ok(!page.includes('\u202E'));
  }
}); // prettier-ignore
