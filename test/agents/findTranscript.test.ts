import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findTranscript } from '../../src/agents/findTranscript.ts';
import { agentKindOf } from '../../src/core/session/agentKind.ts';
import type { Enrollment } from '../../src/core/session/session.ts';
import type { AgentKind } from '../../src/core/words/vocabulary.ts';
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
  /** Below the home as well. */
  readonly openFiles?: readonly string[];
  readonly others?: { readonly logs?: readonly string[]; readonly ids?: readonly string[]; readonly unplaced?: number };
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
    const { openFiles = [], others: { logs = [], ids = [], unplaced = 0 } = {} } = scene;
    const found = findTranscript({
      enrollment,
      endTs: new Date(END).toISOString(),
      dir,
      env,
      home,
      readHead,
      openFiles: new Set(openFiles.map((path) => join(home, path))),
      others: { logs: new Set(logs.map((path) => join(home, path))), ids: new Set(ids), unplaced },
    });
    if (found?.type === 'unsure') return `one of ${found.paths.length}`;
    return found?.path.replace(`${home}/`, '').replace('session/', '');
  } finally {
    rmSync(home, { recursive: true });
  }
}

const rollout = (cwd: string): object[] => [{ type: 'session_meta', payload: { cwd } }];
const CODEX_DAY = '.codex/sessions/2026/03/01';

