import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One piece of work that is done again and again, each time with one thing changed on purpose. */
export interface Change {
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
  /** In front of the whole command line, recorder and all. */
  readonly before?: readonly string[];
  /** Programs of the work by their names: a script, or none. */
  readonly programs?: Readonly<Record<string, string | undefined>>;
}

export interface Pair {
  readonly what: string;
  /** What the first difference has to be, and what its sentence has to say. */
  readonly first: RegExp;
  readonly says?: RegExp;
  readonly b: Change;
  readonly a?: Change;
  /** Every day, not in the soak alone. */
  readonly isDaily?: true;
  readonly needs?: 'control groups';
}

/** Speaks Claude Code's stream, with times, and really runs its commands. */
export const AGENT = `#!/usr/bin/env python3
import datetime, json, os, resource, signal, subprocess, sys, time
for limit in filter(None, os.environ.get('LIMITS', '').split(',')):
    name, value = limit.split('=')
    resource.setrlimit(getattr(resource, 'RLIMIT_' + name), (int(value), resource.getrlimit(getattr(resource, 'RLIMIT_' + name))[1]))
def out(**record):
    at = datetime.datetime.now(datetime.timezone.utc).isoformat()
    print(json.dumps({**record, 'timestamp': at, 'session_id': '5f0c0000-1111-4222-8333-444455556666'}), flush=True)
out(type='system', subtype='init', cwd=os.getcwd(), tools=['Bash'], model='m', claude_code_version=os.environ.get('AGENT_VERSION', '2.1.4'))
def call(n, command):
    use = {'type': 'tool_use', 'id': f't{n}', 'name': 'Bash', 'input': {'command': command}}
    out(type='assistant', message={'id': f'm{n}', 'role': 'assistant', 'content': [use]})
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    said = done.stdout + done.stderr
    text = f'Exit code {done.returncode}\\n{said}' if done.returncode else said
    result = {'type': 'tool_result', 'tool_use_id': f't{n}', 'content': text, 'is_error': done.returncode != 0}
    out(type='user', message={'role': 'user', 'content': [result]})
with open('helper.log', 'w') as log:
    helper = subprocess.Popen(['helper'], stdout=log, stderr=log) if os.environ.get('HELPER') != 'off' else None
for n, command in enumerate(['tool --version', 'fetch model', 'build all', 'check notes.txt', *os.environ.get('MORE', '').split(';')]):
    if command: call(n, command)
if helper and os.environ.get('HELPER') != 'stays': helper.kill(); helper.wait()
if os.environ.get('EXTRA'): subprocess.run(os.environ['EXTRA'], shell=True)
end = json.loads(os.environ.get('END', '{}'))
if os.environ.get('SIGNAL'): os.kill(os.getpid(), int(os.environ['SIGNAL']))
out(type='result', **{'subtype': 'success', 'is_error': False, 'num_turns': 4, 'result': 'done', **end})
sys.exit(int(os.environ.get('EXIT', '0')))
`;

const PYTHON = '#!/usr/bin/env python3\n';
const PROGRAMS: Readonly<Record<string, string>> = {
  claude: AGENT,
  tool: '#!/bin/sh\necho "tool 1.4.2 (stable)"\n',
  fetch: '#!/bin/sh\nsleep 0.3\necho fetched\n',
  build: `${PYTHON}import time\nheld = bytearray(24 << 20)\ntime.sleep(0.5)\nprint("built")\n`,
  check: '#!/bin/sh\ngrep -c line "$1"\n',
  helper: `${PYTHON}import time\ntime.sleep(300)\n`,
};

