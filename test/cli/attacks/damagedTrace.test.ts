import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { traceLine } from '../../logs/traceLine.ts';
import { runCli, testRoot } from '../builtCli.ts';

const root = testRoot();
after(() => root.remove());

const LINES = Array.from({ length: 5 }, (_unused, seq) => `${traceLine(seq)}\n`);
const WHOLE = LINES.join('');

/** What is written, and how many lines of it are bad. Every byte and bit is tried where reading is quick: test/logs. */
const DAMAGE: readonly (readonly [string, string | Buffer, number])[] = [
  ['cut in its last line', WHOLE.slice(0, -20), 0],
  ['cut in its first line', WHOLE.slice(0, 20), 0],
  ['empty', '', 0],
  ['with a brace turned into another character', WHOLE.replace('}', '|'), 1],
  ['with two lines grown together', WHOLE.replace('\n', ''), 1],
  ['with NULs in a line’s place', WHOLE.replace(LINES[2] ?? '', `${'\0'.repeat(500)}\n`), 1],
  ['with bytes that are no UTF-8', Buffer.concat([Buffer.from(WHOLE), Buffer.from([0xff, 0xfe, 0x0a])]), 1],
  ['with a line of 5 MB', `${WHOLE}{"event":"snapshot","seq":9,"wchan":"${'y'.repeat(5 * 1024 * 1024)}"}\n`, 0],
];

for (const [number, [what, content, badLines]] of DAMAGE.entries()) {
  test(`show and analyze read a trace ${what}`, async () => {
    const id = `damaged-${number}`;
    mkdirSync(join(root.path, 'sessions', id), { recursive: true });
    const trace = join(root.path, 'sessions', id, 'proc_trace.jsonl');
    writeFileSync(trace, content);
    writeFileSync(join(root.path, 'sessions', id, 'summary.json'), `{"session_id":"${id}","dir_name":"${id}"}`);
    const [shown, analyzed] = await Promise.all([
      runCli(['show', id, '--json', '--log-dir', root.path]),
      runCli(['analyze', trace, '--json', '--log-dir', root.path]),
    ]);
    assert.deepEqual([shown.code, shown.stderr, analyzed.code, analyzed.stderr], [0, '', 0, '']);
    const session = JSON.parse(shown.stdout) as { bad_lines?: Record<string, number> };
    const analysis = JSON.parse(analyzed.stdout) as { file_kind: string; bad_lines?: number };
    assert.equal(analysis.file_kind, 'proc_trace');
    assert.equal(session.bad_lines?.['proc_trace.jsonl'] ?? 0, badLines);
    assert.equal(analysis.bad_lines ?? 0, badLines);
  });
}
