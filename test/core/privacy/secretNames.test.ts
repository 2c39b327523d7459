import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRedactor, secretsOfEnvironment } from '../../../src/core/privacy/redact.ts';
import { secretNameOf } from '../../../src/core/privacy/secretNames.ts';

/** Names as files, headers and environments have them, by what they say of their value. */
const NAMES = {
  strong: `
    GITHUB_TOKEN npmToken x-auth-token CLIENT_SECRET app.secrets DB_PASSWORD mysql_passwd Benutzer_Passwort USER_PWD
    ssh-passphrase door_passcode BORG_PASSCOMMAND smtp_pass root_pw wifi-psk storepass keypass srcstorepass deststorepass
    requirepass bindpw rootpw newpassword userpassword tailscale_authkey git_credential service.credentials
    session_cookie set-cookies Proxy-Authorization apikey apitoken npm_authtoken accesstoken secretkey privatekey accesskey
    registry_auth AZURE_PAT service_jwt http_bearer PGPASSWORD connectionstring ConnectionString STORAGE_CONNECTION_STRING AWS_ACCESS_KEY_ID TOKEN PASS
    api_key access_key secret_key private_key signingKey encryption-key master.key auth_key account_key service_key
    storage_key app_key application_key client_key deploy_key license_key licence_key subscription_key function_key
    ANTHROPIC_API_KEY anthropic_key openai_key gemini_key google_key azure_key aws_key webhook_key admin_key root_key
    jwt_key session_key shared_key apiKeys API_KEY_2 oauth.token bypass.token password2 DB_PASSWORD1 secret_tokens_token
  `,
  weak: `auth pat bearer token secret cookie cookies credentials secrets pwd pass pw psk jwt Pass
    VENDOR_KEY ACME_KEYS`,
  no: `
    PWD key keys KEY id user_id ACCESS_ID KEY_ID primary_key foreign_key public_key sort_key cache_key partition_key
    index_key row_key group_key unique_key hot_key map_key registry_key lookup_key object_key dedup_key idempotency_key
    routing_key arrow_key PRIMARY_KEY FOREIGN_KEY PUBLIC_KEY SORT_KEY CACHE_KEY PARTITION_KEY INDEX_KEY ROW_KEY GROUP_KEY
    UNIQUE_KEY HOT_KEY MAP_KEY REGISTRY_KEY LOOKUP_KEY OBJECT_KEY DEDUP_KEY IDEMPOTENCY_KEY ROUTING_KEY ARROW_KEY
    vendor_key next_token pad_token eos_token bos_token unk_token mask_token current_token last_token first_token
    prev_token per_token cancellation_token syntaxToken pageToken continuation_token input_tokens max_tokens
    ask-password no-auth prompt_password skip_auth require-auth generate-password disable_auth allow_password
    without-password existing_secret single_pass two_pass multi_pass one_pass second_pass third_pass last_pass next_pass
    final_pass fast_pass render_pass shadow_pass test_pass high_pass low_pass band_pass first_pass all_pass must_pass
    by_pass force_pass compiler_pass opt_pass string query_string connection user name path 42 ""
  `,
} as const;

for (const [says, names] of Object.entries(NAMES)) {
  test(`what a name says of its value: ${says}`, () => {
    for (const name of names.trim().split(/\s+/)) assert.equal(secretNameOf(name === '""' ? '' : name), says, name);
  });
}

test('of an environment those values are secrets whose name says so and that are no path, no word and no flag', () => {
  for (const [name, value, isSecret] of [
    ['MY_TOKEN', 'abc12', false],
    ['MY_TOKEN', 'abc123', true],
    ['my_token', 'abc123', true],
    ['sort_key', 'abc123', false],
    ['vendor_key', 'abc123', true],
    ['MY_NAME', 'abc123', false],
    ['SSH_AUTH', '/run/agent.1', false],
    ['SSH_AUTH', '~/agent.1', false],
    ['SSH_AUTH', './agent.1', false],
    ['GIT_AUTH', 'disabledabc', false],
    ['GIT_AUTH', 'disabledabcd', true],
    ['GIT_AUTH', 'disabled1', true],
    ['GIT_AUTH', 'Disabled', true],
  ] as const)
    assert.deepEqual(secretsOfEnvironment({ [name]: value }), isSecret ? [value] : [], `${name}=${value}`);
  const both = { A_TOKEN: 'abc123', B_TOKEN: 'abc123def', C_TOKEN: 'abc123' };
  assert.deepEqual(secretsOfEnvironment(both), ['abc123def', 'abc123'], 'each once, the longest first');
});

test('a value that must not appear is removed from six characters on, the longest first', () => {
  const shown = (text: string, ...secrets: readonly string[]) =>
    createRedactor({ identity: {}, secrets }).credentialsOnly(text);
  const cut = '[redacted:environment_value]';
  assert.equal(shown('is abcde', 'abcde').text, 'is abcde');
  assert.equal(shown('is abcdef', 'abcdef').text, `is ${cut}`);
  const { text, removed } = shown('abcdefghi abcdef abcdef', 'abcdef', 'abcdefghi');
  assert.deepEqual([text, removed], [`${cut} ${cut} ${cut}`, { environment_value: 3 }]);
});
