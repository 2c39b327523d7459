import { sentenceStart, serviceWords } from './failureText.ts';
import type { Conclusion, SymptomRule } from './failureRule.ts';
import type { Symptom } from '../transcriptEvents.ts';

/** A sentence that an agent's own program is known to write, recognised from its first character on. */
function sentence(name: SymptomRule['name'], pattern: RegExp, conclusion: Conclusion): SymptomRule {
  return { name, ...conclusion, holds: (s) => pattern.test(sentenceStart(sentenceOf(s))) };
}

/** A program that a shell ran may say the same about its own arguments and files. */
function isOfHarness(s: Symptom): boolean {
  return s.tool_kind !== 'shell' || s.never_ran === true;
}

/** A sentence about a tool's arguments. */
function toolSentence(name: SymptomRule['name'], pattern: RegExp, conclusion: Conclusion): SymptomRule {
  const rule = sentence(name, pattern, conclusion);
  return { ...rule, holds: (s) => isOfHarness(s) && rule.holds(s) };
}

/** A tool of the harness itself (not a shell) speaks for it even where its text comes with an exit code. */
function sentenceOf(s: Symptom): string {
  if (s.said !== undefined) return s.said;
  return s.tool_kind === undefined || s.tool_kind === 'shell' ? '' : (s.output ?? '');
}

const APPROVAL: Conclusion = { category: 'sandbox_approval', confidence: 'certain' };
const SCHEMA: Conclusion = { category: 'tool_schema', confidence: 'certain' };
const TIMEOUT: Conclusion = { category: 'timeout', confidence: 'certain' };
const MODEL: Conclusion = { category: 'model', confidence: 'likely' };
const BENIGN: Conclusion = { category: 'benign', confidence: 'certain' };
const MISSING: Conclusion = { category: 'missing_dependency', confidence: 'possible' };
const SERVICE: Conclusion = { category: 'network', confidence: 'likely' };

const INVALID_CALL =
  /^(?:InputValidationError|Invalid tool (?:param|arg|input|call)|failed to parse (?:function )?arguments|(?:The |Missing )?required param(?:eter)?\b|Path must be absolute|Validation failed for tool\b|The \S{1,60} tool was called with invalid arg|✖ Invalid input)/i;
/** MCP's -32602, JSON schema validators' "must have required property", pydantic's "1 validation error for". */
const INVALID_ARGUMENTS =
  /^(?:Invalid (?:\w+ ){0,2}(?:param|arg|input|pattern|regex|glob|path|url|query|json)|MCP error -32602|params(?:\/\S{1,80})? must |.{0,120}\bmust have required property|.{0,80}\bmissing (?:(?:a )?required )?(?:param|arg|field|prop)|(?:The )?(?:required )?param(?:eter)? .{0,80} (?:is missing|is required|type is expected)|.{0,60}\b(?:unexpected|unknown) (?:param|arg|keyword|property)|.{0,40}\bvalidation error|.{0,60}\bschema (?:error|mismatch|violation)|.{0,60}\bmust be (?:an? )?(?:(?:positive|valid|non-\w+) )?(?:integer|string|number|array|object|boolean|absolute|one of)\b|Expected \w+, received \w+|.{0,60}\bvalidation errors? for |"\w{1,60}": Required\b|(?:Unterminated|Unexpected|Expected|Bad) .{1,60} in JSON\b)/i;

const OUTSIDE =
  /^.{0,300}\b(?:not in (?:the )?workspace|not within the (?:allowed|workspace)|outside (?:of )?(?:the )?(?:allowed|workspace|working|project|sandbox)|writing outside of the project)/i;

