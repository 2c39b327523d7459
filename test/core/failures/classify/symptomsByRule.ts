import { CLASSIFIER_RULES } from '../../../../src/core/words/ruleNames.ts';
import type { Symptom } from '../../../../src/core/failures/transcriptEvents.ts';

export function call(rest: Omit<Symptom, 'origin'>): Symptom {
  return { origin: 'call', ...rest };
}

export function service(rest: Omit<Symptom, 'origin'>): Symptom {
  return { origin: 'service', ...rest };
}

function said(...sentences: readonly string[]): Symptom[] {
  return sentences.map((sentence) => call({ said: sentence, output: sentence }));
}

function serviceSaid(...sentences: readonly string[]): Symptom[] {
  return sentences.map((sentence) => service({ said: sentence }));
}

/** What each rule on symptoms decides. */
export const SYMPTOMS: Readonly<Record<string, readonly Symptom[]>> = {
  ...fieldSymptoms(),
  notice_of_default: [
    service({ is_notice: true, said: 'Model metadata for `x` not found. Defaulting to fallback metadata.' }),
  ],
  notice: [service({ is_notice: true, said: 'Something to know about.' })],
  http_credentials: [service({ http_status: 401 }), service({ http_status: 407, said: 'whatever' })],
  http_rate_limit: [service({ http_status: 429 })],
  http_server_error: [service({ http_status: 529 }), call({ http_status: 503, tool_kind: 'web' })],
  http_rejected_request: [service({ http_status: 400, said: 'temperature is not supported' })],
  web_failed: [call({ tool_kind: 'web', said: 'The page could not be had.', output: 'The page could not be had.' })],
  http_page_unavailable: [call({ http_status: 404, tool_kind: 'web' })],
  no_match: [
    call({ exit_code: 1, command: 'search', output: '' }),
    call({ exit_code: 1, command: 'search', output: '\n' }),
    call({ exit_code: 1, command: 'search', output: 'a.ts:0\nb.ts:0\n' }),
    call({ exit_code: 123, command: 'search', output: '' }),
  ],
  differs: [call({ exit_code: 1, command: 'compare', output: '< Permission denied\n> Connection refused' })],
  probe_answered_no: [
    call({ exit_code: 1, command: 'probe', output: '' }),
    call({ exit_code: 1, command: 'probe', output: 'null\n' }),
    call({ exit_code: 3, command: 'probe', output: 'inactive' }),
    call({ exit_code: 1, command: 'probe', output: 'bash: line 1: kill: (4242) - No such process' }),
  ],
  lookup_answered_no: [
    call({ exit_code: 1, command: 'lookup', output: '' }),
    call({ exit_code: 1, command: 'lookup', output: '/usr/bin/rg' }),
    call({ exit_code: 1, command: 'lookup', output: 'bash: line 1: type: frob: not found' }),
    call({ exit_code: 1, command: 'lookup', output: 'which: no frob in (/usr/bin:/bin)' }),
  ],
  exit_of_transfer: [
    call({ exit_code: 7, command: 'curl', output: '' }),
    call({ exit_code: 22, command: 'curl', output: '' }),
    call({ exit_code: 4, command: 'wget', output: '' }),
  ],
  exit_of_windows_loader: [
    call({ exit_code: 9009, output: '' }),
    call({ exit_code: -1073741515, output: '' }),
    call({ exit_code: 0xc0000135, output: '' }),
  ],
  exit_of_windows_memory: [call({ exit_code: -1073741801, output: '' })],
  exit_by_seccomp: [call({ exit_code: 159, output: '' })],
  exit_by_rlimit: [call({ exit_code: 153, output: '' }), call({ exit_code: 152, output: '' })],
  interrupted_by_user: said(
    '[Request interrupted by user for tool use]',
    '[Operation Cancelled] Reason: User cancelled the operation.',
    'aborted by user after 4.2s',
  ),
  sibling_failed: said('Sibling tool call errored', 'Cancelled: parallel tool call Bash(make) errored'),
  user_declined: said(
    "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit).",
    "The user doesn't want to take this action right now. STOP what you are doing and wait.",
    'exec command rejected by user',
    'patch rejected by user',
    'rejected by user approval settings',
    'User rejected MCP tool call',
  ),
  permission_not_granted: said(
    "Claude requested permissions to write to /srv/a, but you haven't granted it yet.",
    'Permission to use Bash with command rm has been denied.',
    'This command requires approval',
    'approval policy is Never; reject command: you cannot ask for escalated permissions',
    'Command rejected: tool is not allowed in plan mode, Bash requires approval',
  ),
  hook_blocked: said('PreToolUse:Bash hook error: [check.sh]: no', 'Hook PreToolUse:Edit denied this tool'),
  outside_workspace: said(
    'Path not in workspace: /etc/x',
    'File path must be within one of the workspace directories: it is outside the allowed directories',
    'cd to /srv was blocked. For security, Claude Code may only change directories below the working directory',
  ),
  fetch_refused: said(
    'Unable to verify if domain example.test is safe to fetch. This may be due to network restrictions.',
  ),
  mcp_disconnected: said('MCP error -32000: Connection closed', 'Transport closed'),
  mcp_unavailable: said('MCP server "db" is not connected'),
  job_ended: said(
    'background job timed out',
    'Background command was stopped',
    'No task found with ID: b1',
    'Unknown process id 7',
    'write_stdin failed: Unknown process id 4242',
  ),
  harness_timeout: said(
    'Command timed out after 2m 0.0s\npartial',
    'tool call failed for `db/query`: timed out awaiting tools/call after 60s',
    'MCP error -32001: Request timed out',
    'Request timed out',
  ),
  invalid_arguments: said(
    'InputValidationError: Read failed due to the following issue:\nThe parameter `offset` type is expected as `number`',
    'failed to parse function arguments: missing field `cmd` at line 1 column 10',
    'MCP error -32602: Invalid arguments for tool query',
    "params must have required property 'file_path'",
    'Path must be absolute: .',
  ),
  unknown_tool: said(
    'No such tool available: mcp__db__query',
    'unsupported call: nope',
    'Unknown skill: nope. Did you mean copy?',
    'Tool "nope" not found in registry.',
    'MCP error -32601: Method not found',
  ),
  tool_contract: said(
    'File has not been read yet. Read it first before writing to it.',
    'File has been modified since read, either by the user or by a linter.',
    "Cannot read '/dev/zero': this device file would block or produce infinite output.",
    'File content (31000 tokens) exceeds maximum allowed tokens (25000).',
  ),
  edit_missed: said(
    'String to replace not found in file.\nString: x',
    'Found 3 matches of the string to replace, but replace_all is false.',
    'apply_patch verification failed: Failed to find expected lines in a.ts',
    'Failed to edit, could not find the string to replace.',
  ),
  path_not_found: said(
    'File does not exist. Note: your current working directory is /srv.',
    'Path does not exist: /x',
    'File not found: /x',
  ),
  is_directory: said('EISDIR: illegal operation on a directory, read'),
  context_exceeded: serviceSaid(
    'Prompt is too long',
    'input length and `max_tokens` exceed context limit: 198000 + 21333 > 200000',
    'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
    "Codex ran out of room in the model's context window. Start a new thread.",
    "context_length_exceeded: This model's maximum context length is 128000 tokens",
  ),
  quota_exhausted: serviceSaid(
    "You've hit your usage limit. Try again later.",
    'Claude AI usage limit reached|1760000000',
    'Credit balance is too low',
    'insufficient_quota: You exceeded your current quota',
    'You have exhausted your daily quota on this model.',
  ),
  credentials_rejected: serviceSaid(
    'Invalid API key · Please run /login',
    'OAuth token has expired.',
    'Failed to authenticate.',
    'API key not valid. Please pass a valid API key.',
  ),
  service_overloaded: serviceSaid('Overloaded', 'Internal server error', 'We’re currently experiencing high demand.'),
  service_unreachable: serviceSaid(
    'stream disconnected before completion: error sending request',
    'Unable to connect to API (ConnectionRefused)',
    'Connection error.',
    'fetch failed',
  ),
  request_rejected: serviceSaid(
    "The 'x' model is not supported when using this account.",
    'invalid_request_error: tool_use ids were found without tool_result blocks',
  ),
  turn_limit: serviceSaid('Reached maximum number of turns (1)', 'Reached max session turns for this session.'),
  budget_limit: serviceSaid('Reached maximum budget ($1)'),
  tests_failed: [call({ exit_code: 1, output: '# fail 2' })],
  sandbox_denied: [call({ code: 'sandbox_denied', exit_code: 1, output: '' })],
  exit_127: [call({ exit_code: 127, output: '' })],
  exit_126: [call({ exit_code: 126, output: '' })],
  exit_124: [call({ exit_code: 124, output: 'partial' })],
  killed_at_limit: [call({ exit_code: 143, timeout_ms: 120_000, duration_ms: 120_400 })],
  exit_by_signal: [
    call({ exit_code: 137, output: '' }),
    call({ exit_code: 143, timeout_ms: 120_000, duration_ms: 3000 }),
    call({ exit_code: 139, output: 'Segmentation fault' }),
  ],
  exit_nonzero: [call({ exit_code: 255 }), call({ exit_code: 1370 })],
  call_skipped: [call({ said: 'Skipped because the provider attempt was retried before execution.' })],
  shell_failed: [call({ tool_kind: 'shell', said: 'something the tool printed' })],
  unrecognised: [call({ said: 'something', tool_kind: 'read' }), service({})],
};

/** A program wrote the code for programs: it decides whatever else is told. */
function fieldSymptoms(): Record<string, readonly Symptom[]> {
  const names = CLASSIFIER_RULES.filter((name) => name.startsWith('field_'));
  return Object.fromEntries(
    names.map((name) => {
      const code = name.slice('field_'.length) as NonNullable<Symptom['code']>; // the rules are named after them
      return [name, [call({ code }), call({ code, exit_code: 127, output: 'bash: x: command not found' })]];
    }),
  );
}
