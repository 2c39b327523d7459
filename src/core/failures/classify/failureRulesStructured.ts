import type { Conclusion, SymptomRule } from './failureRule.ts';
import type { Symptom, SymptomCode } from '../transcriptEvents.ts';

/**
 * Rules on structured fields: the strongest evidence, because a program wrote it for programs.
 * `sandbox_denied` is missing on purpose: Codex writes it for every command that fails inside its sandbox, so it is
 * judged after the command's own stderr (see failureRulesHarness.ts).
 */
const BY_CODE = {
  // The user, or nobody, was asked and did not say yes; a policy said no.
  declined: { category: 'sandbox_approval', confidence: 'certain' },
  policy: { category: 'sandbox_approval', confidence: 'certain' },
  outside_workspace: { category: 'sandbox_approval', confidence: 'certain' },
  permission: { category: 'sandbox_approval', confidence: 'certain' },
  timed_out: { category: 'timeout', confidence: 'certain' },
  invalid_params: { category: 'tool_schema', confidence: 'certain' },
  unknown_tool: { category: 'tool_schema', confidence: 'certain' },
  // The text the model wanted to replace is not in the file: its picture of the file was wrong.
  edit_missed: { category: 'model', confidence: 'likely' },
  not_found: { category: 'missing_dependency', confidence: 'possible' },
  no_space: { category: 'resource', confidence: 'certain' },
  remote: { category: 'network', confidence: 'likely' },
  // Remote services: quota, credentials and load are facts about the account and the service, not about the model.
  rate_limit: { category: 'network', confidence: 'certain' },
  authentication: { category: 'network', confidence: 'certain' },
  billing: { category: 'network', confidence: 'certain' },
  overloaded: { category: 'network', confidence: 'certain' },
  // What was sent cannot be answered: the conversation or the choice of model is at fault.
  invalid_request: { category: 'model', confidence: 'likely' },
  context_exceeded: { category: 'model', confidence: 'certain' },
  max_turns: { category: 'model', confidence: 'certain' },
  budget: { category: 'model', confidence: 'certain' },
  refusal: { category: 'model', confidence: 'certain' },
  job_failed: { category: 'background_job', confidence: 'certain' },
  job_killed: { category: 'background_job', confidence: 'certain' },
  // Somebody pressed escape: an outcome the user chose.
  user_interrupt: { category: 'benign', confidence: 'certain' },
  // A call that was dropped because the one beside it failed: that one is counted.
  sibling_failed: { category: 'benign', confidence: 'certain' },
} as const satisfies Readonly<Partial<Record<SymptomCode, Conclusion>>>;

function isOneOf(status: number | undefined, statuses: readonly number[]): boolean {
  return status !== undefined && statuses.includes(status);
}

function isServerError(status: number | undefined): boolean {
  return status !== undefined && status >= 500 && status <= 599;
}

/** HTTP statuses of the model's service and of web tools. */
const BY_STATUS: readonly SymptomRule[] = [
  {
    // 407 is a proxy's, 401 and 403 a key's or an account's.
    name: 'http_credentials',
    category: 'network',
    confidence: 'certain',
    holds: (s) => isOneOf(s.http_status, [401, 402, 403, 407]),
  },
  {
    name: 'http_rate_limit',
    category: 'network',
    confidence: 'certain',
    holds: (s) => isOneOf(s.http_status, [429]),
  },
  {
    name: 'http_server_error',
    category: 'network',
    confidence: 'certain',
    holds: (s) => isServerError(s.http_status) || isOneOf(s.http_status, [408]),
  },
];

/** Statuses that many causes share: judged after the sentence that comes with them ("400 Your credit balance is low"). */
export const SHARED_STATUS_RULES: readonly SymptomRule[] = [
  {
    // A model's service that rejects the request itself; 413 and 422 are a conversation that is too long or malformed.
    name: 'http_rejected_request',
    category: 'model',
    confidence: 'likely',
    holds: (s) => s.origin !== 'call' && isOneOf(s.http_status, [400, 404, 413, 422]),
  },
  {
    // The same statuses from a web page: the page is not there.
    name: 'http_page_unavailable',
    category: 'network',
    confidence: 'likely',
    holds: (s) => s.origin === 'call' && s.http_status !== undefined && s.http_status >= 400 && s.http_status <= 499,
  },
];

function codeRule([code, conclusion]: [keyof typeof BY_CODE, Conclusion]): SymptomRule {
  return { name: `field_${code}`, ...conclusion, holds: (s: Symptom) => s.code === code };
}

export const STRUCTURED_RULES: readonly SymptomRule[] = [
  ...(Object.entries(BY_CODE) as [keyof typeof BY_CODE, Conclusion][]).map(codeRule), // an object literal's own keys
  ...BY_STATUS,
];