const PROJECT = '.claude/projects/-srv-app';
const begun = (seconds: number): object[] => [
  { type: 'user', cwd: CWD, timestamp: new Date(START + seconds * 1000).toISOString() },
];
const TWO_CLAUDES = {
  agent: 'claude',
  files: { [`${PROJECT}/first.jsonl`]: [begun(1), 40], [`${PROJECT}/second.jsonl`]: [begun(2), 50] },
} as const;

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
  'Codex, started by a script of another name: by the id that its stream tells': [
    {
      agent: 'other',
      command: './ci/agent.sh',
      stdout: [{ type: 'thread.started', thread_id: 'aaaa-1111' }, { type: 'turn.started' }],
      files: { [`${CODEX_DAY}/rollout-2026-aaaa-1111.jsonl`]: [rollout(CWD), 40] },
    },
    `${CODEX_DAY}/rollout-2026-aaaa-1111.jsonl`,
  ],
  'Copilot CLI: by the folder that is named after the session': [
    {
      agent: 'copilot',
      env: { COPILOT_HOME: 'moved' },
      stdout: [
        { type: 'user.message', data: {}, id: 'x', parentId: null },
        { type: 'result', sessionId: 'bbbb-2222', exitCode: 1 },
      ],
      files: {
        'moved/session-state/aaaa-1111/events.jsonl': [
          [{ type: 'session.start', data: { context: { cwd: CWD } } }],
          50,
        ],
        'moved/session-state/bbbb-2222/events.jsonl': [
          [{ type: 'session.start', data: { context: { cwd: CWD } } }],
          40,
        ],
      },
    },
    'moved/session-state/bbbb-2222/events.jsonl',
  ],
  'pi: by the name that they make of the folder': [
    {
      agent: 'pi',
      files: {
        '.pi/agent/sessions/--srv-app--/2026_x.jsonl': [
          [{ type: 'session', version: 3, id: 'x1', cwd: '/srv-app' }],
          50,
        ],
        '.pi/agent/sessions/--srv-app--/2026_y.jsonl': [[{ type: 'session', version: 3, id: 'y1', cwd: CWD }], 40],
      },
    },
    '.pi/agent/sessions/--srv-app--/2026_y.jsonl',
  ],
  'Cline: by the working directory in the state beside its messages': [
    {
      agent: 'cline',
      files: {
        '.cline/data/sessions/1/1.messages.json': [[{ version: 1, messages: [] }], 50],
        '.cline/data/sessions/1/1.json': [[{ cwd: '/srv/elsewhere' }], 50],
        '.cline/data/sessions/2/2.messages.json': [[{ version: 1, messages: [] }], 40],
        '.cline/data/sessions/2/2.json': [[{ cwd: CWD }], 40],
      },
    },
    '.cline/data/sessions/2/2.messages.json',
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
  'Claude Code: of two in one folder, the one that its process had open': [
    { ...TWO_CLAUDES, openFiles: [`${PROJECT}/second.jsonl`] },
    `${PROJECT}/second.jsonl`,
  ],
  'Claude Code: of two in one folder, the one that no other session holds': [
    { ...TWO_CLAUDES, others: { logs: [`${PROJECT}/first.jsonl`] } },
    `${PROJECT}/second.jsonl`,
  ],
  'Claude Code: of two in one folder, the one that no other session calls its own': [
    { ...TWO_CLAUDES, others: { ids: ['second'] } },
    `${PROJECT}/first.jsonl`,
  ],
  'Claude Code: two at once are said to be two': [TWO_CLAUDES, 'one of 2'],
  'Claude Code: one log of two sessions is not taken for either': [
    { agent: 'claude', files: { [`${PROJECT}/first.jsonl`]: [begun(1), 40] }, others: { unplaced: 1 } },
    'one of 1',
  ],
  'Claude Code: two that follow one another are one session that was begun anew': [
    {
      agent: 'claude',
      files: { [`${PROJECT}/first.jsonl`]: [begun(1), 20], [`${PROJECT}/second.jsonl`]: [begun(21), 50] },
    },
    `${PROJECT}/second.jsonl`,
  ],
  'Claude Code: an earlier session that goes on beside it is another one': [
    { agent: 'claude', command: 'claude -p x', files: { [`${PROJECT}/old.jsonl`]: [begun(-600), 50] } },
    undefined,
  ],
  'Claude Code: an earlier session that it goes on with': [
    { agent: 'claude', command: 'claude -c -p x', files: { [`${PROJECT}/old.jsonl`]: [begun(-600), 50] } },
    `${PROJECT}/old.jsonl`,
  ],
  'Claude Code: an earlier session beside one that a shell starts': [
    { agent: 'claude', command: 'sh -c claude -p x', files: { [`${PROJECT}/old.jsonl`]: [begun(-600), 50] } },
    undefined,
  ],
  'Claude Code: a log of another folder of the same name in its place': [
    { agent: 'claude', files: { [`${PROJECT}/other.jsonl`]: [[{ cwd: '/srv-app' }], 50] } },
    undefined,
  ],
  'Codex: its helpers write logs of their own': [
    {
      agent: 'codex',
      files: {
        [`${CODEX_DAY}/rollout-1.jsonl`]: [rollout(CWD), 40],
        [`${CODEX_DAY}/rollout-2.jsonl`]: [
          [{ type: 'session_meta', payload: { cwd: CWD, source: { subagent: 'review' } } }],
          50,
        ],
      },
    },
    `${CODEX_DAY}/rollout-1.jsonl`,
  ],
  'Codex: the log of another id than its stream tells is not taken': [
    {
      agent: 'codex',
      stdout: [{ type: 'thread.started', thread_id: 'aaaa-1111' }, { type: 'turn.started' }],
      files: {
        [`${CODEX_DAY}/rollout-x.jsonl`]: [[{ type: 'session_meta', payload: { id: 'bbbb-2222', cwd: CWD } }], 40],
      },
    },
    'stdout.log',
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
      ['timeout', '60', 'pi', '-p', 'x'],
      ['bash', '-lc', 'cn -p x'],
      ['node', '/usr/bin/qwen', '-p', 'x'],
      ['opencode run --format json x'],
      ['git', 'commit', '-m', 'pi day'],
      ['kubectl', 'exec', 'droid'],
    ]),
    ['claude', 'codex', 'codex', 'gemini', 'pi', 'continue', 'qwen', 'opencode', 'other', 'other'],
  );
});
