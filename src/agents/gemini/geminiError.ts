import { integerOf, stringOf, type JsonRecord } from '../../core/words/json.ts';
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
export function shellReport(told: string): { readonly exit_code: number; readonly output: string } | undefined {
  const text = unwrapped(told);
  const silent = /^Command exited with code:? (-?\d{1,9})\.?$/.exec(text.slice(0, 80));
  if (silent !== null) return { exit_code: Number(silent[1]), output: '' };
  if (!text.startsWith('Command: ') && !/^(?:Output|Stdout): /.test(text)) return undefined;
  const exit = /\nExit Code: (-?\d{1,9})(?=\n|$)/.exec(text.slice(-4000));
  if (exit === null) return undefined;
  const body = bounded(text)
    .replace(/^Command: [^\n]*(?:\nDirectory: [^\n]*)?/, '')
    .replace(/\nExit Code: [\s\S]*$/, '')
    .replace(/^(?:Output|Stdout|Stderr|Error): (?:\((?:empty|none)\))?/gm, '');
  return { exit_code: Number(exit[1]), output: body };
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
    ...(shell === undefined ? { said, output: said } : { output: withMessage(shell.output, message) }),
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
