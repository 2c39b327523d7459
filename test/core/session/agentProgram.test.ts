import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProgramOf, beginsSession, isHeadless } from '../../../src/core/session/agentProgram.ts';

const PROGRAMS: readonly (readonly [line: string, agent: string])[] = [
  ['claude -p x', 'claude'],
  ['/home/a/.vscode/extensions/anthropic.claude-code/native-binary/claude --output-format stream-json', 'claude'],
  ['node /usr/bin/codex exec x', 'codex'],
  ['/usr/bin/node --no-warnings=DEP0040 /usr/local/bin/gemini', 'gemini'],
  ['node --import ./hook.mjs -r ./more.cjs /srv/node_modules/@openai/codex/bin/codex.js', 'codex'],
  ['/bin/sh /usr/local/bin/claude -p x', 'claude'],
  ['node /srv/node_modules/@mariozechner/pi-coding-agent/dist/pi.js', 'pi'],
  ['pi -p x', 'pi'],
  // Not the agent, though its name is there.
  ['sh -c claude', 'other'],
  ['timeout 60 claude', 'other'],
  ['node /usr/bin/npx @openai/codex', 'other'],
  ['node -e claude', 'other'],
  ['python3 -m claude', 'other'],
  ['node pi.js', 'other'],
  ['vim claude', 'other'],
  ['grep -r codex .', 'other'],
];

test('an agent is known by the program that runs, whatever starts it and whatever else bears its name', () => {
  for (const [line, agent] of PROGRAMS) assert.equal(agentProgramOf(line.split(' ')), agent, line);
  assert.equal(agentProgramOf(['npm exec @openai/codex exec']), 'other');
  assert.equal(agentProgramOf([]), 'other');
});

test('a question to an agent’s program is no session', () => {
  for (const line of ['claude --version', 'codex login', 'node /usr/bin/gemini --help', 'claude mcp serve']) {
    assert.equal(beginsSession(line.split(' ')), false, line);
  }
  for (const line of ['claude', 'claude -p --version', 'codex exec login', 'node /usr/bin/gemini -p help']) {
    assert.equal(beginsSession(line.split(' ')), true, line);
  }
});

test('at a terminal an agent works by itself only where its command line says so', () => {
  for (const [agent, line, headless] of [
    ['claude', 'claude -p x', true],
    ['claude', 'claude', false],
    ['codex', 'codex exec x', true],
    ['codex', 'node /usr/bin/codex', false],
    ['pi', 'pi --mode json -p x', true],
    ['opencode', 'opencode run x', true],
  ] as const) {
    assert.equal(isHeadless(agent, line.split(' ')), headless, line);
  }
});
