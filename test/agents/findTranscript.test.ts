import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findTranscript } from '../../src/agents/findTranscript.ts';
import { agentKindOf } from '../../src/core/agentKind.ts';
import type { Enrollment } from '../../src/core/session.ts';
import type { AgentKind } from '../../src/core/vocabulary.ts';
import { readHead } from '../../src/logs/readHead.ts';

const START = Date.parse('2026-03-01T10:00:00.000Z');
const END = START + 60_000;
const CWD = '/srv/app';

interface Scene {
  readonly agent: AgentKind;
  readonly command?: string;
  readonly env?: Record<string, string>;
  /** Path below the home: its lines, and when it was last written in seconds after the start. */
  readonly files: Readonly<Record<string, readonly [lines: readonly object[], seconds: number]>>;
  readonly stdout?: readonly object[];
}

/** The path below the home, or 'stdout.log'. */
function foundIn(scene: Scene): string | undefined {
  const home = mkdtempSync(join(tmpdir(), 'find-log-'));
  try {
    for (const [name, [lines, seconds]] of Object.entries(scene.files)) {
      const path = join(home, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      utimesSync(path, START / 1000 + seconds, START / 1000 + seconds);
    }
    const dir = join(home, 'session');
    mkdirSync(dir);
    if (scene.stdout !== undefined) {
      writeFileSync(join(dir, 'stdout.log'), scene.stdout.map((line) => `${JSON.stringify(line)}\n`).join(''));
    }
    const env = Object.fromEntries(Object.entries(scene.env ?? {}).map(([key, value]) => [key, join(home, value)]));
    const enrollment = {
      agent: scene.agent,
      cwd: CWD,
      skill_command: scene.command ?? scene.agent,
      enrolled_at: new Date(START).toISOString(),
    } as Enrollment; // the four fields that finding reads
    const found = findTranscript({ enrollment, endTs: new Date(END).toISOString(), dir, env, home, readHead });
    return found?.path.replace(`${home}/`, '').replace('session/', '');
  } finally {
    rmSync(home, { recursive: true });
  }
}

const rollout = (cwd: string): object[] => [{ type: 'session_meta', payload: { cwd } }];
const CODEX_DAY = '.codex/sessions/2026/03/01';

const SCENES: Readonly<Record<string, readonly [Scene, string | undefined]>> = {
  'Claude Code: the log that was written while the session ran': [
    {
      agent: 'claude',
      files: {
        '.claude/projects/-srv-app/old.jsonl': [[{}], -600],
        '.claude/projects/-srv-app/mine.jsonl': [[{}], 30],
        '.claude/projects/-srv-app/agent-1.jsonl': [[{}], 40],
        '.claude/projects/-srv-other/other.jsonl': [[{}], 40],
      },
    },
    '.claude/projects/-srv-app/mine.jsonl',
  ],
  'Claude Code: the session that the command line names, where its configuration was moved': [
    {
      agent: 'claude',
      env: { CLAUDE_CONFIG_DIR: 'moved' },
      command: 'claude --session-id 0f0f0f0f-0000-4000-8000-000000000001 -p x',
      files: {
        'moved/projects/-srv-app/0f0f0f0f-0000-4000-8000-000000000001.jsonl': [[{}], 20],
        'moved/projects/-srv-app/later.jsonl': [[{}], 50],
      },
    },
    'moved/projects/-srv-app/0f0f0f0f-0000-4000-8000-000000000001.jsonl',
  ],
  'Codex: two in one folder at once, told apart by what their streams say of themselves': [
    {
      agent: 'codex',
      stdout: [{ type: 'thread.started', thread_id: 'aaaa-1111' }, { type: 'turn.started' }],
      files: {
        [`${CODEX_DAY}/rollout-2026-aaaa-1111.jsonl`]: [rollout(CWD), 40],
        [`${CODEX_DAY}/rollout-2026-bbbb-2222.jsonl`]: [rollout(CWD), 50],
      },
    },
    `${CODEX_DAY}/rollout-2026-aaaa-1111.jsonl`,
  ],
  'Codex: by its working directory': [
    {
      agent: 'codex',
      files: {
        [`${CODEX_DAY}/rollout-1.jsonl`]: [rollout('/srv/elsewhere'), 50],
        [`${CODEX_DAY}/rollout-2.jsonl`]: [rollout(CWD), 40],
      },
    },
    `${CODEX_DAY}/rollout-2.jsonl`,
  ],
  'Gemini CLI: a project of another folder is not taken': [
    {
      agent: 'gemini',
      files: {
        '.gemini/tmp/x/chats/session-1.jsonl': [[{ sessionId: 's', projectHash: 'f'.repeat(64) }], 50],
        '.gemini/tmp/y/chats/session-2.jsonl': [[{ sessionId: 't', projectHash: 'app' }], 40],
      },
    },
    '.gemini/tmp/y/chats/session-2.jsonl',
  ],
  'an agent whose log is not there: what it printed, when that is a stream': [
    { agent: 'codex', files: {}, stdout: [{ type: 'turn.started' }] },
    'stdout.log',
  ],
  'nothing but plain text': [{ agent: 'other', files: {}, stdout: [{ hello: 1 }] }, undefined],
};

for (const [name, [scene, expected]] of Object.entries(SCENES)) {
  test(`an agent's own log is found: ${name}`, () => assert.equal(foundIn(scene), expected));
}

test('an agent is told by the program that a command line starts, never by a word of its prompt', () => {
  const kinds = (commands: readonly string[][]): AgentKind[] => commands.map((command) => agentKindOf(command));
  assert.deepEqual(
    kinds([
      ['timeout', '60', 'claude', '-p', 'x'],
      ['sh', '-c', 'cd x && codex exec'],
      ['npx', '@openai/codex@latest', 'exec'],
      ['node', '/srv/node_modules/@google/gemini-cli/dist/index.js'],
      ['git', 'commit', '-m', 'x'],
    ]),
    ['claude', 'codex', 'codex', 'gemini', 'other'],
  );
});
