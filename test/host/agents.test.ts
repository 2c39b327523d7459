import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { AGENTS, PROMPT_WORD as PROMPT } from '../../src/core/words/agentTable.ts';
import { agentChoices, withPrompt } from '../../src/host/agents.ts';

test('agents on PATH are offered after the configured ones; what is not executable is not', () => {
  const bin = mkdtempSync(join(tmpdir(), 'session-diagnostics-bin-'));
  writeFileSync(join(bin, 'codex'), '#!/bin/sh\n');
  writeFileSync(join(bin, 'gemini'), '');
  chmodSync(join(bin, 'codex'), 0o755);
  const choices = agentChoices({ Mine: ['./agent.sh'] }, { PATH: ['/no/such/folder', bin].join(delimiter) });
  assert.deepEqual(
    choices.map(({ name, origin }) => `${name} (${origin})`),
    ['Mine (setting)', 'Codex (path)'],
  );
  rmSync(bin, { recursive: true });
});

test('a configured agent replaces the found one of the same name', () => {
  const choices = agentChoices({ Codex: ['docker', 'run', 'codex'] }, { PATH: '' });
  assert.deepEqual(choices, [{ name: 'Codex', command: ['docker', 'run', 'codex'], origin: 'setting' }]);
});

test('a prompt takes its place literally, whatever characters it holds', () => {
  assert.deepEqual(withPrompt(['claude', '-p', PROMPT], `$& "it's" ${PROMPT}`), [
    'claude',
    '-p',
    `$& "it's" ${PROMPT}`,
  ]);
});

test('a prompt is never a flag of the agent', () => {
  const prompt = '--dangerously-skip-permissions';
  assert.deepEqual(withPrompt(['codex', 'exec', PROMPT], prompt), ['codex', 'exec', ` ${prompt}`]);
});

test('each agent that runs without a person is offered where its program is on PATH, as its row says', () => {
  const bin = mkdtempSync(join(tmpdir(), 'session-diagnostics-bin-'));
  const headless = Object.values(AGENTS).flatMap((row) => ('headless' in row ? [row] : []));
  for (const {
    headless: [program],
  } of headless)
    writeFileSync(join(bin, program), '', { mode: 0o755 });
  const offered = agentChoices({}, { PATH: bin }).map(({ name, command }) => ({ name, command }));
  assert.deepEqual(
    offered,
    headless.map(({ name, headless: command }) => ({ name, command })),
  );
  assert.ok(offered.length >= 13);
  rmSync(bin, { recursive: true });
});
