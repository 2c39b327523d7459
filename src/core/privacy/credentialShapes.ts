/**
 * The forms in which services hand out credentials, found anywhere in a text.
 *
 * Own table instead of a rule package: secretlint's preset brings its engine and its own file reading (over 1 MB
 * unpacked, more than the whole extension may weigh), works on files rather than strings, and finds neither
 * assignments nor terms that identify a person. It serves as a second opinion in the tests.
 *
 * Every expression starts with a literal, has no nested repetition and an upper bound where another part follows, so
 * that no text makes it backtrack.
 */
export interface CredentialShape {
  readonly kind: string;
  readonly pattern: RegExp;
  /** Whether a match is one; for shapes that words of ordinary text can have too. */
  readonly isCredential?: (match: string) => boolean;
}

/** Not in the middle of a word; the letter of an escape (`\n`, `%20`) is no part of one. */
const LEFT = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[nrtbfv]|%[0-9A-Fa-f]{2}))`;

function shape(kind: string, source: string, isCredential?: (match: string) => boolean): CredentialShape {
  const pattern = new RegExp(source, 'g');
  return isCredential === undefined ? { kind, pattern } : { kind, pattern, isCredential };
}

/** `sk-loading-indicator-for-tables` is a CSS class: a key has a digit or both cases, and one long part. */
function looksRandom(match: string): boolean {
  const body = match.slice(match.indexOf('-') + 1);
  if (!/[A-Za-z0-9]{16}/.test(body)) return /\d/.test(body) && /[A-Z]/.test(body) && /[a-z]/.test(body);
  return /\d/.test(body) || (/[a-z]/.test(body) && /[A-Z]/.test(body));
}

export const CREDENTIAL_SHAPES: readonly CredentialShape[] = [
  shape('anthropic_key', 'sk-ant-[A-Za-z0-9_-]{16,}'),
  shape('openai_key', `${LEFT}sk-[A-Za-z0-9_-]{20,}`, looksRandom),
  shape('github_token', 'gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,}|v1\\.[0-9a-f]{40}(?![0-9a-f])'),
  shape(
    'gitlab_token',
    '(?:gl(?:pat|ptt|dt|rt|cbt|ft|imt|agent|oas|soat|rtr|ffct)-|GR1348941)[A-Za-z0-9_.-]{19,}[A-Za-z0-9_-]',
  ),
  shape('aws_key_id', `${LEFT}(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z2-7]{16}(?![A-Za-z0-9])`),
  shape(
    'google_key',
    'AIza[A-Za-z0-9_-]{35}|ya29\\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}|1//0[A-Za-z0-9_-]{30,}',
  ),
  shape('azure_secret', '[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}'),
  shape(
    'slack_token',
    'xox[abeoprs](?:\\.xox[abp])?-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}|hooks\\.slack\\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{16,}',
  ),
  shape('stripe_key', '(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/]{20,}={0,2}'),
  shape('npm_token', `${LEFT}npm_[A-Za-z0-9]{36,}`),
  shape('pypi_token', 'pypi-[A-Za-z0-9_-]{50,}'),
  shape('huggingface_token', `${LEFT}(?:hf|api_org)_[A-Za-z0-9]{30,}`),
  shape('jwt', `${LEFT}eyJ[A-Za-z0-9_-]{8,4096}\\.eyJ[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]*)?`),
  shape('telegram_token', `${LEFT}[0-9]{8,10}:AA[A-Za-z0-9_-]{33}`),
  shape(
    'discord_token',
    `${LEFT}[MNO][A-Za-z0-9_-]{23,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,}|discord(?:app)?\\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]{20,}`,
  ),
  shape('twilio_key', `${LEFT}(?:SK|AC)[0-9a-f]{32}(?![0-9a-f])`),
  shape('sendgrid_key', 'SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{16,64}'),
  shape('mailgun_key', `${LEFT}key-[0-9a-f]{32}(?![0-9a-f])`),
  shape('mailchimp_key', '[0-9a-f]{32}-us[0-9]{1,2}(?![0-9A-Za-z])'),
  shape('digitalocean_token', 'do[opr]_v1_[0-9a-f]{64}'),
  shape('shopify_token', 'shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}'),
  shape('databricks_token', `${LEFT}dapi[0-9a-f]{32}`),
  shape('vault_token', `${LEFT}hv[sbr]\\.[A-Za-z0-9_-]{24,}`),
  shape('age_key', 'AGE-SECRET-KEY-1[A-Z0-9]{58}'),
  shape('telegraph_token', 'sntr(?:ys|yu)_[A-Za-z0-9_+/=-]{30,}|tskey-[a-z]+-[A-Za-z0-9-]{16,}'),
  // Services whose prefix alone says what it is, followed by one random word.
  shape(
    'service_token',
    `${LEFT}(?:lin_api_|ntn_|secret_|figd_|gsk_|r8_|dckr_pat_|dckr_oat_|pscale_(?:tkn|pw|oauth)_|glsa_|sbp_|rubygems_|nfp_|fm[12]_|fo1_|dp\\.(?:pt|st|ct|sa)\\.|dop_|ops_|pat_|key_|rpa_|tfp_|atlasv1\\.|EAAC|sq0[a-z]{3}-|PMAK-|NRAK-|ATATT3|ATCTT3|ATBB|xai-|pplx-|pul-|tgp_v1_|voyage-|fw_|csk-|nvapi-|LTAI|AQVN|ddp_)[A-Za-z0-9_=-]{24,}`,
    looksRandomWord,
  ),
];

/** `secret_manager_client_with_options` has the prefix and the length too. */
function looksRandomWord(match: string): boolean {
  return /[A-Za-z0-9]{20}/.test(match) && /\d/.test(match) && /[A-Za-z]/.test(match.slice(8));
}

/**
 * Whether any shape can match: one pass over the text instead of one for each shape. Words without classes come first:
 * the engine makes one tree of those that stand together (9% of the redactor's time instead of 16%).
 */
export const SHAPE_TRIGGER =
  /AGE-|AIza|AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AQVN|ATATT|ATCTT|ATBB|EAAC|GOCSPX|GR13|LTAI|NRAK|PMAK|SG\.|api_org_|atlasv1|csk-|dapi|dckr_|ddp_|dop_|dp\.|eyJ|figd_|fm1_|fm2_|fo1_|fw_|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|glptt-|gldt-|glrt-|glcbt-|glft-|glimt-|glagent-|gloas-|glsoat-|glrtr-|glffct-|glsa_|gsk_|hf_|hooks\.slack|hvs\.|hvb\.|hvr\.|k_live|k_test|key-|key_|lin_|nfp_|npm_|ntn_|nvapi-|ops_|pat_|pplx-|pscale_|pul-|pypi-|r8_|rpa_|rubygems_|sbp_|secret_|shpa|shpc|shpp|shps|sk-|sntry|sq0|tfp_|tgp_v1_|tskey|voyage-|webhooks|whsec_|xai-|xapp-|xox|ya29\.|_v1_|-us|:AA|1\/\/0|Q~|v1\.[0-9a-f]{8}|SK[0-9a-f]{8}|AC[0-9a-f]{8}|\.[A-Za-z0-9_-]{6}\./;

const BEGIN =
  /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----|PuTTY-User-Key-File-/g;
const END =
  /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2 ENCRYPTED PRIVATE KEY ----|Private-MAC: [0-9a-f]+/g;
/** What the lines of a torn key consist of; the escapes are those of a key within JSON. */
const KEY_BODY = /(?:[A-Za-z0-9+/=\s:,.-]|\\[nr])*/y;

/** Private keys are blocks, not words: from their first line to their last, or as far as the text looks like a key. */
export function removePrivateKeys(text: string, remove: (kind: string) => string): string {
  if (!text.includes('PRIVATE KEY') && !text.includes('PuTTY-User-Key-File-')) return text;
  let result = '';
  let at = 0;
  BEGIN.lastIndex = 0;
  for (let begin = BEGIN.exec(text); begin !== null; begin = BEGIN.exec(text)) {
    END.lastIndex = BEGIN.lastIndex;
    KEY_BODY.lastIndex = BEGIN.lastIndex;
    KEY_BODY.test(text);
    const end = END.exec(text) === null ? KEY_BODY.lastIndex : END.lastIndex;
    result += text.slice(at, begin.index) + remove('private_key');
    at = Math.max(end, BEGIN.lastIndex);
    BEGIN.lastIndex = at;
  }
  return result + text.slice(at);
}

/** Whether a line is the first of a private key that goes on. */
export function beginsPrivateKey(line: string): boolean {
  if (!line.includes('PRIVATE KEY') && !line.includes('PuTTY-User-Key-File-')) return false;
  const last = [...line.matchAll(BEGIN)].at(-1);
  return last !== undefined && endOfPrivateKey(line.slice(last.index + last[0].length)) === undefined;
}

/** Where a private key ends in a line of it. */
export function endOfPrivateKey(line: string): number | undefined {
  END.lastIndex = 0;
  return END.test(line) ? END.lastIndex : undefined;
}

/** A word of base64, a header such as `Proc-Type: 4,ENCRYPTED`, or nothing. */
export function isPrivateKeyLine(line: string): boolean {
  return /^\s*(?:[A-Za-z0-9+/=]{1,128}|[A-Z][A-Za-z-]{2,30}: [^\n]{0,120})?\s*$/.test(line);
}
