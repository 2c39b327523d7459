import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionTitle } from '../../../src/core/find/sessionTitle.ts';

/** Command lines as the log has them, and what their sessions are called. */
const TITLES: readonly (readonly [command: string, title: string])[] = [
  ["claude -p 'fix the tests' --output-format stream-json --verbose", 'fix the tests'],
  ["claude --dangerously-skip-permissions -p 'fix the tests'", 'fix the tests'],
  ["claude -p --output-format stream-json --verbose 'fix the tests'", 'fix the tests'],
  ["claude --append-system-prompt 'You are terse' --model opus -p 'fix it now'", 'fix it now'],
  ['claude -p fix', 'fix'],
  ['claude --resume 0d6b3d31 --verbose', 'claude'],
  ["codex exec --json 'say hello'", 'say hello'],
  ['codex exec --json hello', 'hello'],
  ["npx @openai/codex exec 'say hello'", 'say hello'],
  ["timeout 60 env A=1 gemini -p 'what is it' --output-format stream-json", 'what is it'],
  [String.raw`claude -p 'don'\''t stop' --verbose`, "don't stop"],
  ["claude -p 'a prompt that is cut after a hundred char", 'a prompt that is cut after a hundred char'],
  ["opencode run --format json 'tidy up'", 'tidy up'],
  ['python3 -u /srv/app/build.py --fast', 'build.py'],
  ['python3.12 build.py all', 'build.py all'],
  ["sh -c 'make && make test'", 'make && make test'],
  ['bash -lc "make test"', 'make test'],
  ['node --max-old-space-size=4096 ./scripts/nightly.js -v', 'nightly.js'],
  ['prlimit --nofile=64 sleep 60', 'sleep 60'],
  ['npm test -- --watch', 'npm test'],
  ['pytest -x tests/unit', 'pytest tests/unit'],
  ['serve --port 80', 'serve'],
  ['/usr/local/bin/agent', 'agent'],
  ['/autoskillit:open-pr 12', '/autoskillit:open-pr 12'],
  ['--help', '--help'],
  ['', ''],
];

for (const [command, title] of TITLES) {
  test(`a session of ${command || 'no command'} is called ${title || 'nothing'}`, () => {
    assert.equal(sessionTitle(undefined, command), title);
  });
}

test('a label stands before any command, unless it is empty', () => {
  assert.equal(sessionTitle('Nightly review', "claude -p 'fix it'"), 'Nightly review');
  assert.equal(sessionTitle(' ', "claude -p 'fix it'"), 'fix it');
});
