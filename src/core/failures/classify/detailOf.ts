import type { ClassifierRule } from '../../words/ruleNames.ts';
import type { FailureCategory } from '../../words/vocabulary.ts';
import type { Symptom } from '../transcriptEvents.ts';

interface Decided {
  readonly rule: ClassifierRule;
  readonly symptom: Symptom;
  /** The line or sentence that decided. */
  readonly text: string;
}

type DetailRule = readonly [detail: string, rules: readonly ClassifierRule[] | undefined, words: RegExp | undefined];

/** Tried in order: by the rule that decided, by its words, or by both; the last of a list may have neither. */
const DETAILS: Readonly<Partial<Record<FailureCategory, readonly DetailRule[]>>> = {
  network: [
    ['dns', ['dns'], undefined],
    ['tls', ['tls'], undefined],
    ['proxy', ['proxy'], undefined],
    ['proxy', undefined, /\bproxy\b/i],
    ['quota', ['field_billing'], undefined],
    [
      'quota',
      undefined,
      /\bquota\b|\bbilling\b|credit balance|\bcredits\b|insufficient (?:funds|balance)|payment required|(?:usage|session|weekly|spend(?:ing)?) limit/i,
    ],
    ['rate_limit', ['field_rate_limit', 'http_rate_limit'], undefined],
    ['rate_limit', undefined, /rate.?limit|too many requests|\b429\b|thrott?l/i],
    [
      'auth',
      ['field_authentication', 'http_credentials', 'credentials', 'credentials_rejected', 'words_of_login'],
      undefined,
    ],
    [
      'overloaded',
      undefined,
      /overloaded|high demand|at capacity|\b(?:503|529)\b|service (?:temporarily )?unavailable/i,
    ],
    ['overloaded', ['field_overloaded'], undefined],
    ['timeout', undefined, /\btime(?:d)?[ -]?out\b|ETIMEDOUT|TimeoutError|\b(?:408|504)\b/i],
    ['server_error', ['http_server_error', 'service_overloaded'], undefined],
    ['server_error', undefined, /\b(?:500|502)\b|internal server error|bad gateway/i],
    ['auth', undefined, /\b(?:401|403)\b|unauthori[sz]ed|forbidden|authenticat/i],
    ['not_found', undefined, /\b(?:404|410)\b|not found/i],
    ['refused', undefined, /refused|failed to connect|could ?n[o']t connect|unable to connect/i],
    [
      'unreachable',
      undefined,
      /unreachable|no route to host|E(?:HOST|NET)UNREACH|waiting for network|network is down/i,
    ],
    [
      'reset',
      undefined,
      /\breset\b|ECONN(?:RESET|ABORTED)|\bclosed\b|terminated|hang ?up|hung up|\bEOF\b|disconnected|aborted|premature close|empty reply|interrupted/i,
    ],
    ['dns', undefined, /resolv|ENOTFOUND|EAI_AGAIN|name or service/i],
    ['tls', undefined, /certificate|\bTLS\b|\bSSL\b/i],
    ['unknown', undefined, undefined],
  ],
  resource: [
    ['watches', ['watchers'], undefined],
    ['inodes', undefined, /\binodes?\b/i],
    ['disk', ['disk_full', 'field_no_space'], undefined],
    ['descriptors', ['descriptors'], undefined],
    ['processes', ['processes'], undefined],
    ['cpu', ['exit_by_rlimit'], undefined],
    ['gpu', undefined, /\bCUDA\b|\bGPU\b|\bVRAM\b/i],
    ['heap', undefined, /\bheap\b|Metaspace|mark-compacts|v8::internal/i],
    ['memory', ['memory', 'killed_child', 'exit_of_windows_memory'], undefined],
    ['disk', undefined, /\bdisk\b|\bspace\b|\bstorage\b/i],
    ['descriptors', undefined, /open files|descriptors|handles/i],
    ['processes', undefined, /\bprocess|\bthreads?\b/i],
    ['memory', undefined, /memory|\bRAM\b|swap/i],
  ],
  missing_dependency: [
    ['daemon', ['service_not_running', 'mcp_unavailable'], undefined],
    [
      'interpreter',
      undefined,
      /bad interpreter|interpreter\b|cannot execute: required file|\benv: '?\w{1,20}[\d.]*'?: No such/i,
    ],
    ['program', ['command_not_found', 'exit_127'], undefined],
    ['module', ['module_not_found', 'package_not_found'], undefined],
    ['library', ['library_not_found', 'exit_of_windows_loader'], undefined],
    ['file', ['path_not_found', 'field_not_found'], undefined],
    ['library', undefined, /librar|shared object|header/i],
    ['module', undefined, /module|package|dependenc|gem\b|crate|plugin|extension/i],
    ['program', undefined, undefined],
  ],
  sandbox_approval: [
    ['read_only', undefined, /read-?only|\bEROFS\b/i],
    ['denied_by_rule', ['field_policy', 'hook_blocked', 'policy'], undefined],
    ['denied_by_rule', undefined, /\b(?:rule|policy|policies|hook|settings?)\b|blocked|disallowed|not allowed/i],
    ['denied_by_user', ['field_declined', 'user_declined', 'permission_not_granted'], undefined],
    [
      'sandbox',
      ['field_outside_workspace', 'outside_workspace', 'sandbox', 'sandbox_denied', 'exit_by_seccomp'],
      undefined,
    ],
    ['permission', undefined, undefined],
  ],
  tool_schema: [
    ['unknown_tool', ['field_unknown_tool', 'unknown_tool'], undefined],
    ['order', ['tool_contract'], undefined],
    ['arguments', undefined, undefined],
  ],
  model: [
    ['edit_missed', ['edit_missed', 'field_edit_missed', 'patch_failed'], undefined],
    ['context', ['context_exceeded', 'field_context_exceeded'], undefined],
    ['refused', ['field_refusal'], undefined],
    ['refused', ['request_rejected'], /violat|usage polic|content (?:filter|polic)|flagged|refus/i],
  ],
  background_job: [
    ['killed', ['field_job_killed'], undefined],
    ['failed', ['field_job_failed'], undefined],
    ['lost', undefined, /\bNo (?:task|shell|background)|not found|unknown process/i],
    ['killed', undefined, /killed|stopped|cancell?ed/i],
    ['failed', undefined, undefined],
  ],
};

/** Which of its category's kinds a failure is; `undefined` where nothing tells. */
export function detailOf(category: FailureCategory, decided: Decided): string | undefined {
  if (category === 'timeout') return timeoutDetail(decided);
  const text = `${decided.symptom.http_status ?? ''} ${decided.text}`.slice(0, 500);
  const found = DETAILS[category]?.find(
    ([, rules, words]) =>
      (rules === undefined || rules.includes(decided.rule)) && (words === undefined || words.test(text)),
  );
  return found?.[0];
}

function timeoutDetail({ symptom }: Decided): string {
  if (symptom.origin !== 'call') return 'service';
  return symptom.tool_kind === 'shell' || symptom.exit_code !== undefined ? 'command' : 'tool';
}
