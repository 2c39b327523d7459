import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classify } from '../../../../src/core/failures/classify/classify.ts';
import type { Symptom } from '../../../../src/core/failures/transcriptEvents.ts';
import { CLASSIFIER_RULES } from '../../../../src/core/words/ruleNames.ts';
import { CUE_TEXTS } from './failureTexts.ts';
import { SYMPTOMS } from './symptomsByRule.ts';

/**
 * What each rule concludes, and how sure that is. To be read by a person: `certain` is what a program wrote for
 * programs or a harness says of itself; `likely` is a wording that has one usual reason; `possible` has several.
 */
const CONCLUSIONS: Readonly<Record<string, string>> = {
  'background_job certain': 'field_job_failed field_job_killed',
  'background_job likely': 'job_ended',
  'benign certain':
    'notice_of_default notice field_user_interrupt interrupted_by_user field_sibling_failed sibling_failed no_match differs',
  'benign likely': 'probe_answered_no lookup_answered_no',
  'command_exit certain': 'tests_failed exit_nonzero',
  'command_exit likely': 'shell_failed compile_error sql_error conflict shell_syntax usage_error',
  'command_exit possible': 'exit_by_signal',
  'missing_dependency likely':
    'mcp_unavailable exit_127 exit_of_windows_loader command_not_found module_not_found library_not_found service_not_running package_not_found',
  'missing_dependency possible': 'field_not_found path_not_found words_of_absence',
  'model certain':
    'field_context_exceeded field_max_turns field_budget field_refusal context_exceeded turn_limit budget_limit',
  'model likely':
    'field_edit_missed field_invalid_request edit_missed request_rejected http_rejected_request patch_failed',
  'model possible': 'is_directory',
  'network certain':
    'field_rate_limit field_authentication field_billing field_overloaded http_credentials http_rate_limit http_server_error',
  'network likely':
    'field_remote fetch_refused mcp_disconnected quota_exhausted credentials_rejected service_overloaded service_unreachable http_page_unavailable exit_of_transfer dns tls proxy credentials http_status connection',
  'network possible': 'web_failed words_of_connection words_of_login',
  'resource certain': 'field_no_space',
  'resource likely': 'exit_of_windows_memory exit_by_rlimit watchers disk_full memory descriptors processes',
  'resource possible': 'killed_child words_of_limits',
  'sandbox_approval certain':
    'field_declined field_policy field_outside_workspace field_permission user_declined permission_not_granted hook_blocked outside_workspace',
  'sandbox_approval likely': 'exit_by_seccomp sandbox permission privileges policy',
  'sandbox_approval possible': 'sandbox_denied exit_126 words_of_permission',
  'timeout certain': 'field_timed_out harness_timeout',
  'timeout likely': 'exit_124 killed_at_limit timed_out',
  'timeout possible': 'words_of_waiting',
  'tool_schema certain': 'field_invalid_params field_unknown_tool invalid_arguments unknown_tool tool_contract',
  'tool_schema likely': 'call_skipped',
  'unknown possible': 'unrecognised',
};

function ran([exit_code, output]: readonly [number, string]): Symptom {
  return { origin: 'call', tool_kind: 'shell', exit_code, output };
}

function examplesOf(rule: string): readonly Symptom[] {
  return [...(SYMPTOMS[rule] ?? []), ...(CUE_TEXTS[rule] ?? []).map(ran)];
}

test('every rule stands once in the table of conclusions', () => {
  const listed = Object.values(CONCLUSIONS).flatMap((rules) => rules.split(' '));
  assert.deepEqual(listed.toSorted(), CLASSIFIER_RULES.toSorted());
});

for (const [conclusion, rules] of Object.entries(CONCLUSIONS)) {
  test(`${conclusion} is concluded by ${rules}`, () => {
    const concluded = rules.split(' ').flatMap((rule) => examplesOf(rule).map((example) => [rule, example] as const));
    assert.ok(concluded.length > 0);
    for (const [name, example] of concluded) {
      const { rule, category, confidence } = classify(example);
      assert.equal(`${rule}: ${category} ${confidence}`, `${name}: ${conclusion}`, JSON.stringify(example));
    }
  });
}

/** What says itself what the cause is, the usual reason, a consequence, mere vocabulary: from strong to weak. */
const STRENGTHS: readonly (readonly string[])[] = [
  [
    'dns',
    'tls',
    'proxy',
    'credentials',
    'http_status',
    'connection',
    'watchers',
    'disk_full',
    'memory',
    'descriptors',
    'processes',
    'timed_out',
  ],
  [
    'killed_child',
    'patch_failed',
    'compile_error',
    'sql_error',
    'conflict',
    'shell_syntax',
    'usage_error',
    'command_not_found',
    'module_not_found',
    'library_not_found',
    'service_not_running',
    'sandbox',
    'permission',
    'privileges',
    'policy',
  ],
  ['package_not_found', 'path_not_found'],
  [
    'words_of_connection',
    'words_of_login',
    'words_of_absence',
    'words_of_permission',
    'words_of_limits',
    'words_of_waiting',
  ],
];

/** One line that a rule decides alone. */
function lineOf(rule: string): string {
  const lines = (CUE_TEXTS[rule] ?? []).flatMap(([, text]) => text.split('\n'));
  return lines.find((line) => classify(ran([1, line])).rule === rule) ?? assert.fail(rule);
}

test('of two causes that a program printed the stronger decides, wherever it stands, and of equals the last', () => {
  assert.deepEqual(STRENGTHS.flat().toSorted(), Object.keys(CUE_TEXTS).toSorted());
  const decided = (...rules: readonly string[]) => classify(ran([1, rules.map(lineOf).join('\n')])).rule;
  for (const [at, rules] of STRENGTHS.entries()) {
    for (const rule of rules) {
      for (const [other = '', last = other] of STRENGTHS.slice(at + 1).map((weaker) => [weaker[0], weaker.at(-1)])) {
        assert.equal(decided(rule, other), rule, `${rule} before ${other}`);
        assert.equal(decided(last, rule), rule, `${rule} after ${last}`);
      }
      for (const equal of rules) assert.equal(decided(equal, rule), rule, `${equal}, then ${rule}`);
    }
  }
});
