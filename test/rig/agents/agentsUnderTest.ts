import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AgentKind } from '../../../src/core/words/vocabulary.ts';
import type { AgentPackage } from './agentPackages.ts';
import { MODEL } from './wires.ts';

/** Where one run of an agent takes place. */
export interface Surroundings {
  readonly program: string;
  readonly home: string;
  readonly cwd: string;
  /** The scripted model. */
  readonly origin: string;
  readonly prompt: string;
}

export interface AgentCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Commands that have to have run once in this home. */
  readonly before?: readonly (readonly string[])[];
  /** The same, before two agents begin in it at once. */
  readonly beforeTwo?: readonly (readonly string[])[];
}

interface ToolCall {
  readonly name: string;
  readonly args: unknown;
}

/** What a model may do in any agent, in this one's tools; without one the step is left out. */
export interface Tools {
  readonly shell: (command: string) => ToolCall;
  /** With a limit of the tool itself, in milliseconds. */
  readonly limited?: (command: string, limitMs: number) => ToolCall;
  readonly read?: (path: string) => ToolCall;
  readonly edit?: (path: string, old: string, text: string) => ToolCall;
}

export interface AgentUnderTest {
  readonly kind: Exclude<AgentKind, 'other'>;
  readonly package: AgentPackage;
  /** As the package itself says. */
  readonly licence: string;
  /** Not free: run only when asked for by name. */
  readonly isOptIn?: true;
  /** Asked to stop, it goes on to its end. */
  readonly ignoresTerm?: true;
  readonly tools: Tools;
  readonly command: (surroundings: Surroundings) => AgentCommand;
}

const KEY = 'made-up-key';

function write(path: string, content: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
}

export const codex: AgentUnderTest = {
  kind: 'codex',
  package: { name: '@openai/codex', version: '0.171.0', program: 'codex' },
  licence: 'Apache-2.0',
  tools: { shell: (cmd) => ({ name: 'exec_command', args: { cmd, yield_time_ms: 30_000 } }) },
  command: ({ program, origin, home, prompt }) => {
    mkdirSync(join(home, '.codex'), { recursive: true });
    const provider = `{name="mock",base_url="${origin}/v1",env_key="SCRIPTED_MODEL_KEY",wire_api="responses",request_max_retries=1,stream_max_retries=1}`;
    const settings = ['model_provider=mock', `model=${MODEL}`, `model_providers.mock=${provider}`];
    const switches = ['--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'];
    return {
      argv: [program, 'exec', ...switches, ...settings.flatMap((setting) => ['-c', setting]), prompt],
      env: { SCRIPTED_MODEL_KEY: KEY },
    };
  },
};

const claude: AgentUnderTest = {
  kind: 'claude',
  package: { name: '@anthropic-ai/claude-code', version: '2.1.332', program: 'claude' },
  licence: 'proprietary; its gateway setting is a documented one',
  isOptIn: true,
  tools: {
    shell: (command) => ({ name: 'Bash', args: { command, description: 'step' } }),
    limited: (command, timeout) => ({ name: 'Bash', args: { command, description: 'step', timeout } }),
    read: (file_path) => ({ name: 'Read', args: { file_path } }),
    edit: (file_path, old_string, new_string) => ({ name: 'Edit', args: { file_path, old_string, new_string } }),
  },
  command: ({ program, origin, prompt }) => ({
    argv: [program, '-p', prompt, '--output-format', 'stream-json', '--verbose', '--allowedTools', 'Bash Read Edit'],
    env: {
      ANTHROPIC_BASE_URL: origin,
      ANTHROPIC_API_KEY: KEY,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_MAX_RETRIES: '1',
    },
  }),
};

const geminiTools: Tools = {
  shell: (command) => ({ name: 'run_shell_command', args: { command } }),
  read: (file_path) => ({ name: 'read_file', args: { file_path } }),
  edit: (file_path, old_string, new_string) => ({
    name: 'replace',
    args: { file_path, old_string, new_string, instruction: 'change it' },
  }),
};