/** What agents say about calls. */
const ABOUT_CALLS: readonly SymptomRule[] = [
  // "[Request interrupted by user for tool use]", "[Operation Cancelled] Reason: User cancelled the operation.",
  // "aborted by user after 4.2s", "Tool call interrupted by user"
  sentence(
    'interrupted_by_user',
    /^\[(?:Request interrupted by user|Operation Cancelled|Tool call interrupted)|^aborted by user\b|^(?:Command|Tool(?: call| execution)?|Task) (?:was )?(?:interrupted|cancelled|canceled|aborted) by (?:the )?user\b|^User (?:cancelled|canceled|aborted) |^(?:<error>)?Command was aborted before completion/i,
    BENIGN,
  ),
  // Claude Code cancels the calls beside a failed one: "Sibling tool call errored", "Cancelled: parallel tool call ..."
  sentence('sibling_failed', /^(?:Sibling tool call errored|Cancell?ed: parallel tool call)/, BENIGN),
  // "The user doesn't want to proceed with this tool use.", "... take this action right now", "exec command rejected by
  // user", "patch rejected by user", "rejected by user approval settings", "Tool use was rejected"
  sentence(
    'user_declined',
    /^The user doesn.t want to (?:proceed|take this action)|^The user (?:has )?(?:denied|rejected|declined)\b|^User (?:rejected|declined|denied)\b|^(?:exec command|command|patch|tool call|tool use|request|MCP tool call|user)\b.{0,40}\b(?:rejected|declined|denied) by (?:the )?user|^rejected(?: by|:)|^user rejected|^approval (?:was )?(?:denied|rejected|timed out)|^User did not (?:allow|approve)|^exec_command failed(?!.{0,200}Failed to create ).{0,300}(?:Rejected\(|rejected by user)/i,
    APPROVAL,
  ),
  // "Claude requested permissions to write to ..., but you haven't granted it yet.", "Permission to use Bash has been
  // denied.", "Permission for this action has been denied", "This command requires approval", "auto-denied"
  sentence(
    'permission_not_granted',
    /^\w+ requested permissions? to |^.{0,60}\brequires permission to use .{0,160}\b(?:declined|denied|not granted)|^.{0,300}\bMatching deny rule\b|^approval policy is |^Permission (?:to|for) .{0,300}\b(?:denied|not granted)|^This (?:command|Bash command|tool|operation|action) requires (?:your )?(?:approval|permission|confirmation)|^.{0,160}\b(?:requires|needs) (?:user )?(?:approval|confirmation)\b|^exec_command failed.{0,300}Sandbox|^(?:Tool|Command|Access|Operation|Path)\b.{0,160}\b(?:denied by|not allowed by|blocked by|disallowed by|is not allowed|not permitted by|blocked for security|was blocked)|^(?:Command|Tool call|Tool use|Request|Operation) (?:was )?(?:rejected|blocked|denied|refused)\b|^(?:Blocked|Denied|Rejected|Not allowed|Forbidden)\s*[:.]/i,
    APPROVAL,
  ),
  // "PreToolUse:Bash hook error: ...", "Hook PreToolUse:Edit denied this tool", "Blocked by hook"
  sentence(
    'hook_blocked',
    /^(?:\w+:\w+ hook (?:error|blocking)|Hook \S+ (?:denied|blocked)|(?:Operation |Execution )?(?:blocked|stopped) by (?:a |the )?(?:\w+ )?hook)/i,
    APPROVAL,
  ),
  // "Path not in workspace", "... is outside the allowed working directories", "... was blocked. For security, Claude
  // Code may only ..."
  {
    name: 'outside_workspace',
    ...APPROVAL,
    holds: (s) => {
      const text = sentenceStart(sentenceOf(s));
      return /^.{0,300}\bwas blocked\. For security/i.test(text) || (s.tool_kind !== 'shell' && OUTSIDE.test(text));
    },
  },
  // "Unable to verify if domain x is safe to fetch.", "Claude Code is unable to fetch from x"
  sentence(
    'fetch_refused',
    /^(?:Unable to verify if domain|All requested URLs were skipped|.{0,60}\[Blocked Host\]|Claude Code is unable to fetch|Domain .{1,100} (?:is )?not (?:allowed|permitted))/i,
    SERVICE,
  ),
  // MCP's -32000 is the SDK's "Connection closed": a service that hung up.
  sentence(
    'mcp_disconnected',
    /^(?:MCP error -32000\b|.{0,40})(?::? )?(?:Connection closed|Transport closed|Stream closed)\b/i,
    SERVICE,
  ),
  // The server's process is gone or was never there.
  sentence(
    'mcp_unavailable',
    /^(?:MCP server .{1,80}(?:not connected|not available|not found|not running|failed|disconnected)|Not connected$)/i,
    { category: 'missing_dependency', confidence: 'likely' },
  ),
  // A job that its harness runs beside the conversation: "background job timed out", "job cancelled"
  sentence(
    'job_ended',
    /^(?:background (?:job|task|command|process|shell)|(?:stale |the )?job(?! for )|task_shell\w{0,20}|(?:shell|background) process)\b.{0,80}\b(?:timed out|cancell?ed|killed|stopped|failed|died|stale|exited)|^(?:No (?:task|shell|background \w{1,20}) found|Shell \S{1,40} (?:not found|is not running)|(?:write_stdin failed: )?Unknown process id)/i,
    { category: 'background_job', confidence: 'likely' },
  ),
  // MCP's JSON-RPC code -32001 is the SDK's request timeout; 3 spellings of the harnesses for their own limit.
  sentence(
    'harness_timeout',
    /^(?:The )?(?:Command|Tool|Execution|Process|Operation|Request|Agent|Task|Bash|Shell|exec_command)\b(?!: ).{0,80}\b(?:timed out|(?<!-)timeout|did not complete within)|^Timed out\b|^Timeout\b|^.{0,200}\btimed out (?:after|awaiting|waiting)\b|^MCP error -32001|^Request timed out|^.{0,60}exceeded (?:the |its )?(?:\S+ )?time(?:out| limit)/i,
    TIMEOUT,
  ),
  // "<tool_use_error>InputValidationError: Read failed due to ...", "Invalid tool parameters passed", "failed to parse
  // function arguments: missing field `command`", "The required parameter `command` is missing"
  {
    name: 'invalid_arguments',
    ...SCHEMA,
    holds: (s) => {
      const text = sentenceStart(sentenceOf(s));
      return INVALID_CALL.test(text) || (isOfHarness(s) && INVALID_ARGUMENTS.test(text));
    },
  },
  // "Error: No such tool available: x", "unsupported call: x", "Tool \"x\" not found in registry", MCP's -32601
  sentence(
    'unknown_tool',
    /^(?:No such tool|(?:AI_NoSuchToolError: )?Model tried to call unavailable tool|unsupported (?:custom tool )?call|Unknown (?:tool|function|command tool|skill|slash command)|Tool ["'`]?[\w.:/-]{1,80}["'`]? (?:is )?(?:not found|does not exist|not available|not registered)|Unknown subagent|Agent type .{1,80} not found|MCP error -32601)/i,
    SCHEMA,
  ),
  // Order of use that the tool's contract asks for: "File has not been read yet. Read it first before writing to it."
  toolSentence(
    'tool_contract',
    /^(?:File .{1,300}\bhas not been read\b|File has (?:not been read yet|been (?:unexpectedly )?modified)|.{0,80}\bmust (?:first )?(?:use the Read tool|be read)|(?:Cannot|Can.t|Unable to|This tool cannot) (?:read|open|display) (?:a |this )?(?:binary|image|director|large)|Cannot read .{1,200}: this |.{0,60}exceeds maximum allowed (?:tokens|size)|File content \(.{1,60}\) exceeds)/i,
    SCHEMA,
  ),
  // The old text is not in the file, or more than once: the model's picture of the file was wrong. Codex: "apply_patch
  // verification failed: Failed to find expected lines in ..."
  toolSentence(
    'edit_missed',
    /^(?:String to replace not found|Found \d+ matches of the string|No changes to make|old_string and new_string are|apply_patch verification failed|Failed to (?:find (?:expected lines|context)|edit, |apply (?:patch|edit|diff))|Invalid patch|invalid hunk|patch (?:failed|does not apply)|Could not find (?:the |an )?(?:exact )?(?:old_?str|string|context|match|text)|No replacement performed\b|Edit at index \d{1,6}: |.{0,40}\bold_(?:string|str|text)\b.{0,80}\b(?:not found|no match)|.{0,40}\b(?:edit|patch|replacement|diff|hunk|change)s?\b.{0,40}\b(?:could not|cannot|can.t|failed to) (?:be )?appl|No match(?:es)? found for (?:old|the))/i,
    MODEL,
  ),
  {
    // Copilot's editor has no more to say; of a search it would be an answer.
    name: 'edit_missed',
    ...MODEL,
    holds: (s) => s.tool_kind === 'edit' && /^No match(?:es)? found\b/i.test(sentenceStart(sentenceOf(s))),
  },
  // "File does not exist. Note: your current working directory is ...", "Path does not exist", "File not found: x"
  sentence(
    'path_not_found',
    /^(?:(?:The )?(?:file|path|directory|folder)\b.{0,300}\b(?:does not exist|doesn.t exist|not found)|No such file|ENOENT)/i,
    MISSING,
  ),
  sentence(
    'is_directory',
    /^(?:EISDIR|ENOTDIR)\b|^(?:The )?(?:Path|Target|File)\b.{0,200}?\bis (?:a directory\b|not a (?:regular )?file\b|not a directory\b)/i,
    { category: 'model', confidence: 'possible' },
  ),
  // Arguments that were no JSON: the whole answer was asked for again.
  sentence('call_skipped', /^Skipped because the provider attempt was retried/, {
    category: 'tool_schema',
    confidence: 'likely',
  }),
];

/** What services say to agents, when the status was not kept. */
const ABOUT_SERVICES: readonly SymptomRule[] = [
  // "Prompt is too long", "context_length_exceeded", "input length and `max_tokens` exceed context limit"
  sentence(
    'context_exceeded',
    /^(?:API Error: )?(?:\d{3} )?.{0,200}(?:prompt is too long|context_length_exceeded|maximum context length|context (?:window|limit|length)|input (?:is|was) too long|ran out of room|conversation is too long|token count .{0,60}exceeds|exceeds the maximum number of tokens|exceeded the \d+ output token maximum)/i,
    { category: 'model', confidence: 'certain' },
  ),
  // "You've hit your usage limit", "You've hit your session limit", "Claude AI usage limit reached|...", "insufficient_quota"
  sentence(
    'quota_exhausted',
    /^.{0,160}(?:(?:usage|session|weekly|rate|daily|request|spend(?:ing)?) limit|limit reached|rate_limit|too many requests|quota|credit balance|(?:out of|enough|insufficient|remaining) credits?|payment required|billing|RESOURCE_EXHAUSTED|insufficient (?:funds|balance))/i,
    SERVICE,
  ),
  // "Invalid API key", "Failed to authenticate", "OAuth token has expired", "Please run /login"
  sentence(
    'credentials_rejected',
    /^.{0,160}(?:invalid (?:x-)?api[ -]?key|incorrect api key|api[ -]key (?:is )?(?:not valid|not found|invalid|expired|missing)|authenticat|unauthori[sz]ed|oauth token|not logged in|run \/login|token (?:has )?expired|\bkey\b[^.]{0,60}\b(?:revoked|expired|disabled|invalid|deleted)\b|credentials|forbidden|permission_denied)/i,
    SERVICE,
  ),
  // "Overloaded", "We're currently experiencing high demand", "Internal server error"
  sentence(
    'service_overloaded',
    /^.{0,160}(?:overloaded|high demand|internal server error|service unavailable|bad gateway|gateway time-?out|server had an error|at capacity|exceeded retry limit|unexpected status 5\d\d|last status: (?:429|5\d\d))/i,
    SERVICE,
  ),
  // "stream disconnected before completion", "Unable to connect to API (ConnectionRefused)", "Connection error."
  sentence(
    'service_unreachable',
    /^.{0,160}(?:upstream connect error|connection failure|stream (?:disconnected|closed|error|ended)|unable to connect|connection (?:error|refused|reset|closed|failed|aborted|timed out)|error sending request|fetch failed|network error|socket hang up|request timed out|idle timeout|ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|certificate|reconnecting|other side closed|UND_ERR_)|^terminated$/i,
    SERVICE,
  ),
  // "The 'x' model is not supported when ...", "model_not_found", "invalid_request_error", "tool_use ids were found without"
  sentence(
    'request_rejected',
    /^.{0,200}(?:model .{0,60}(?:not supported|not found|does not exist|not available)|model_not_found|max_tokens|output tokens|invalid_request|unexpected status 4\d\d|issue with the selected model|tool_use.{0,40}without|violat|usage polic|content (?:filter|polic)|flagged|refus)/i,
    MODEL,
  ),
  // "Reached maximum number of turns (1)", "Reached max session turns"
  sentence('turn_limit', /^.{0,80}(?:max(?:imum)? (?:number of |session )?turns|turn limit)/i, {
    category: 'model',
    confidence: 'certain',
  }),
  sentence('budget_limit', /^.{0,80}(?:max(?:imum)? budget|budget (?:limit|exceeded))/i, {
    category: 'model',
    confidence: 'certain',
  }),
];

/** A failed web call, or one that ran into the model's own service ("API Error: 529 ..." of a sub-agent). */
function isOfService(s: Symptom): boolean {
  return s.origin !== 'call' || s.tool_kind === 'web' || serviceWords(sentenceOf(s)) !== undefined;
}

export const HARNESS_RULES: readonly SymptomRule[] = [
  ...ABOUT_CALLS,
  ...ABOUT_SERVICES.map((rule) => ({ ...rule, holds: (s: Symptom) => isOfService(s) && rule.holds(s) })),
];

/** Notices, such as Codex' "Model metadata for `x` not found. Defaulting to fallback metadata". */
export const NOTICE_RULES: readonly SymptomRule[] = [
  {
    name: 'notice_of_default',
    ...BENIGN,
    holds: (s) =>
      s.is_notice === true &&
      /^Model metadata for |\b(?:deprecated|defaulting to|falling back)\b/i.test(sentenceStart(s.said ?? '')),
  },
];

/** A notice whose cause nobody recognises is what its log says it is. */
export const PLAIN_NOTICE_RULE: SymptomRule = { name: 'notice', ...BENIGN, holds: (s) => s.is_notice === true };

/** A page that cannot be had, for whatever reason nobody recognises, is a fact about the web before the model. */
export const WEB_RULE: SymptomRule = {
  name: 'web_failed',
  category: 'network',
  confidence: 'possible',
  holds: (s) => s.origin === 'call' && s.tool_kind === 'web',
};

/** Judged after the stderr that the sandbox's sentence comes with. */
export const SANDBOX_RULES: readonly SymptomRule[] = [
  {
    // Codex says "sandbox denied" for every non-zero exit inside its sandbox: 14 of 35 real ones showed a syntax error, a
    // search without a match or a missing path on stderr. Only a silent one is left to believe.
    name: 'sandbox_denied',
    category: 'sandbox_approval',
    confidence: 'possible',
    holds: (s) => s.code === 'sandbox_denied' && (s.output ?? '').trim() === '',
  },
];
