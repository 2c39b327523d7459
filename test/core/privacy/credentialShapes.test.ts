import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CREDENTIAL_SHAPES, SHAPE_TRIGGER } from '../../../src/core/privacy/credentialShapes.ts';
import { createRedactor } from '../../../src/core/privacy/redact.ts';
import { createStreamRedactor } from '../../../src/core/privacy/streamRedactor.ts';
import { randomFrom } from '../randomFrom.ts';
import { drawn } from './secretCorpus.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const WORD = LOWER + LOWER.toUpperCase() + DIGITS;
const HEX = `${DIGITS}abcdef`;
const redactor = createRedactor({ identity: {}, secrets: [] });

type Row = readonly [kind: string, prefixes: string, alphabet: string, least: number, suffix?: string];

/** What services put before a credential, and how many characters it has at least. Bodies are drawn when this runs. */
const SHAPES: readonly Row[] = [
  ['anthropic_key', 'sk-ant-', WORD, 16],
  ['openai_key', 'sk-', WORD, 20],
  ['github_token', 'ghp_ gho_ ghu_ ghs_ ghr_', WORD, 30],
  ['github_token', 'github_pat_', WORD, 22],
  ['github_token', 'v1.', HEX, 40],
  ['gitlab_token', 'glpat- glptt- gldt- glrt- glcbt- glft- glimt- glagent- gloas- glsoat- glrtr- glffct- GR1348941', WORD, 20],
  ['aws_key_id', 'AKIA ASIA ABIA ACCA AROA AIDA', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16],
  ['google_key', 'AIza', WORD, 35],
  ['google_key', 'ya29. GOCSPX-', WORD, 20],
  ['google_key', '1//0', WORD, 30],
  ['azure_secret', 'abc8Q~', WORD, 31],
  ['slack_token', 'xoxa- xoxb- xoxe- xoxo- xoxp- xoxr- xoxs- xoxe.xoxp- xapp-1-', WORD, 10],
  ['slack_token', 'hooks.slack.com/services/ hooks.slack.com/workflows/ hooks.slack.com/triggers/', WORD, 16],
  ['stripe_key', 'sk_live_ sk_test_ rk_live_ pk_test_', WORD, 10],
  ['stripe_key', 'whsec_', WORD, 20],
  ['npm_token', 'npm_', WORD, 36],
  ['pypi_token', 'pypi-', WORD, 50],
  ['huggingface_token', 'hf_ api_org_', WORD, 30],
  ['telegram_token', '12345678:AA 1234567890:AA', WORD, 33],
  ['twilio_key', 'SK AC', HEX, 32],
  ['sendgrid_key', `SG.${'x'.repeat(15)}1.`, WORD, 16],
  ['mailgun_key', 'key-', HEX, 32],
  ['mailchimp_key', '', HEX, 32, '-us12'],
  ['digitalocean_token', 'dop_v1_ doo_v1_ dor_v1_', HEX, 64],
  ['shopify_token', 'shpat_ shpca_ shppa_ shpss_', HEX, 32],
  ['databricks_token', 'dapi', HEX, 32],
  ['vault_token', 'hvs. hvb. hvr.', WORD, 24],
  ['age_key', 'AGE-SECRET-KEY-1', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', 58],
  ['telegraph_token', 'sntrys_ sntryu_', WORD, 30],
  ['telegraph_token', 'tskey-auth-', WORD, 16],
  ['jwt', 'eyJabcdefgh.eyJ', WORD, 8],
  ['discord_token', `M${'x'.repeat(23)}.abcdef.`, WORD, 27],
  ['discord_token', 'discord.com/api/webhooks/123/ discordapp.com/api/webhooks/123/', WORD, 20],
  [
    'service_token',
    'lin_api_ ntn_ secret_ figd_ gsk_ r8_ dckr_pat_ dckr_oat_ pscale_tkn_ pscale_pw_ pscale_oauth_ glsa_ sbp_ rubygems_ nfp_ fm1_ fm2_ fo1_ dp.pt. dp.st. dp.ct. dp.sa. dop_ ops_ pat_ key_ rpa_ tfp_ atlasv1. EAAC sq0abc- PMAK- NRAK- ATATT3 ATCTT3 ATBB xai- pplx- pul- tgp_v1_ voyage- fw_ csk- nvapi- LTAI AQVN ddp_',
    WORD,
    24,
  ],
]; // prettier-ignore

/** Drawn until it has letters of both cases and a digit, as far as its alphabet has them. */
function body(random: () => number, alphabet: string, length: number): string {
  const classes = [/[a-z]/, /[A-Z]/, /\d/].filter((one) => one.test(alphabet));
  for (;;) {
    const word = drawn(random, alphabet, length);
    if (classes.every((one) => one.test(word))) return word;
  }
}

test('a credential of each service is known by its prefix, from its shortest length on, and by nothing shorter', () => {
  assert.deepEqual(new Set(SHAPES.map(([kind]) => kind)), new Set(CREDENTIAL_SHAPES.map(({ kind }) => kind)));
  const random = randomFrom(7);
  for (const [kind, prefixes, alphabet, least, suffix = ''] of SHAPES)
    for (const prefix of prefixes.split(' ')) {
      const whole = `${prefix}${body(random, alphabet, least)}${suffix}`;
      assert.ok(SHAPE_TRIGGER.test(whole), `${prefix} is not looked for`);
      const { text, removed } = redactor.credentialsOnly(`it is ${whole} here`);
      assert.deepEqual([text, Object.keys(removed)], [`it is [redacted:${kind}] here`, [kind]], prefix);
      const cut = redactor.credentialsOnly(`it is ${prefix}${body(random, alphabet, least - 1)}${suffix} here`);
      assert.equal(cut.removed[kind], undefined, `${prefix} and ${least - 1}`);
    }
});

test('a shape in the middle of a word is none, behind an escape it is one', () => {
  const random = randomFrom(8);
  for (const [kind, prefix, alphabet, least] of [
    ['openai_key', 'sk-', WORD, 20],
    ['aws_key_id', 'AKIA', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16],
    ['npm_token', 'npm_', WORD, 36],
    ['huggingface_token', 'hf_', WORD, 30],
    ['twilio_key', 'SK', HEX, 32],
    ['mailgun_key', 'key-', HEX, 32],
    ['databricks_token', 'dapi', HEX, 32],
    ['vault_token', 'hvs.', WORD, 24],
    ['service_token', 'ntn_', WORD, 24],
  ] as const) {
    const whole = prefix + body(random, alphabet, least);
    const kinds = (text: string) => redactor.credentialsOnly(text).removed[kind];
    assert.equal(kinds(`x${whole}`), undefined, `x${prefix}`);
    assert.equal(kinds(`1${whole}`), undefined, `1${prefix}`);
    for (const before of ['"', '=', ':', '\\n', '\\t', '%20', '%3D']) assert.equal(kinds(`${before}${whole}`), 1, `${before}${prefix}`);
  }
  for (const [prefix, alphabet, least, behind] of [
    ['v1.', HEX, 40, 'a'],
    ['AKIA', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16, 'x'],
    ['SK', HEX, 32, 'a'],
  ] as const)
    assert.deepEqual(redactor.credentialsOnly(`${prefix}${drawn(random, alphabet, least)}${behind}`).removed['github_token'], undefined);
}); // prettier-ignore

test('names that have a prefix and the length, and are words, stay', () => {
  for (const line of [
    'sk-loading-indicator-for-tables',
    'sk-loading-Indicator-for-tables',
    'secret_manager_client_with_options',
    'key_of_something_that_is_very_long_indeed',
    'pat_abcdefghijklmnopqrstuvwx',
    'fw_123456789012345678901234',
  ])
    assert.equal(redactor.credentialsOnly(line).text, line);
});

const DASHES = '-'.repeat(5);
const header = (kind: string) => `${DASHES}BEGIN ${kind}PRIVATE KEY${DASHES}`;
const footer = (kind: string) => `${DASHES}END ${kind}PRIVATE KEY${DASHES}`;

test('a private key goes from its first line to its last, and a torn one as far as it looks like one', () => {
  const line = drawn(randomFrom(9), `${WORD}+/`, 64);
  const lines = `${line}\n${line}\n`;
  const shown = (text: string) => redactor.credentialsOnly(text).text;
  for (const kind of ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED '])
    assert.equal(shown(`a\n${header(kind)}\n${lines}${footer(kind)}\nb`), 'a\n[redacted:private_key]\nb', kind);
  const pgp = `${DASHES}BEGIN PGP PRIVATE KEY BLOCK${DASHES}\n\n${lines}${DASHES}END PGP PRIVATE KEY BLOCK${DASHES}`;
  assert.equal(shown(`a\n${pgp}\nb`), 'a\n[redacted:private_key]\nb');
  assert.equal(shown(`PuTTY-User-Key-File-2: ssh-rsa\n${lines}Private-MAC: 0a1b\nb`), '[redacted:private_key]\nb');
  assert.equal(shown(`${header('')}\n${lines}(torn) b`), '[redacted:private_key](torn) b');
  assert.equal(shown(`${header('')}\\n${line}\\n${footer('')}", "b": 1`), '[redacted:private_key]", "b": 1');
  const two = `${header('')}\n${lines}${footer('')}\nx\n`;
  assert.equal(shown(two + two), '[redacted:private_key]\nx\n[redacted:private_key]\nx\n');
});

test('in a stream a private key is passed over line by line, until it ends, four hundred lines or a line that is none', () => {
  const line = drawn(randomFrom(10), `${WORD}+/`, 64);
  const streamed = (...lines: readonly string[]) => {
    const stream = createStreamRedactor({ secrets: [] });
    const parts = lines.map((one) => stream.push(Buffer.from(`${one}\n`)));
    return Buffer.concat([...parts, stream.end()]).toString();
  };
  const cut = '[redacted:private_key]';
  assert.equal(streamed('a', header(''), line, '', 'Proc-Type: 4,ENCRYPTED', footer(''), 'b'), `a\n${cut}\n\n\n\n\nb\n`);
  assert.equal(streamed(header(''), line, 'this is no line of a key (', 'b'), `${cut}\n\nthis is no line of a key (\nb\n`);
  assert.equal(streamed(header(''), line, `${footer('')} and more`, 'b'), `${cut}\n\n and more\nb\n`);
  assert.equal(streamed(`${header('')} ${line} ${footer('')}`, 'b'), `${cut}\nb\n`, 'all on one line');
  const many = Array.from({ length: 420 }, () => 'QUJD');
  const left = streamed(header(''), ...many).split('\n').filter((one) => one === 'QUJD').length;
  assert.equal(left, 420 - 399);
}); // prettier-ignore
