import type { FailureCategory } from '../../../src/core/words/vocabulary.ts';

/** Every right answer, the best one first; `none` is no failure. */
export type Labels = readonly (FailureCategory | 'none')[];

/** What the model asks for, whatever the agent calls its tools; `URL` and `CLOSED` stand for two servers' addresses. */
export type Step =
  | { readonly shell: string; readonly limitMs?: number; readonly labels: Labels }
  | { readonly read: string; readonly labels: Labels }
  | { readonly edit: readonly [path: string, old: string, text: string]; readonly labels: Labels }
  /** Of a tool that no agent has, or the shell with arguments that it does not take, or that are no JSON. */
  | { readonly wrong: 'tool' | 'arguments' | 'json'; readonly labels: Labels };

/** How the service or the process ends it. */
export type Ending =
  | { readonly type: 'answer' }
  | { readonly type: 'status'; readonly status: number; readonly message: string }
  | { readonly type: 'closed' | 'gone' }
  /** One request fails, the next ones do not. */
  | { readonly type: 'recovers' }
  /** A signal, while the last call is open. */
  | { readonly type: 'signal'; readonly signal: 'SIGKILL' | 'SIGTERM' };

export function isOfService({ type }: Ending): boolean {
  return type === 'status' || type === 'closed' || type === 'gone';
}

export interface Situation {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly ending: Ending;
}

const MISSING: Labels = ['missing_dependency'];
const ABSENT_FILE: Labels = ['missing_dependency', 'command_exit', 'model'];
const EXIT: Labels = ['command_exit'];
const EXIT_OR_RESOURCE: Labels = ['command_exit', 'resource', 'unknown'];
const NETWORK: Labels = ['network'];
const SLOW_NETWORK: Labels = ['timeout', 'network'];
const TIMEOUT: Labels = ['timeout'];
const RESOURCE: Labels = ['resource'];
const DENIED: Labels = ['sandbox_approval'];
const SCHEMA: Labels = ['tool_schema'];
const MISREAD: Labels = ['tool_schema', 'model', 'missing_dependency', 'command_exit'];
const NONE: Labels = ['none'];

const sh = (shell: string, labels: Labels): Step => ({ shell, labels });
const limited = (shell: string, limitMs: number, labels: Labels): Step => ({ shell, limitMs, labels });

/** Printed as programs print it that a bare machine has not. */
const says = (text: string, code: number, labels: Labels): Step =>
  sh(`printf '%b\\n' '${text}' >&2; exit ${code}`, labels);

function situation(name: string, ...steps: readonly Step[]): Situation {
  return { name, steps, ending: { type: 'answer' } };
}

