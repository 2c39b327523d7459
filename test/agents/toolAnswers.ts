import { TELLERS, type Teller } from './tellers.ts';
import { AT, claudeCall, claudeResult, codex, codexOutput, geminiMessage, stream } from './fixtures.ts';

/** What a tool answered, before an agent writes it down. */
export interface ToolAnswer {
  readonly text: string;
  /** The shell's command; for other tools only a name. */
  readonly command: string;
  readonly exitCode: number | undefined;
  /** The tool, unless it is the shell. */
  readonly tool: string | undefined;
  readonly hasFailed: boolean;
}

function input(answer: ToolAnswer): object {
  return answer.tool === undefined ? { command: answer.command } : {};
}

function claude(answer: ToolAnswer): object[] {
  const { tool, hasFailed, text, exitCode } = answer;
  const content = tool === undefined && hasFailed ? `Exit code ${exitCode ?? 1}\n${text}` : text;
  return [claudeCall('1', tool ?? 'Bash', input(answer)), claudeResult('1', content, hasFailed)];
}

function claudeStream(answer: ToolAnswer): object[] {
  const messages = claude(answer).map((record) => ({ ...record, session_id: 's', sessionId: undefined }));
  return [stream('system', { subtype: 'init', tools: [] }), ...messages];
}

function codexOf(name: string, args: object, output: string): object[] {
  const call = { type: 'function_call', name, arguments: JSON.stringify(args), call_id: '1' };
  return [codex('session_meta', { id: 's' }), codex('response_item', call), codexOutput('1', output)];
}

function codexExec({ tool, hasFailed, text, exitCode, command }: ToolAnswer): object[] {
  const status = hasFailed ? 'failed' : 'completed';
  const item =
    tool === undefined
      ? {
          type: 'command_execution',
          command: `/bin/bash -lc '${command}'`,
          aggregated_output: text,
          exit_code: exitCode,
        }
      : {
          type: 'mcp_tool_call',
          tool,
          result: hasFailed ? null : { content: [{ type: 'text', text }] },
          error: hasFailed ? { message: text } : null,
        };
  return [{ type: 'turn.started' }, { type: 'item.completed', item: { id: '1', status, ...item } }];
}

function geminiReport({ command, text, exitCode }: ToolAnswer): string {
  return `Command: ${command}\nDirectory: (root)\nOutput: ${text || '(empty)'}\nError: (none)\nExit Code: ${exitCode ?? 0}\nSignal: (none)`;
}

function geminiSession(answer: ToolAnswer): object[] {
  const { tool, hasFailed, text } = answer;
  const isShell = tool === undefined;
  const response = isShell ? { output: geminiReport(answer) } : hasFailed ? { error: text } : { output: text };
  const call = {
    id: '1',
    name: tool ?? 'run_shell_command',
    args: input(answer),
    result: [{ functionResponse: { response } }],
    status: hasFailed && !isShell ? 'error' : 'success',
  };
  return [{ sessionId: 's', projectHash: 'h' }, geminiMessage('m', [call])];
}

function geminiStream(answer: ToolAnswer): object[] {
  const { tool, hasFailed, text } = answer;
  const output = tool === undefined && hasFailed ? geminiReport(answer) : text;
  const ending = hasFailed
    ? { status: 'error', output, error: { type: 'tool_execution_error', message: text || output } }
    : { status: 'success', output };
  return [
    { type: 'init', timestamp: AT, session_id: 's' },
    {
      type: 'tool_use',
      timestamp: AT,
      tool_id: '1',
      tool_name: tool ?? 'run_shell_command',
      parameters: input(answer),
    },
    { type: 'tool_result', timestamp: AT, tool_id: '1', ...ending },
  ];
}

function codewhale(answer: ToolAnswer): object[] {
  const { tool, hasFailed, text, exitCode } = answer;
  const name = tool ?? 'exec_shell';
  const kind = tool === undefined ? 'command_execution' : 'tool_call';
  const detail =
    tool === undefined && hasFailed
      ? `Command failed (exit code: ${exitCode ?? 1})\n\nSTDOUT:\n\n\nSTDERR:\n${text}`
      : text;
  const item = {
    id: '1',
    kind,
    status: hasFailed ? 'failed' : 'completed',
    summary: `${name}: ${detail.slice(0, 200)}`,
    detail,
  };
  const call = { id: 'c', name, input: input(answer) };
  const event = (word: string, payload: object): object => ({
    thread_id: 't',
    item_id: '1',
    timestamp: AT,
    event: word,
    payload,
  });
  return [
    event('item.started', { item: { id: '1', kind, summary: `${name} started` }, tool: call }),
    event(hasFailed ? 'item.failed' : 'item.completed', {
      item: tool === undefined ? { ...item, metadata: { exit_code: exitCode } } : item,
    }),
  ];
}

function generic(answer: ToolAnswer): object[] {
  const { tool, hasFailed, text, exitCode, command } = answer;
  const ending =
    tool === undefined
      ? { command, exit_code: exitCode, output: text }
      : { is_error: hasFailed, [hasFailed ? 'error' : 'content']: text };
  return [
    { time: AT, type: 'session' },
    { time: AT, type: 'tool_result', call_id: '1', tool: tool ?? 'bash', ...ending },
  ];
}

/** The formats whose tellers say whether a call failed; results of a trajectory are text alone. */
const TOLD = Object.entries(TELLERS).filter(([format]) => format !== 'atif_trajectory');

function toldBy(teller: Teller, { tool, text, command, exitCode, hasFailed }: ToolAnswer): object[] {
  const isShell = tool === undefined;
  const asked = { id: '1', tool: tool ?? teller.shell, args: isShell ? { command } : {} };
  const ask = teller.ask(asked); // before its answer: pi's lines name the one before
  const ending = isShell
    ? teller.ran(asked, exitCode ?? (hasFailed ? 1 : 0), text)
    : hasFailed
      ? teller.refused(asked, text)
      : teller.answered(asked, text);
  return [...(teller.document === undefined ? [] : [teller.document.header]), ...teller.begin, ...ask, ...ending];
}

/** One log per format; `undefined` where a format has no such tool. */
export const LOG_OF: Readonly<Record<string, (answer: ToolAnswer) => object[] | undefined>> = {
  claude_transcript: claude,
  claude_stream: claudeStream,
  codex_json: (a) =>
    a.tool === undefined
      ? codexOf(
          'shell',
          { command: ['bash', '-lc', a.command] },
          JSON.stringify({ output: a.text, metadata: { exit_code: a.exitCode } }),
        )
      : undefined,
  codex_exit: (a) =>
    a.tool === undefined
      ? codexOf(
          'shell_command',
          { command: a.command },
          `Exit code: ${a.exitCode ?? 0}\nWall time: 0.3 seconds\nOutput:\n${a.text}\n`,
        )
      : undefined,
  codex_chunk: (a) =>
    a.tool === undefined
      ? codexOf(
          'exec_command',
          { cmd: a.command },
          `Chunk ID: a1\nWall time: 0.3 seconds\nProcess exited with code ${a.exitCode ?? 0}\nOutput:\n${a.text}\n`,
        )
      : undefined,
  codex_exec: codexExec,
  gemini_session: geminiSession,
  gemini_stream: geminiStream,
  codewhale,
  generic_jsonl: generic,
  ...Object.fromEntries(TOLD.map(([format, teller]) => [format, (answer: ToolAnswer) => toldBy(teller, answer)])),
};
