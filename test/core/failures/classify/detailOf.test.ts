import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detailOf } from '../../../../src/core/failures/classify/detailOf.ts';
import type { Symptom } from '../../../../src/core/failures/transcriptEvents.ts';
import type { ClassifierRule } from '../../../../src/core/words/ruleNames.ts';
import type { FailureCategory } from '../../../../src/core/words/vocabulary.ts';

/** A rule that says nothing of the kind by itself. */
const PLAIN: { readonly [category in FailureCategory]?: ClassifierRule } = {
  network: 'connection',
  resource: 'words_of_limits',
  missing_dependency: 'words_of_absence',
  sandbox_approval: 'permission',
  tool_schema: 'invalid_arguments',
  model: 'is_directory',
  background_job: 'job_ended',
};

/** Which kind the rule says it is, whatever the words are; the first of a pair stands before others' words too. */
const BY_RULE: { readonly [category in FailureCategory]?: Readonly<Record<string, string>> } = {
  network: {
    dns: 'dns',
    tls: 'tls',
    proxy: 'proxy',
    quota: 'field_billing',
    rate_limit: 'field_rate_limit http_rate_limit',
    auth: 'field_authentication http_credentials credentials credentials_rejected words_of_login',
    overloaded: 'field_overloaded',
    server_error: 'http_server_error service_overloaded',
    unknown: 'connection field_remote fetch_refused quota_exhausted web_failed',
  },
  resource: {
    watches: 'watchers',
    disk: 'disk_full field_no_space',
    descriptors: 'descriptors',
    processes: 'processes',
    cpu: 'exit_by_rlimit',
    memory: 'memory killed_child exit_of_windows_memory',
  },
  missing_dependency: {
    daemon: 'service_not_running mcp_unavailable',
    program: 'command_not_found exit_127 words_of_absence',
    module: 'module_not_found package_not_found',
    library: 'library_not_found exit_of_windows_loader',
    file: 'path_not_found field_not_found',
  },
  sandbox_approval: {
    denied_by_rule: 'field_policy hook_blocked policy',
    denied_by_user: 'field_declined user_declined permission_not_granted',
    sandbox: 'field_outside_workspace outside_workspace sandbox sandbox_denied exit_by_seccomp',
    permission: 'permission privileges exit_126 field_permission words_of_permission',
  },
  tool_schema: {
    unknown_tool: 'field_unknown_tool unknown_tool',
    order: 'tool_contract',
    arguments: 'invalid_arguments field_invalid_params call_skipped',
  },
  model: {
    edit_missed: 'edit_missed field_edit_missed patch_failed',
    context: 'context_exceeded field_context_exceeded',
    refused: 'field_refusal',
    undefined: 'is_directory turn_limit budget_limit request_rejected http_rejected_request',
  },
  background_job: { killed: 'field_job_killed', failed: 'field_job_failed job_ended' },
};

/** Which kind the words say it is, where the rule does not. */
const BY_WORDS: { readonly [category in FailureCategory]?: Readonly<Record<string, readonly string[]>> } = {
  network: {
    proxy: ['no route through the Proxy'],
    quota: [
      'your QUOTA is used up',
      'see Billing',
      'credit balance is low',
      'no Credits left',
      'insufficient funds',
      'insufficient balance',
      'Payment required',
      'usage limit',
      'session limit',
      'weekly limit',
      'spend limit',
      'spending limit',
    ],
    rate_limit: [
      'Rate limit',
      'ratelimited',
      'rate-limit',
      'Too many requests',
      'status 429',
      'throttled',
      'Throtling',
    ],
    overloaded: [
      'Overloaded',
      'high demand',
      'at capacity',
      'status 503',
      'status 529',
      'Service unavailable',
      'service temporarily unavailable',
    ],
    timeout: ['timed out', 'Timeout', 'time-out', 'ETIMEDOUT', 'APITimeoutError', 'status 408', 'status 504'],
    server_error: ['status 500', 'status 502', 'Internal server error', 'bad gateway'],
    auth: ['status 401', 'status 403', 'Unauthorized', 'unauthorised', 'Forbidden', 'authentication'],
    not_found: ['status 404', 'status 410', 'page Not found'],
    refused: ['Refused', 'failed to connect', "couldn't connect", 'could not connect', 'Unable to connect'],
    unreachable: [
      'Unreachable',
      'No route to host',
      'EHOSTUNREACH',
      'ENETUNREACH',
      'waiting for network',
      'network is down',
    ],
    reset: [
      'Reset by peer',
      'ECONNRESET',
      'ECONNABORTED',
      'socket Closed',
      'terminated',
      'socket hang up',
      'hung up',
      'unexpected EOF',
      'disconnected',
      'aborted',
      'premature close',
      'empty reply',
      'interrupted',
    ],
    dns: ['cannot Resolve', 'ENOTFOUND', 'EAI_AGAIN', 'Name or service'],
    tls: ['certificate', 'TLS handshake', 'SSL'],
    unknown: ['something else'],
  },
  resource: {
    inodes: ['no Inodes left', 'one inode'],
    gpu: ['CUDA out of memory', 'GPU memory', 'VRAM'],
    heap: ['JavaScript Heap', 'Metaspace', 'Mark-Compacts', 'V8::internal'],
    disk: ['Disk', 'no space', 'storage'],
    descriptors: ['too many Open files', 'descriptors', 'handles'],
    processes: ['Process limit', 'thread', 'threads'],
    memory: ['out of Memory', 'RAM', 'swap'],
    undefined: ['something else'],
  },
  missing_dependency: {
    interpreter: [
      'bad Interpreter',
      'no interpreter',
      'cannot execute: required file not found',
      "env: 'python3.4': No such file",
      'env: node: No such file',
    ],
    library: ['Library', 'shared object', 'header'],
    module: ['Module', 'package', 'dependency', 'dependencies', 'gem', 'crate', 'plugin', 'extension'],
    program: ['something else'],
  },
  sandbox_approval: {
    read_only: ['Read-only file system', 'readonly', 'EROFS'],
    denied_by_rule: [
      'a deny Rule',
      'policy',
      'policies',
      'hook',
      'setting',
      'settings',
      'blocked',
      'disallowed',
      'not allowed',
    ],
    permission: ['something else'],
  },
  background_job: {
    lost: ['No task found', 'No shell', 'No background job', 'Not found', 'Unknown process'],
    killed: ['Killed', 'stopped', 'canceled', 'cancelled'],
    failed: ['something else'],
  },
};