const COMMANDS: readonly Situation[] = [
  situation('calm', sh('ls', NONE), { read: 'notes.txt', labels: NONE }, sh('git status --short | head -3', NONE)),
  situation('programs that are not there', sh('quuxctl get pods', MISSING), sh('./gradlew-not-here build', MISSING)),
  situation(
    'modules that are not there',
    sh(`python3 -c 'import quuxlib'`, MISSING),
    sh(`node -e 'require("quux-left-pad")'`, MISSING),
    sh('perl -MQuux::Parser -e 1', MISSING),
  ),
  situation('files that are not there', sh('cat config/none.toml', ABSENT_FILE), sh('python3 nowhere.py', ABSENT_FILE)),
  situation(
    'a plain exit',
    sh('echo half done; exit 3', EXIT),
    sh('false', EXIT),
    sh(`node -e 'process.exit(9)'`, EXIT),
  ),
  situation('tests that fail', sh('python3 -m unittest -q check_sums', EXIT), sh('node --test sums.test.mjs', EXIT)),
  situation('sources that do not compile', sh('gcc -c bad.c', EXIT), sh('python3 -m py_compile bad.py', EXIT)),
  situation('uncaught exceptions', sh(`node -e 'null.x'`, EXIT), sh(`python3 -c 'int("x")'`, EXIT)),
  situation(
    'git says no',
    sh('git checkout no-such-branch', EXIT),
    sh('git push upstream main', ['command_exit', 'network', 'missing_dependency']),
    sh('git merge --no-such-option', EXIT),
  ),
  situation(
    'nobody listens',
    sh('curl -sS http://CLOSED/health', NETWORK),
    sh(`python3 -c 'import urllib.request as u; u.urlopen("http://CLOSED/")'`, NETWORK),
    sh(`node -e 'fetch("http://CLOSED/")'`, NETWORK),
  ),
  situation(
    'no such host',
    sh('curl -sS http://quux.invalid/', NETWORK),
    sh('git clone -q https://quux.invalid/repository.git', NETWORK),
    sh(`python3 -c 'import socket; socket.create_connection(("quux.invalid", 80))'`, NETWORK),
  ),
  situation('answers of servers', sh('curl -fsS URL/status/503', NETWORK), sh('wget -nv -O - URL/status/404', NETWORK)),
  situation('a server that hangs', sh('curl -sS -m 1 URL/hang', SLOW_NETWORK)),
  situation('limits of commands', sh('timeout 0.3 sleep 30', TIMEOUT), sh('timeout 0.2 tail -f notes.txt', TIMEOUT)),
  situation('limits of the tool', limited('echo begun; sleep 30', 1500, ['timeout', 'background_job'])),
  situation('not allowed', sh('./data.txt', DENIED), sh('echo 1 > /sys/kernel/notes', DENIED), sh('ls', NONE)),
  situation(
    'a full disk',
    sh('cp notes.txt /dev/full', RESOURCE),
    sh(`python3 -c 'print("x" * 9999)' > /dev/full`, RESOURCE),
  ),
  situation(
    'memory',
    sh(`ulimit -v 400000; python3 -c 'bytearray(10**10)'`, RESOURCE),
    sh(`node --max-old-space-size=24 -e 'const a=[]; for(;;) a.push(Array(9999).fill(1.5))'`, RESOURCE),
  ),
  situation(
    'descriptors and processes',
    sh(`ulimit -n 24; python3 -c '[open("/dev/null") for _ in range(99)]'`, RESOURCE),
    says('worker: cannot fork: Resource temporarily unavailable', 11, RESOURCE),
    says('Error: ENOSPC: System limit for number of file watchers reached, watch /srv', 1, RESOURCE),
  ),
  situation(
    'signals',
    sh('sh -c "kill -SEGV \\$\\$"', EXIT_OR_RESOURCE),
    sh('sh -c "kill -ABRT \\$\\$"', EXIT_OR_RESOURCE),
  ),
  situation(
    'answers that are no failures',
    sh('grep -rn quuxquux notes.txt', NONE),
    sh('diff notes.txt data.txt', NONE),
    sh('test -f nowhere.py', NONE),
    sh('which quuxctl', NONE),
  ),
  situation(
    'error words in what succeeds',
    sh('cat build.log', NONE),
    sh('echo "error: connection refused, timed out, permission denied" >&2', NONE),
    { read: 'build.log', labels: NONE },
    sh('git log --oneline -3', NONE),
  ),
  situation(
    'an edit that misses',
    { read: 'notes.txt', labels: NONE },
    { edit: ['notes.txt', 'a line that is nowhere in it', 'x'], labels: ['model', 'tool_schema'] },
    { edit: ['notes.txt', 'second line', 'line two'], labels: NONE },
  ),
  situation(
    'paths that a tool refuses',
    { read: 'nowhere.txt', labels: MISREAD },
    { read: 'folder', labels: ['none', ...MISREAD] },
  ),
  situation(
    'calls that fit no tool',
    { wrong: 'tool', labels: SCHEMA },
    { wrong: 'arguments', labels: SCHEMA },
    sh('true', NONE),
  ),
  situation(
    'arguments that are no JSON',
    { wrong: 'json', labels: ['tool_schema', 'model', 'unknown', 'none'] },
    sh('true', NONE),
  ),
  situation(
    'credentials of programs',
    sh('curl -fsS URL/status/401', NETWORK),
    sh('GIT_TERMINAL_PROMPT=0 git ls-remote URL/status/401/private.git', NETWORK),
    says('npm error code E401\\nnpm error Incorrect or missing password.', 1, NETWORK),
  ),
  situation('no common language', sh(`curl -sS "$(echo URL | sed s/http:/https:/)/"`, NETWORK)),
  situation(
    'registries out of reach',
    sh('npm install quux-left-pad --registry http://CLOSED --fetch-retries 0 --no-audit', NETWORK),
    sh('pip install --retries 0 --disable-pip-version-check -i http://CLOSED/simple quuxlib', [
      'network',
      'missing_dependency',
    ]),
  ),
  situation(
    'tools that read files',
    sh('jq . bad.json', EXIT),
    sh('tar xf notes.txt', EXIT),
    sh('make no-such-target', ['command_exit', 'missing_dependency']),
  ),
  situation(
    'a library that is gone',
    sh(
      'echo "int q(){return 1;}" > q.c && gcc -shared -o libquux.so q.c && echo "int q();int main(){return q();}" > m.c && gcc m.c -L. -lquux -o m && rm libquux.so && ./m',
      MISSING,
    ),
    sh('printf "#!/usr/bin/env quuxlang\\n" > s.qx && chmod +x s.qx && ./s.qx', MISSING),
  ),
  situation('shell syntax', sh('if then fi', EXIT), sh('echo $((1 +* 2))', EXIT)),
  situation('a long output before the failure', sh('seq 1 3000; echo "fatal: the end" >&2; exit 4', EXIT)),
  situation('bytes that are no text', sh(`printf '\\377\\001\\342\\200\\250x'; exit 5`, EXIT)),
  situation('quiet programs', sh('curl -s http://CLOSED/', NETWORK), sh('wget -q http://CLOSED/', NETWORK)),
  situation(
    'a port that is taken',
    sh(
      `python3 -c 'import socket as s; a=s.socket(); a.bind(("127.0.0.1",0)); a.listen(); s.create_server(a.getsockname())'`,
      ['command_exit', 'resource', 'network'],
    ),
  ),
  situation(
    'many steps',
    ...Array.from({ length: 6 }, (_, i): Step => (i % 2 === 0 ? sh(`echo ${i}`, NONE) : sh(`exit ${i}`, EXIT))),
  ),
];