const gemini: AgentUnderTest = {
  kind: 'gemini',
  package: { name: '@google/gemini-cli', version: '0.61.0', program: 'gemini' },
  licence: 'Apache-2.0',
  tools: geminiTools,
  command: ({ program, origin, home, prompt }) => {
    const auth = { selectedType: 'gemini-api-key' };
    write(join(home, '.gemini/settings.json'), {
      security: { auth },
      telemetry: { enabled: false },
      privacy: { usageStatisticsEnabled: false },
      general: { disableAutoUpdate: true, enableAutoUpdate: false },
    });
    return {
      argv: [
        program,
        '-m',
        'gemini-2.5-pro',
        '--output-format',
        'stream-json',
        '--approval-mode',
        'yolo',
        '--skip-trust',
        '-p',
        prompt,
      ],
      env: { GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: origin },
    };
  },
};

const qwen: AgentUnderTest = {
  kind: 'qwen',
  package: { name: '@qwen-code/qwen-code', version: '0.24.4', program: 'qwen' },
  licence: 'Apache-2.0',
  tools: {
    ...geminiTools,
    shell: (command) => ({ name: 'run_shell_command', args: { command, is_background: false } }),
    limited: (command, timeout) => ({ name: 'run_shell_command', args: { command, is_background: false, timeout } }),
    edit: (file_path, old_string, new_string) => ({ name: 'edit', args: { file_path, old_string, new_string } }),
  },
  command: ({ program, origin, home, prompt }) => {
    write(join(home, '.qwen/settings.json'), {
      security: { auth: { selectedType: 'openai' } },
      telemetry: { enabled: false },
      privacy: { usageStatisticsEnabled: false },
      general: { disableAutoUpdate: true, enableAutoUpdate: false },
      // Asked for after the answer, of the same model, for as long as ten seconds.
      memory: { enableManagedAutoMemory: false, enableManagedAutoDream: false, enableAutoSkill: false },
    });
    const output = ['--output-format', 'stream-json', '--approval-mode', 'yolo', '--auth-type', 'openai'];
    return {
      argv: [program, ...output, '-p', prompt],
      env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${origin}/v1`, OPENAI_MODEL: MODEL },
    };
  },
};

const opencode: AgentUnderTest = {
  kind: 'opencode',
  package: { name: 'opencode-ai', version: '1.18.33', program: 'opencode' },
  licence: 'MIT',
  tools: {
    shell: (command) => ({ name: 'bash', args: { command, description: 'step' } }),
    limited: (command, timeout) => ({ name: 'bash', args: { command, description: 'step', timeout } }),
    read: (filePath) => ({ name: 'read', args: { filePath } }),
    edit: (filePath, oldString, newString) => ({ name: 'edit', args: { filePath, oldString, newString } }),
  },
  command: ({ program, origin, home, prompt }) => {
    const config = join(home, 'opencode.json');
    const options = { baseURL: `${origin}/v1`, apiKey: KEY };
    const models = { [MODEL]: { name: MODEL, tool_call: true, limit: { context: 100_000, output: 8000 } } };
    write(config, { provider: { mock: { npm: '@ai-sdk/openai-compatible', name: 'mock', options, models } } });
    return {
      // Two at once that find no database both make its tables, and one of them dies of it.
      beforeTwo: [[program, 'session', 'list']],
      argv: [program, 'run', '--format', 'json', '-m', `mock/${MODEL}`, prompt],
      env: { OPENCODE_CONFIG: config, OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' },
    };
  },
};

const pi: AgentUnderTest = {
  kind: 'pi',
  package: { name: '@earendil-works/pi-coding-agent', version: '1.6.0', program: 'pi' },
  licence: 'MIT',
  tools: {
    shell: (command) => ({ name: 'bash', args: { command } }),
    limited: (command, limitMs) => ({ name: 'bash', args: { command, timeout: limitMs / 1000 } }),
    read: (path) => ({ name: 'read', args: { path } }),
    edit: (path, oldText, newText) => ({ name: 'edit', args: { path, edits: [{ oldText, newText }] } }),
  },
  command: ({ program, origin, home, prompt }) => {
    const model = { id: MODEL, name: MODEL, contextWindow: 100_000, maxTokens: 8000 };
    const mock = { baseUrl: `${origin}/v1`, api: 'openai-completions', apiKey: KEY, models: [model] };
    write(join(home, '.pi/agent/models.json'), { providers: { mock } });
    return {
      argv: [program, '--mode', 'json', '--provider', 'mock', '--model', MODEL, '-p', prompt],
      env: { PI_OFFLINE: '1' },
    };
  },
};

const COPILOT_SWITCHES = [
  '--output-format',
  'json',
  '--allow-all-tools',
  '--allow-all-paths',
  '--disable-builtin-mcps',
  '--no-auto-update',
];

const copilot: AgentUnderTest = {
  kind: 'copilot',
  package: { name: '@github/copilot', version: '1.0.102', program: 'copilot' },
  licence: 'its own; grants to install and to run it',
  tools: {
    shell: (command) => ({ name: 'bash', args: { command, description: 'step', initial_wait: 30 } }),
    read: (path) => ({ name: 'view', args: { path } }),
    edit: (path, old_str, new_str) => ({ name: 'edit', args: { path, old_str, new_str } }),
  },
  command: ({ program, origin, prompt }) => ({
    argv: [program, ...COPILOT_SWITCHES, '-p', prompt],
    env: {
      COPILOT_PROVIDER_BASE_URL: `${origin}/v1`,
      COPILOT_PROVIDER_TYPE: 'openai',
      COPILOT_PROVIDER_API_KEY: KEY,
      COPILOT_MODEL: MODEL,
      COPILOT_OFFLINE: 'true',
    },
  }),
};

const cline: AgentUnderTest = {
  kind: 'cline',
  ignoresTerm: true,
  package: { name: 'cline', version: '3.0.65', program: 'cline' },
  licence: 'Apache-2.0',
  tools: {
    shell: (command) => ({ name: 'run_commands', args: { commands: [command] } }),
    read: (path) => ({ name: 'read_files', args: { files: [{ path }] } }),
    edit: (path, old_text, new_text) => ({ name: 'editor', args: { path, old_text, new_text } }),
  },
  command: ({ program, origin, prompt }) => ({
    before: [[program, 'auth', '-p', 'openai', '-k', KEY, '-m', MODEL, '-b', `${origin}/v1`]],
    argv: [program, '--json', '--auto-approve', 'true', prompt],
    env: { CLINE_NO_AUTO_UPDATE: '1' },
  }),
};

const continueCli: AgentUnderTest = {
  kind: 'continue',
  package: { name: '@continuedev/cli', version: '1.5.47', program: 'cn' },
  licence: 'Apache-2.0',
  tools: {
    shell: (command) => ({ name: 'Bash', args: { command } }),
    read: (filepath) => ({ name: 'Read', args: { filepath } }),
    edit: (file_path, old_string, new_string) => ({ name: 'Edit', args: { file_path, old_string, new_string } }),
  },
  command: ({ program, origin, home, prompt }) => {
    const config = join(home, 'config.yaml');
    const model = ['name: mock', 'provider: openai', `model: ${MODEL}`, `apiBase: ${origin}/v1`, `apiKey: ${KEY}`];
    const models = ['models:', `  - ${model.join('\n    ')}`, '    roles: [chat]', '    capabilities: [tool_use]'];
    write(config, ['name: mock', 'version: 1.0.0', 'schema: v1', ...models, ''].join('\n'));
    return { argv: [program, '--config', config, '--auto', '-p', prompt], env: {} };
  },
};

export const AGENTS_UNDER_TEST: readonly AgentUnderTest[] = [
  codex,
  pi,
  qwen,
  gemini,
  opencode,
  cline,
  continueCli,
  copilot,
  claude,
];
