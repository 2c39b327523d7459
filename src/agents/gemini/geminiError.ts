import { integerOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
import { signalNumber } from '../../core/words/signals.ts';
import type { Symptom, SymptomCode } from '../../core/failures/transcriptEvents.ts';
import { bounded } from '../messageText.ts';

/** Gemini CLI's error types (ToolErrorType and its fatal errors) that say what the cause is. The rest does not. */
const CODE_OF: ReadonlyMap<string, SymptomCode> = new Map<string, SymptomCode>(
  Object.entries({
    policy_violation: 'policy',
    invalid_tool_params: 'invalid_params',
    tool_not_registered: 'unknown_tool',
    permission_denied: 'permission',
    path_not_in_workspace: 'outside_workspace',
    sandbox_expansion_required: 'declined',
    no_space_left: 'no_space',
    file_not_found: 'not_found',
    search_path_not_found: 'not_found',
    mcp_resource_not_found: 'not_found',
    search_path_not_a_directory: 'invalid_params',
    path_is_not_a_directory: 'invalid_params',
    target_is_directory: 'invalid_params',
    attempt_to_create_existing_file: 'invalid_params',
    file_too_large: 'invalid_params',
    web_fetch_no_url_in_prompt: 'invalid_params',
    edit_preparation_failure: 'edit_missed',
    edit_no_occurrence_found: 'edit_missed',
    edit_expected_occurrence_mismatch: 'edit_missed',
    edit_no_change: 'edit_missed',
    edit_no_change_llm_judgement: 'edit_missed',
    web_fetch_fallback_failed: 'remote',
    web_fetch_processing_error: 'remote',
    web_search_failed: 'remote',
    execution_denied: 'policy',
    execution_timeout: 'timed_out',
    FatalAuthenticationError: 'authentication',
    FatalTurnLimitedError: 'max_turns',
    FatalCancellationError: 'user_interrupt',
    TerminalQuotaError: 'rate_limit',
    RetryableQuotaError: 'rate_limit',
  }),
);

function geminiCodeOf(type: unknown): SymptomCode | undefined {
  return typeof type === 'string' ? CODE_OF.get(type) : undefined;
}

/** Since 0.60 what a tool says stands between <untrusted_context> and its end. */
function unwrapped(text: string): string {
  const tag = /^<(\w{1,40})>\s{0,4}/.exec(text.slice(0, 60));
  const end = tag === null ? -1 : text.lastIndexOf(`</${tag[1]}>`);
  return tag === null || end === -1 ? text : text.slice(tag[0].length, end).trimEnd();
}

/**
 * What the shell tool tells the model: "Command: ...\nDirectory: ...\nOutput: ...\nError: ...\nExit Code: 1\nSignal: 0\n..."
 * ("Stdout:" and "Stderr:" in older versions), and the user of a silent command: "Command exited with code: 1". A
 * non-zero exit is told here while the call's status is success.
 */
export function shellReport(told: string): ShellReport | undefined {
  const text = unwrapped(told);
  const silent = SILENT.exec(text.slice(0, 80));
  if (silent !== null) return { exit_code: exitOf(silent[1], silent[2]), output: '' };
  const limit = LIMIT.exec(text.slice(0, 400));
  if (limit !== null) return { exit_code: undefined, code: 'timed_out', output: bounded(text) };
  if (!text.startsWith('Command: ') && !/^(?:Output|Stdout): /.test(text)) return undefined;
  const end = END.exec(text.slice(-4000));
  if (end === null) return undefined;
  const body = bounded(text)
    // The command itself may have several lines.
    .replace(/^Command: (?:[\s\S]{0,4000}?\nDirectory: [^\n]*|[^\n]*)/, '')
    .replace(END, '')
    .replace(/^(?:Output|Stdout|Stderr|Error): (?:\((?:empty|none)\))?/gm, '');
  return { exit_code: exitOf(end[1], end[2]), output: body };
}

export interface ShellReport {
  /** 128 and the signal's number where a signal ended the command, as a shell tells it. */
  readonly exit_code: number | undefined;
  readonly code?: 'timed_out';
  readonly output: string;
}

const SILENT = /^Command (?:exited with code:? (-?\d{1,9})|terminated by signal: (\w{1,12}))\.?$/;
/** "Command was automatically cancelled because it exceeded the timeout of 0.1 minutes without output.", "Command timed out after 1500ms before it could complete." */
const LIMIT = /^Command (?:was automatically cancelled because it exceeded the timeout|timed out after )/;
/** What follows the output. A command that a signal ended has no exit code. */
const END =
  /\n(?:Exit Code: (-?\d{1,9})|Signal: (?!0\n|0$)(\w{1,12}))(?:\n(?:Signal|Background PIDs|Process Group PGID|[A-Z][\w ]{1,24}): [^\n]{0,200})*\s*$/;

function exitOf(code: string | undefined, signal: string | undefined): number {
  if (code !== undefined) return Number(code);
  const number = /^\d+$/.test(signal ?? '') ? Number(signal) : signalNumber(signal ?? '');
  return 128 + (number ?? 0);
}

/** Whether a report tells of a failure: a report of a command that went well is one, too. */
export function hasFailed(report: ShellReport): boolean {
  return report.code !== undefined || report.exit_code !== 0;
}

/** A failed tool call: the error's type, its message, and what the tool reported. */
export function geminiSymptom(type: unknown, message: string, report: string): Symptom {
  const shell = shellReport(report) ?? shellReport(message);
  const said = bounded(message);
  return {
    origin: 'call',
    // A path outside is refused by the check of the arguments, whose type says no more than that they are wrong.
    code: /^Path not in workspace\b/.test(message) ? 'outside_workspace' : geminiCodeOf(type),
    exit_code: shell?.exit_code ?? exitCodeIn(report),
    ...(shell === undefined
      ? { said, output: said, never_ran: type !== 'shell_execute_error' }
      : { output: withMessage(shell.output, message) }),
    ...(shell?.code !== undefined && { code: shell.code }),
  };
}

/** The error's message, unless it is the report itself or in it. */
function withMessage(output: string, message: string): string {
  return shellReport(message) === undefined && !output.includes(message.trim())
    ? `${output}\n${bounded(message)}`
    : output;
}

/** A report cut short: "Command: foo\nExit Code: 127" */
function exitCodeIn(report: string): number | undefined {
  const match = /(?:^|\n)Exit Code: (-?\d{1,9})(?=\n|$)/.exec(report.slice(0, 4000));
  return match === null ? undefined : integerOf(Number(match[1]));
}

export function geminiServiceSymptom(error: JsonRecord | undefined, fallback: string): Symptom {
  const message = stringOf(error?.['message']) ?? fallback;
  // The API's own answer is often quoted whole: {"error":{"code":429,"message":...}}
  const quoted = /"code": ?(\d{3})\b/.exec(message.slice(0, 1000))?.[1];
  const code = integerOf(error?.['code']) ?? (quoted === undefined ? undefined : Number(quoted));
  return {
    origin: 'service',
    code: geminiCodeOf(error?.['type']),
    ...(code !== undefined && code >= 400 && code < 600 && { http_status: code }),
    said: message.slice(0, 4000),
  };
}