const ends = (name: string, ending: Ending, ...steps: readonly Step[]): Situation => ({ name, steps, ending });
const refused = (status: number, message: string): Situation =>
  ends(`the service says ${status}`, { type: 'status', status, message }, sh('echo before', NONE));
const OPEN: Labels = ['unknown', 'background_job', 'timeout', 'command_exit'];

const ENDINGS: readonly Situation[] = [
  refused(401, 'The key that was given has been revoked.'),
  refused(404, 'The model mock-model does not exist.'),
  refused(429, 'Too many requests for this key; try later.'),
  refused(500, 'The server had an error.'),
  refused(529, 'Overloaded'),
  refused(400, "This model's maximum context length is 8192 tokens; the messages have 9100."),
  ends('the service hangs up', { type: 'closed' }, sh('echo before', NONE)),
  ends('the service is gone', { type: 'gone' }),
  ends('the service recovers', { type: 'recovers' }, sh('echo after', NONE)),
  ends(
    'killed in a call',
    { type: 'signal', signal: 'SIGKILL' },
    sh('echo one', NONE),
    sh('touch OPEN; sleep 12', OPEN),
  ),
  ends(
    'terminated in a call',
    { type: 'signal', signal: 'SIGTERM' },
    sh('echo one', NONE),
    sh('touch OPEN; sleep 12', OPEN),
  ),
];

export const SITUATIONS: readonly Situation[] = [...COMMANDS, ...ENDINGS];

export function situationNamed(name: string): Situation {
  const found = SITUATIONS.find((situation) => situation.name === name);
  if (found === undefined) throw new Error(`there is no situation "${name}"`);
  return found;
}
