/** Which names say that their value is a secret. */

const SECRET_WORDS = new Set([
  'token',
  'secret',
  'secrets',
  'password',
  'passwd',
  'passwort',
  'pwd',
  'passphrase',
  'passcode',
  'passcommand',
  'pass',
  'pw',
  'psk',
  'storepass',
  'keypass',
  'srcstorepass',
  'deststorepass',
  'requirepass',
  'bindpw',
  'rootpw',
  'newpassword',
  'userpassword',
  'authkey',
  'credential',
  'credentials',
  'cookie',
  'cookies',
  'authorization',
  'apikey',
  'apitoken',
  'authtoken',
  'accesstoken',
  'secretkey',
  'privatekey',
  'accesskey',
  'auth',
  'pat',
  'jwt',
  'bearer',
  'pgpassword',
  'connectionstring',
]);

/** A key is a secret by the word before it: `primary_key`, `cache_key`, `public_key` and `sort_key` are none. */
const SECRET_KEY_OF = new Set([
  'api',
  'access',
  'secret',
  'private',
  'signing',
  'encryption',
  'master',
  'auth',
  'account',
  'service',
  'storage',
  'app',
  'application',
  'client',
  'deploy',
  'license',
  'licence',
  'subscription',
  'function',
  'anthropic',
  'openai',
  'gemini',
  'google',
  'azure',
  'aws',
  'webhook',
  'admin',
  'root',
  'jwt',
  'session',
  'shared',
]);

/** In capitals any `..._KEY` is one, as the environment has it, except these. */
const PLAIN_KEY_OF = new Set([
  'primary',
  'foreign',
  'public',
  'sort',
  'cache',
  'partition',
  'index',
  'row',
  'group',
  'unique',
  'hot',
  'map',
  'registry',
  'lookup',
  'object',
  'dedup',
  'idempotency',
  'routing',
  'arrow',
  'storage',
]);

/** `auth`, `pat` and `token` alone are also words of programs; the value has to look like a secret then. */
const WEAK_NAMES = new Set([
  'auth',
  'pat',
  'bearer',
  'token',
  'secret',
  'cookie',
  'cookies',
  'credentials',
  'secrets',
  'pwd',
  'pass',
  'pw',
  'psk',
  'jwt',
]);

export type SecretName = 'no' | 'weak' | 'strong';

/** `GITHUB_TOKEN`, `apiKey`, `x-api-key`, `AWS_SECRET_ACCESS_KEY`, `set-cookie`; not `input_tokens` or `primary_key`. */
export function secretNameOf(name: string): SecretName {
  const words = wordsOf(name);
  const last = words.at(-1);
  // PWD is where a shell stands.
  if (last === undefined || name === 'PWD') return 'no';
  const before = words.at(-2) ?? '';
  if (before === 'existing' || (words.length > 1 && DOING.has(words[0] ?? ''))) return 'no';
  if (last === 'key' || last === 'keys') return secretKeyOf(name, before);
  // AWS_ACCESS_KEY_ID names the pair, and goes with it.
  if (last === 'id') return before === 'key' && words.at(-3) === 'access' ? 'strong' : 'no';
  // `ConnectionString`, `AZURE_STORAGE_CONNECTION_STRING`: user and password stand in it, or a key.
  if (last === 'string' && before === 'connection') return 'strong';
  if (!SECRET_WORDS.has(last)) return 'no';
  if ((last === 'token' || last === 'tokens') && COUNTED_TOKEN.has(before)) return 'no';
  if (last === 'pass' && PASSED.has(before)) return 'no';
  if (words.length === 1 && WEAK_NAMES.has(last) && name !== name.toUpperCase()) return 'weak';
  return 'strong';
}

/** A language model's and a parser's tokens. */
const COUNTED_TOKEN = new Set([
  'next',
  'pad',
  'eos',
  'bos',
  'unk',
  'mask',
  'current',
  'last',
  'first',
  'prev',
  'per',
  'cancellation',
  'syntax',
  'page',
  'continuation',
]);

/** `--ask-password`, `--no-auth`: what is to be done about one. */
const DOING = new Set('ask no prompt skip require generate disable allow without'.split(' '));

/** A compiler's, a renderer's, a filter's and a test's. */
const PASSED = new Set(
  'single two multi one first second third last next final fast render shadow test by high low band all no must force compiler opt'.split(
    ' ',
  ),
);

function secretKeyOf(name: string, before: string): SecretName {
  if (before === '') return 'no';
  if (SECRET_KEY_OF.has(before)) return 'strong';
  return name === name.toUpperCase() && !PLAIN_KEY_OF.has(before) ? 'weak' : 'no';
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((word) => word.replace(/\d+$/, '')) // `password2`, `API_KEY_2`
    .filter((word) => word !== '');
}
