/**
 * The agents we know, one row each: what everybody may know of an agent without reading its logs. How its logs are found
 * and read is its file in src/agents; a kind without one does not compile there.
 */
export interface AgentRow {
  /** As a person calls it. */
  readonly name: string;
  /** The programs that start it. */
  readonly programs: readonly string[];
  /** Also an ordinary word, or another program's name: counts only where a command line names its program. */
  readonly isOrdinaryWord?: true;
  /** The npm packages that start it, as in `npx @openai/codex exec`. */
  readonly packages: readonly string[];
  /** Its logs and streams, by the names that reports use. */
  readonly formats: readonly string[];
  /** Its commands that wait for ever on an open stdin that nobody writes to, and are not meant to read it. */
  readonly hangsOnOpenStdin?: readonly string[];
  /** How it runs without a person at its terminal; `PROMPT_WORD` stands for what it shall do. */
  readonly headless?: readonly string[];
  /** How a person goes on with a session of it; `SESSION_WORD` stands for the agent's own id of it. */
  readonly resume?: readonly string[];
}

export const PROMPT_WORD = '${prompt}';
export const SESSION_WORD = '${session}';

export const AGENTS = {
  claude: {
    name: 'Claude Code',
    programs: ['claude'],
    packages: ['@anthropic-ai/claude-code'],
    formats: ['claude_transcript', 'claude_stream'],
    headless: ['claude', '-p', PROMPT_WORD, '--output-format', 'stream-json', '--verbose'],
    resume: ['claude', '--resume', SESSION_WORD],
  },
  codex: {
    name: 'Codex',
    programs: ['codex'],
    packages: ['@openai/codex'],
    formats: ['codex_rollout', 'codex_exec'],
    hangsOnOpenStdin: ['exec', 'e'],
    headless: ['codex', 'exec', '--json', PROMPT_WORD],
    resume: ['codex', 'resume', SESSION_WORD],
  },
  gemini: {
    name: 'Gemini CLI',
    programs: ['gemini'],
    packages: ['@google/gemini-cli'],
    formats: ['gemini_session', 'gemini_stream'],
    headless: ['gemini', '-p', PROMPT_WORD, '--output-format', 'stream-json'],
    resume: ['gemini', '--resume', SESSION_WORD],
  },
  qwen: {
    name: 'Qwen Code',
    programs: ['qwen'],
    packages: ['@qwen-code/qwen-code'],
    formats: ['qwen_chat', 'qwen_stream'],
    headless: ['qwen', '-p', PROMPT_WORD, '--output-format', 'stream-json'],
    resume: ['qwen', '--resume', SESSION_WORD],
  },
  pi: {
    name: 'pi',
    programs: ['pi'],
    isOrdinaryWord: true,
    packages: ['@earendil-works/pi-coding-agent', '@mariozechner/pi-coding-agent'],
    formats: ['pi_session', 'pi_stream'],
    headless: ['pi', '--mode', 'json', '-p', PROMPT_WORD],
    resume: ['pi', '--session', SESSION_WORD],
  },
  copilot: {
    name: 'Copilot CLI',
    programs: ['copilot'],
    isOrdinaryWord: true,
    packages: ['@github/copilot'],
    formats: ['copilot_events'],
    headless: ['copilot', '-p', PROMPT_WORD, '--output-format', 'json'],
    resume: ['copilot', '--resume', SESSION_WORD],
  },
  opencode: {
    name: 'OpenCode',
    programs: ['opencode'],
    packages: ['opencode-ai'],
    formats: ['opencode_run', 'opencode_database'],
    headless: ['opencode', 'run', '--format', 'json', PROMPT_WORD],
    resume: ['opencode', '--session', SESSION_WORD],
  },
  kilo: {
    name: 'Kilo',
    programs: ['kilo', 'kilocode'],
    isOrdinaryWord: true,
    packages: ['@kilocode/cli'],
    formats: ['opencode_run', 'opencode_database'],
    headless: ['kilo', 'run', '--format', 'json', PROMPT_WORD],
    resume: ['kilo', '--session', SESSION_WORD],
  },
  cline: {
    name: 'Cline',
    programs: ['cline'],
    packages: ['cline'],
    formats: ['cline_messages', 'cline_stream'],
    headless: ['cline', '--json', PROMPT_WORD],
  },
  continue: {
    name: 'Continue',
    programs: ['cn'],
    isOrdinaryWord: true,
    packages: ['@continuedev/cli'],
    formats: ['continue_session'],
    headless: ['cn', '-p', PROMPT_WORD],
  },
  droid: {
    name: 'Droid',
    programs: ['droid'],
    isOrdinaryWord: true,
    packages: [],
    formats: ['droid_session', 'droid_stream'],
    headless: ['droid', 'exec', '--output-format', 'stream-json', PROMPT_WORD],
  },
  cursor: {
    name: 'Cursor',
    programs: ['cursor-agent'],
    packages: [],
    formats: ['cursor_stream'],
    headless: ['cursor-agent', '-p', PROMPT_WORD, '--output-format', 'stream-json'],
    resume: ['cursor-agent', '--resume', SESSION_WORD],
  },
  codewhale: {
    name: 'CodeWhale',
    programs: ['codewhale'],
    packages: [],
    formats: ['codewhale'],
    headless: ['codewhale', 'exec', PROMPT_WORD],
  },
  devboy: { name: 'devboy', programs: [], packages: [], formats: ['devboy'] },
} as const satisfies Readonly<Record<string, AgentRow>>;

type Kind = keyof typeof AGENTS;

/** Spoken by several agents, or by programs around them. */
export const PROTOCOL_FORMATS = ['acp_stream', 'atif_trajectory'] as const;

export const KNOWN_AGENTS = Object.keys(AGENTS) as readonly Kind[]; // an object literal has exactly its type's keys

export function agentRow(kind: Kind | 'other'): AgentRow | undefined {
  return kind === 'other' ? undefined : AGENTS[kind];
}

type AgentFormat = (typeof AGENTS)[Kind]['formats'][number] | (typeof PROTOCOL_FORMATS)[number];
/** What a session without an agent's log printed, which its failures were read from. */
export const CAPTURED_OUTPUT = 'captured_output';

/** `unknown`: a log whose format nobody recognised; `other`: one of a later version's file. */
export type FormatName = AgentFormat | 'generic_jsonl' | typeof CAPTURED_OUTPUT | 'unknown' | 'other';

/** Every format that an agent's log or stream can have. */
export const AGENT_FORMATS: readonly AgentFormat[] = [
  ...new Set([...KNOWN_AGENTS.flatMap((kind): readonly AgentFormat[] => AGENTS[kind].formats), ...PROTOCOL_FORMATS]),
];
export const FORMAT_NAMES: readonly FormatName[] = [
  ...AGENT_FORMATS,
  'generic_jsonl',
  CAPTURED_OUTPUT,
  'unknown',
  'other',
];
