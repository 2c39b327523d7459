import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from '../../../src/cli/arguments.ts';
import { COMMANDS } from '../../../src/cli/commandTable.ts';
import { cliWords } from '../../../src/core/words/cliCall.ts';
import { isSafeName } from '../../../src/core/words/sessionId.ts';

/** What somebody can call a folder, a file, a note or a tmux session. */
const HOSTILE = ['--out=.bashrc', '--detailed', '--help', '-h', '-', '--', '--json', '--log-dir=/', '-- x', 'plain'];

test('no command of ours takes a name for a flag, whatever it is called', () => {
  for (const [name, { flags }] of COMMANDS) {
    for (const names of [...HOSTILE.map((one) => [one]), HOSTILE]) {
      const [command, ...words] = cliWords({ command: name, flags: { 'log-dir': '/logs' }, names });
      const args = parseArguments(words, flags);
      assert.equal(command, name);
      assert.deepEqual(args.positionals, names, name);
      assert.equal(args.text('log-dir'), '/logs');
      for (const flag of ['json', 'help', ...Object.keys(flags)]) assert.equal(args.isSet(flag), false, flag);
    }
  }
});

test('no value of a flag is taken for a flag, and a program keeps its own', () => {
  const flags = { note: '--detailed', 'also-in': ['-a', '--b=c'], detailed: false, format: undefined };
  const { flags: known } = COMMANDS.get('report') ?? assert.fail('there is no report');
  const args = parseArguments(cliWords({ command: 'report', flags, names: ['x'] }).slice(1), known);
  assert.equal(args.text('note'), '--detailed');
  assert.deepEqual(args.texts('also-in'), ['-a', '--b=c']);
  assert.equal(args.isSet('detailed'), false);
  const started = cliWords({ command: 'run', flags: { detach: true, interval: 0.5 }, program: ['sh', '--', '-c'] });
  assert.deepEqual(started, ['run', '--detach', '--interval=0.5', '--', 'sh', '--', '-c']);
});

test('a directory whose name could be a flag or lead elsewhere is no session', () => {
  for (const name of ['', '.', '..', '.hidden', '-', '--out=x', '-rf', 'a/b', 'a\\b', 'a\0b', 'x'.repeat(256)])
    assert.equal(isSafeName(name), false, name);
  for (const name of ['no_session_20260301T100000', 'crashed_12_9', 'a-b', 'a.b', '[x](command:y)', '日本'])
    assert.equal(isSafeName(name), true, name);
});
