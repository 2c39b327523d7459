import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { arrayOf, recordOf, stringOf } from '../../src/core/words/json.ts';
import { overviewOf } from '../../src/server/panel/overviewOf.ts';
import { SessionReader } from '../../src/server/panel/sessionReader.ts';
import { logRootAt } from '../../src/logs/logRoot.ts';
import { published, runCli, testRoot } from './builtCli.ts';

const root = testRoot();
after(() => root.remove());

const bin = join(root.path, 'bin');
mkdirSync(bin, { recursive: true });
/** Speaks Claude Code's stream and really runs its commands; ends as `END` says. */
const AGENT = `#!/usr/bin/env python3
import json, os, subprocess, sys
def out(**record): print(json.dumps({**record, 'session_id': '5f0c0000-1111-4222-8333-444455556666'}), flush=True)
out(type='system', subtype='init', cwd=os.getcwd(), tools=['Bash'], model='m')
for n, command in enumerate(sys.argv[2:]):
    call = {'type': 'tool_use', 'id': f't{n}', 'name': 'Bash', 'input': {'command': command}}
    out(type='assistant', message={'id': f'm{n}', 'role': 'assistant', 'content': [call]})
    if command == 'DIE': os.kill(os.getpid(), 9)
    if command == 'LEAVE': sys.exit(0)
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    said = done.stdout + done.stderr
    text = f'Exit code {done.returncode}\\n{said}' if done.returncode else said
    result = {'type': 'tool_result', 'tool_use_id': f't{n}', 'content': text, 'is_error': done.returncode != 0}
    out(type='user', message={'role': 'user', 'content': [result]})
end = json.loads(os.environ.get('END', '{}'))
out(type='result', **{'subtype': 'success', 'is_error': False, 'num_turns': 1, 'result': 'done', **end})
sys.exit(1 if end.get('is_error') else 0)
`;
writeFileSync(join(bin, 'claude'), AGENT);
chmodSync(join(bin, 'claude'), 0o755);

interface Story {
  readonly command: readonly string[];
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Written first: what a person has to be told, by the line's topic. A topic that is not here has no line. */
  readonly told: Readonly<Record<string, RegExp>>;
  /** Only where a sample was taken in time. */
  readonly maybe?: string;
}

const sh = (script: string): readonly string[] => ['sh', '-c', script];

const STORIES: Readonly<Record<string, Story>> = {
  'a script that fails by its exit code': {
    command: sh('echo start; echo "boom: no such table" >&2; exit 7'),
    told: { end: /^Failed with exit code 7\.$/, words: /boom: no such table$/ },
  },
  'a host name that nobody knows': {
    command: sh(
      'echo "fatal: unable to access \'https://x.invalid/\': Could not resolve host: x.invalid" >&2; exit 128',
    ),
    told: {
      end: /^Failed with exit code 128: probably a host name could not be looked up\.$/,
      words: /Could not resolve host/,
      advice: /^Check the host name/,
    },
  },
  'a traceback names its exception': {
    command: ['python3', '-c', 'raise KeyError("colour")'],
    told: {
      end: /^Failed with exit code 1: probably an error of its own was not caught\.$/,
      words: /KeyError: 'colour'$/,
    },
  },
  'a program that is not there': {
    command: sh('npm-not-there test'),
    told: {
      end: /^Failed with exit code 127: probably a program was (?:not found|missing)\.$/,
      words: /npm-not-there: not found$/,
      advice: /^Install `npm-not-there`,/,
    },
  },
  'a module that is not there': {
    command: ['python3', '-c', 'import not_there_at_all'],
    told: {
      end: /a module was missing\.$/,
      words: /not_there_at_all/,
      advice: /^Install the module `not_there_at_all`/,
    },
  },
  "somebody else's error in prose": {
    command: sh('echo "The log said: could not resolve host, twice." >&2; exit 3'),
    told: { end: /^Failed with exit code 3\.$/, words: /could not resolve host, twice\.$/ },
  },
  'a time limit, and what it waited for': {
    command: sh('mkfifo "$PIPE"; cat "$PIPE"'),
    flags: ['--timeout', '2', '--interval', '0.2'],
    env: { PIPE: join(root.path, 'pipe') },
    told: {
      end: /^Ended because its time was up\.$/,
      who: /^`cat [^`]+` \(pid \d+\) waited in \w+\.$|was last seen/,
      advice: /time limit/,
    },
  },
  'a command that cannot be started': {
    command: ['/not/there/at-all'],
    told: { end: /^Could not be started/, advice: /^Check the name/ },
  },
  'a crash': {
    command: sh('kill -SEGV $$'),
    told: { end: /^(?:Probably c|C)rashed with SIGSEGV\.$/, advice: /fault of the program/ },
  },
  'a success': { command: ['true'], told: { end: /^Completed after [\d.]+ s\.$/ } },
  'an agent whose last call failed, which ended well': {
    command: ['claude', '-p', 'ls /', 'npm-not-there test'],
    told: { end: /^Completed after/ },
  },
  'an agent that dies in a call': {
    command: ['claude', '-p', 'true', 'DIE'],
    told: { end: /^Killed with SIGKILL/, doing: /in a shell call(?:, open for [^:]+)?: `DIE`\.$/, advice: /./ },
    maybe: 'who',
  },
  'an agent that leaves in the middle of a call': {
    command: ['claude', '-p', 'LEAVE'],
    told: {
      end: /^Exited with code 0, probably in the middle of its work\.$/,
      doing: /: `LEAVE`\.$/,
      advice: /^Resume/,
    },
  },
  'an agent whose login fails': {
    command: ['claude', '-p'],
    env: { END: JSON.stringify({ is_error: true, result: 'Invalid API key · Please run /login', num_turns: 1 }) },
    told: { end: /login/i, doing: /Invalid API key/, advice: /^Log in again/ },
  },
};

const topicsOf = (story: unknown): Record<string, string> =>
  Object.fromEntries(
    arrayOf(story).map((line) => {
      const { topic, text, quoted } = recordOf(line) ?? {};
      return [stringOf(topic) ?? '', topic === 'words' ? String(arrayOf(quoted).at(-1)) : (stringOf(text) ?? '')];
    }),
  );

for (const [title, { command, flags = [], env = {}, told, maybe }] of Object.entries(STORIES)) {
  test(`the story of ${title}, the same in show and panel`, async () => {
    const id = title.replaceAll(/[^a-z]+/g, '-');
    const where = ['--log-dir', root.path];
    const surroundings = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: root.path, ...env };
    await runCli(['run', '--id', id, ...flags, ...where, '--', ...command], { env: surroundings });
    await published(root.path);
    const shown = recordOf(JSON.parse((await runCli(['show', id, '--json', ...where])).stdout));
    const topics = topicsOf(shown?.['story']);
    const topicsToldOf = Object.keys(topics).filter((topic) => topic !== maybe);
    assert.deepEqual(topicsToldOf, Object.keys(told), JSON.stringify(topics));
    for (const [topic, expected] of Object.entries(told)) assert.match(topics[topic] ?? '', expected);
    const reader = new SessionReader({ root: root.path, id }, logRootAt(root.path));
    reader.refresh();
    assert.deepEqual(overviewOf(reader).story, shown?.['story']);
  });
}
