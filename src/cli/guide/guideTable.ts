import { QUESTION_NAMES } from '../../fleet/questionNames.ts';

export const GROUPS = ['Record', 'Look', 'Share', 'Look after', 'For programs', 'This program'] as const;
export type Group = (typeof GROUPS)[number];

/** What helps a person to find a command and to type it. */
export interface Guide {
  readonly group: Group;
  /** A command line as it would be typed behind `session-diagnostics`, and what it is for. */
  readonly examples: readonly (readonly [string, string])[];
  /** What stands behind the command and its flags: sessions and files are looked up while one types. */
  readonly takes?: 'session' | 'running session' | 'file' | readonly string[];
}

export const GUIDE: ReadonlyMap<string, Guide> = new Map<string, Guide>([
  [
    'run',
    {
      group: 'Record',
      examples: [
        ['run -- claude -p "fix the failing test"', 'the command itself, recorded'],
        ['run --timeout 1800 --label nightly -- codex exec "review"', 'ended after half an hour'],
        ['run --detach -- ./agent.sh', 'in the background; prints its id'],
        ['run --ci --exit-map environment=75 -- ./agent.sh', 'in a job that tells a broken environment by its code'],
      ],
    },
  ],
  [
    'attach',
    {
      group: 'Record',
      examples: [
        ['attach 4711', 'a process that runs already'],
        ['attach --tmux agents', 'the agent in a tmux session'],
      ],
    },
  ],
  [
    'watch',
    {
      group: 'Record',
      examples: [
        ['watch', 'every agent of yours, until Ctrl-C'],
        ['watch --install', 'from now on, whenever you are logged in'],
        ['watch --status', 'what it records, and what that costs'],
      ],
    },
  ],
  ['stop', { group: 'Record', takes: 'running session', examples: [['stop sess-2026-03-01-4f9a1c07', '']] }],
  [
    'list',
    {
      group: 'Look',
      examples: [
        ['list --failed', 'what ended badly'],
        ["list --json | jq -r '.[].dir_name'", 'for a script'],
      ],
    },
  ],
  [
    'show',
    {
      group: 'Look',
      takes: 'session',
      examples: [
        ['show last', 'why the newest ended'],
        ['show sess-2026-03-01-4f9a1c07', 'why this one did'],
      ],
    },
  ],
  [
    'why',
    {
      group: 'Look',
      takes: 'session',
      examples: [
        ['why', 'the newest session that nobody recorded and that stopped in the middle of its work'],
        ['why --since 2d', 'all of the last two days'],
      ],
    },
  ],
  [
    'open',
    {
      group: 'Look',
      takes: 'file',
      examples: [
        ['open session.zip', 'what CI or somebody else has sent'],
        ['open ./sess-2026-03-01-4f9a1c07', "a session's folder"],
      ],
    },
  ],
  [
    'compare',
    {
      group: 'Look',
      takes: 'session',
      examples: [['compare sess-2026-03-01-4f9a1c07 last', 'what was otherwise when it went well']],
    },
  ],
  ['incidents', { group: 'Look', examples: [['incidents', 'sessions that died together']] }],
  ['trend', { group: 'Look', examples: [['trend', '']] }],
  ['patterns', { group: 'Look', examples: [['patterns --days 30', 'when and which sessions die']] }],
  [
    'analyze',
    {
      group: 'Look',
      takes: 'file',
      examples: [['analyze transcript.jsonl', 'the failures in any agent’s log, recorded or not']],
    },
  ],
  [
    'report',
    {
      group: 'Share',
      takes: 'session',
      examples: [
        ['report sess-2026-03-01-4f9a1c07 --out report.md', 'safe to paste in public'],
        ['report last --format html --out report.html', 'the timelines as one file'],
      ],
    },
  ],
  [
    'bundle',
    {
      group: 'Share',
      takes: 'session',
      examples: [
        ['bundle last', 'one file, safe to post; show, report and verdict take it'],
        ['bundle last --full --out all.tar.gz', 'as it is, for somebody you trust'],
      ],
    },
  ],
  [
    'export',
    {
      group: 'Share',
      takes: 'session',
      examples: [
        ['export sess-2026-03-01-4f9a1c07 --otlp-endpoint http://127.0.0.1:4318', ''],
        ['export --spool', 'what could not be sent when it ended'],
      ],
    },
  ],
  [
    'fleet',
    {
      group: 'Look',
      takes: QUESTION_NAMES,
      examples: [
        ['fleet death-rate --url http://reader@127.0.0.1:8123/otel', 'over the sessions of all machines'],
        ['fleet memory --files ./parquet --since 2026-03-01', 'over what `bundle --parquet` has written'],
      ],
    },
  ],
  ['locate', { group: 'Share', examples: [['locate src:0123456789ab:L7', 'the line that a report tells of']] }],
  [
    'link',
    {
      group: 'Look after',
      takes: 'session',
      examples: [['link sess-2026-03-01-4f9a1c07 transcript.jsonl', 'where it was not found by itself']],
    },
  ],
  [
    'cleanup',
    { group: 'Look after', takes: 'session', examples: [['cleanup sess-2026-03-01-4f9a1c07 --dry-run', '']] },
  ],
  ['recover', { group: 'Look after', examples: [['recover', 'after a crash of the machine']] }],
  ['prune', { group: 'Look after', examples: [['prune --keep 100 --dry-run', 'what would go']] }],
  [
    'trace',
    {
      group: 'For programs',
      takes: ['begin', 'event', 'end'],
      examples: [['trace begin --skill release', 'prints the id that event and end take']],
    },
  ],
  [
    'mcp',
    {
      group: 'For programs',
      examples: [
        ['mcp --stdio', 'started by an agent'],
        ["mcp --ask why_did_it_die '{}'", 'the same question once, from a shell'],
      ],
    },
  ],
  [
    'integrate',
    {
      group: 'For programs',
      takes: ['claude', 'codex', 'gemini', 'copilot', 'opencode', 'qwen', 'cursor'],
      examples: [['integrate claude --dry-run', 'what would change in its configuration']],
    },
  ],
  [
    'verdict',
    {
      group: 'For programs',
      takes: 'session',
      examples: [["verdict last --json | jq -r '.blame, .retry'", 'the small contract, media/verdict.schema.json']],
    },
  ],
  ['metrics', { group: 'For programs', examples: [['metrics --once', 'Prometheus text']] }],
  ['lsp', { group: 'For programs', examples: [['lsp --stdio', 'started by an editor']] }],
  ['doctor', { group: 'This program', examples: [['doctor', 'what can be captured here']] }],
  [
    'completion',
    {
      group: 'This program',
      takes: ['bash', 'zsh', 'fish'],
      examples: [
        ['completion bash > ~/.local/share/bash-completion/completions/session-diagnostics', 'for every new shell'],
        ['completion fish | source', 'for this one'],
      ],
    },
  ],
]);

/** What a command without a row belongs to, until it has one. */
export const OTHER_GROUP: Group = 'This program';