/** Lays its programs out for one run. It works in one folder always, since another folder would be a difference. */
export function layOut(folder: string, bin: string, { programs = {} }: Change): Readonly<Record<string, string>> {
  mkdirSync(folder, { recursive: true });
  mkdirSync(bin);
  for (const [name, text] of Object.entries({ ...PROGRAMS, ...programs })) {
    if (text === undefined) continue;
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  writeFileSync(join(folder, 'notes.txt'), 'a line\n');
  return { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: folder };
}

const LEAK = `${PYTHON}import time\nheld = []\nfor _ in range(40):\n    held.append(bytearray(4 << 20)); time.sleep(0.02)\ntime.sleep(300)\n`;
const failing = (text: string, code: number): string => `#!/bin/sh\nsleep 0.3\necho "${text}" >&2\nexit ${code}\n`;
const limit = (name: string, value: number): Change => ({ env: { LIMITS: `${name}=${value}` } });

export const PAIRS: readonly Pair[] = [
  { what: 'address space', first: /^address_space_kb$/, b: limit('AS', 3_000_000_000), isDaily: true },
  { what: 'open files', first: /^open_files$/, b: limit('NOFILE', 64), says: /^Open files limit: .* 64 in B/ },
  { what: 'file size', first: /^file_size_kb$/, b: limit('FSIZE', 50_000_000) },
  { what: 'CPU time', first: /^cpu_seconds$/, b: limit('CPU', 500) },
  { what: 'processes', first: /^processes$/, b: limit('NPROC', 3000) },
  { what: 'data', first: /^data_kb$/, b: limit('DATA', 2_000_000_000) },
  {
    what: 'memory limit',
    first: /^(?:memory_limit_kb|own_limits)$/,
    b: { flags: ['--memory-limit', '300M'] },
    needs: 'control groups',
  },
  { what: 'number of processes', first: /^own_limits$/, b: { flags: ['--pids-limit', '90'] }, needs: 'control groups' },
  { what: 'a time limit', first: /^timeout_seconds$/, b: { flags: ['--timeout', '300'] } },
  { what: 'a time limit that is too short', first: /^timeout_seconds$/, b: { flags: ['--timeout', '1'] } },
  { what: 'cores', first: /^cores$/, b: { before: ['taskset', '-c', '0'] }, says: /^Cores: \d+ in A, 1 in B/ },
  { what: 'agent version', first: /^agent_version$/, b: { env: { AGENT_VERSION: '2.2.0' } } },
  {
    what: "a tool's version",
    first: /^answer_version$/,
    says: /1\.4\.2 in A, 1\.5\.0 in B/,
    b: { programs: { tool: '#!/bin/sh\necho "tool 1.5.0 (stable)"\n' } },
  },
  {
    what: "a tool's next release",
    first: /^answer_version$/,
    b: { programs: { tool: '#!/bin/sh\necho "tool 2.0.0-beta.1 (stable)"\n' } },
  },
  {
    what: 'a missing program',
    first: /^failure$/,
    says: /^Only B met this: program missing, at `tool --version`/,
    b: { programs: { tool: undefined } },
    isDaily: true,
  },
  {
    what: 'a missing module',
    first: /^failure$/,
    says: /module missing, at `build all`/,
    b: { programs: { build: `${PYTHON}import not_there_at_all\n` } },
  },
  {
    what: 'a missing file',
    first: /^failure$/,
    says: /at `check notes\.txt`/,
    b: { programs: { check: '#!/bin/sh\ncat "$1.not-there"\n' } },
  },
  {
    what: 'a program that may not run',
    first: /^failure$/,
    says: /at `check notes\.txt`/,
    b: { programs: { check: '#!/bin/sh\nexec ./notes.txt\n' } },
  },
  {
    what: 'a slow network',
    first: /^call_seconds$/,
    says: /^Call took: `fetch model`/,
    b: { programs: { fetch: '#!/bin/sh\nsleep 5\necho fetched\n' } },
  },
  {
    what: 'a slow build',
    first: /^call_seconds$/,
    says: /`build all`/,
    b: { programs: { build: `${PYTHON}import time\nheld = bytearray(24 << 20)\ntime.sleep(5)\nprint("built")\n` } },
  },
  {
    what: 'a refused connection',
    first: /^failure$/,
    says: /connection refused, at `fetch model`/,
    b: { programs: { fetch: failing('curl: (7) Failed to connect to example.org port 443: Connection refused', 7) } },
  },
  {
    what: 'a host that is not found',
    first: /^failure$/,
    says: /name not resolved, at `fetch model`/,
    b: { programs: { fetch: failing('curl: (6) Could not resolve host: example.org', 6) } },
  },
  {
    what: 'a download that takes too long',
    first: /^failure$/,
    says: /at `fetch model`/,
    b: { programs: { fetch: failing('curl: (28) Operation timed out after 300 milliseconds', 28) } },
  },
  {
    what: 'a leaking helper',
    first: /^process_peak_kb$/,
    says: /helper/,
    b: { programs: { helper: LEAK, fetch: '#!/bin/sh\nsleep 1.5\necho fetched\n' } },
    isDaily: true,
  },
  { what: 'a helper that stays', first: /^leftovers$/, says: /never by A, once by B/, b: { env: { HELPER: 'stays' } } },
  { what: 'no helper', first: /^process$/, says: /^Only A ran .*helper/, b: { env: { HELPER: 'off' } } },
  { what: 'an exit code', first: /^(?:outcome|exit_code)$/, says: /in A/, b: { env: { EXIT: '3' } } },
  {
    what: 'another exit code',
    first: /^exit_code$/,
    says: /^Exit code: 3 in A, 4 in B\.$/,
    a: { env: { EXIT: '3' } },
    b: { env: { EXIT: '4' } },
  },
  { what: 'a signal', first: /^(?:outcome|cause|signal)$/, b: { env: { SIGNAL: '15' } } },
  {
    what: 'one more call',
    first: /^call$/,
    says: /`ls -a` was called never in A, once in B/,
    b: { env: { MORE: 'ls -a' } },
  },
];
