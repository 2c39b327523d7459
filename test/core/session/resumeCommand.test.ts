import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resumeCommand } from '../../../src/core/session/resumeCommand.ts';
import { databaseSession } from '../../../src/core/session/transcriptPath.ts';
import type { AgentKind } from '../../../src/core/words/vocabulary.ts';

const ID = '0199c0de-aaaa-7bbb-8ccc-0123456789ab';

const CASES: readonly [AgentKind, string | undefined, string | undefined][] = [
  ['codex', `/h/.codex/sessions/2026/03/01/rollout-2026-03-01T10-00-00-${ID}.jsonl`, `codex resume ${ID}`],
  ['claude', `/h/.claude/projects/-srv/${ID}.jsonl`, `claude --resume ${ID}`],
  ['copilot', `/h/.copilot/session-state/${ID}/events.jsonl`, `copilot --resume ${ID}`],
  ['opencode', '/h/.local/share/opencode/opencode.db#ses_0a1b2c', 'opencode --session ses_0a1b2c'],
  // Its file's name has only the beginning of the id.
  ['gemini', '/h/.gemini/tmp/x/chats/session-2026-03-01T10-00-c80ba5ad.jsonl', undefined],
  // What we captured is named by our own id.
  ['codex', `/logs/sessions/${ID}/stdout.log`, undefined],
  ['cline', `/h/.cline/data/sessions/${ID}/${ID}.messages.json`, undefined],
  ['other', `/h/${ID}.jsonl`, undefined],
  ['claude', undefined, undefined],
];

for (const [agent, transcript, command] of CASES) {
  test(`${agent} is gone on with by ${command ?? 'nothing'}, after ${transcript ?? 'no log'}`, () => {
    assert.equal(resumeCommand(agent, transcript)?.join(' '), command);
  });
}

test('a session of a database is told from a folder with a number sign in its name', () => {
  assert.deepEqual(databaseSession('/a/b.db#ses_123456'), { database: '/a/b.db', session: 'ses_123456' });
  for (const path of ['/a#b/c.jsonl', '/a/b.db', '/a/b.db#', '/a/b.db#../../x', '/a/b.jsonl#ses_123456']) {
    assert.equal(databaseSession(path), undefined, path);
  }
});