const SYMPTOM: Symptom = { origin: 'call' };

test('a rule that knows which kind it is says so', () => {
  for (const [category, kinds] of Object.entries(BY_RULE) as [FailureCategory, Record<string, string>][])
    for (const [detail, rules] of Object.entries(kinds))
      for (const rule of rules.split(' ') as ClassifierRule[])
        assert.equal(String(detailOf(category, { rule, symptom: SYMPTOM, text: '' })), detail, `${category} ${rule}`);
});

test('where the rule does not know, the words say which kind it is, in capitals or not', () => {
  for (const [category, kinds] of Object.entries(BY_WORDS) as [FailureCategory, Record<string, readonly string[]>][])
    for (const [detail, texts] of Object.entries(kinds))
      for (const text of texts) {
        const rule = PLAIN[category] ?? assert.fail(category);
        assert.equal(String(detailOf(category, { rule, symptom: SYMPTOM, text })), detail, `${category}: ${text}`);
      }
});

test('what decides comes first: the words of an account before the status, the status before the rest', () => {
  const of = (rule: ClassifierRule, text: string, http_status?: number) =>
    detailOf('network', { rule, symptom: { ...SYMPTOM, ...(http_status !== undefined && { http_status }) }, text });
  for (const [rule, text, status, expected] of [
    ['http_rate_limit', 'You exceeded your current quota', 429, 'quota'],
    ['http_rate_limit', 'slow down', 429, 'rate_limit'],
    ['http_credentials', 'overloaded', 401, 'auth'],
    ['http_server_error', 'request timed out', 504, 'timeout'],
    ['http_server_error', 'busy', 503, 'overloaded'],
    ['http_server_error', 'x', 500, 'server_error'],
    ['connection', 'x', 403, 'auth'],
    ['connection', `${'x'.repeat(498)} ENOTFOUND`, undefined, 'unknown'],
    ['dns', 'through the proxy', undefined, 'dns'],
  ] as const)
    assert.equal(of(rule, text, status), expected, `${rule} ${text.slice(0, 20)}`);
  const refused = (rule: ClassifierRule, text: string) => detailOf('model', { rule, symptom: SYMPTOM, text });
  for (const text of [
    'it Violates',
    'usage policy',
    'usage policies',
    'content filter',
    'content policy',
    'flagged',
    'refused',
  ])
    assert.equal(refused('request_rejected', text), 'refused', text);
  assert.equal(refused('is_directory', 'refused'), undefined);
  const timeout = (symptom: Symptom) => detailOf('timeout', { rule: 'timed_out', symptom, text: '' });
  assert.equal(timeout({ origin: 'service' }), 'service');
  assert.equal(timeout({ origin: 'call', tool_kind: 'shell' }), 'command');
  assert.equal(timeout({ origin: 'call', tool_kind: 'web', exit_code: 124 }), 'command');
  assert.equal(timeout({ origin: 'call', tool_kind: 'web' }), 'tool');
});
