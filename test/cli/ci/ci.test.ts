import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CLI, runCli, startCli, testRoot, until, type Finished } from '../builtCli.ts';

/** `run` under a CI system, whose environment is made up: what it is told of the end, and that nothing else changes. */
const root = testRoot();
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-ci-'));
after(() => {
  root.remove();
  rmSync(home, { recursive: true });
});

const NATIVE = join(CLI, `../native/${process.platform}-${process.arch}/session-diagnostics`);
let count = 0;
const WAYS = ['', 'off'] as const;

interface Ran extends Finished {
  readonly summary: string;
}

async function ran(
  env: NodeJS.ProcessEnv,
  flags: readonly string[],
  command: readonly string[] = ['sh', '-c', 'exit 3'],
): Promise<Ran> {
  const summary = join(home, `summary-${(count += 1)}.md`);
  const finished = await runCli(['run', ...flags, '--log-dir', root.path, '--', ...command], {
    cwd: home,
    // The machine may be busy with other tests.
    env: { GITHUB_STEP_SUMMARY: summary, SESSION_DIAGNOSTICS_END_WAIT: '60', ...env },
  });
  return { ...finished, summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '' };
}

/** A program that says `text` on stderr, without ending its line, and fails. */
function failing(text: string): string[] {
  return ['sh', '-c', `printf '%s' "$1" >&2; echo out; exit 3`, 'sh', text];
}

const SYSTEMS: readonly (readonly [name: string, env: NodeJS.ProcessEnv, told: RegExp])[] = [
  ['GitHub', { GITHUB_ACTIONS: 'true' }, /^\n::error title=Session Diagnostics::[^\n]*code 3[^\n]*\n$/],
  [
    'GitLab',
    { GITLAB_CI: 'true' },
    /^\n\u001b\[31;1mSession Diagnostics: .*code 3.*\u001b\[0m\nsection_start:\d{10}:session_diagnostics\[collapsed=true\]\r\u001b\[0KSession Diagnostics\n[^]*\nsection_end:\d{10}:session_diagnostics\r\u001b\[0K\n$/,
  ],
  ['Buildkite', { BUILDKITE: 'true' }, /^\n\+\+\+ Session Diagnostics\n.*code 3.*\n {2}Exit code: 3\n/],
  ['Jenkins', { JENKINS_URL: 'https://ci.test/' }, /^\nSession Diagnostics:\n.*code 3.*\n {2}Exit code: 3\n/],
];

for (const native of WAYS)
  for (const [name, env, told] of native === 'off' ? SYSTEMS.slice(0, 1) : SYSTEMS)
    test(`${name} is told of a bad end on stderr, behind the agent's own words${native && ', without the native program'}`, async () => {
      const said = 'its own words';
      const { code, stdout, stderr, summary } = await ran(
        { ...env, SESSION_DIAGNOSTICS_NATIVE: native },
        [],
        failing(said),
      );
      assert.deepEqual([code, stdout, stderr.slice(0, said.length)], [3, 'out\n', said]);
      assert.match(stderr.slice(said.length), told);
      if (name === 'GitHub')
        assert.match(summary, /^\n\n### Session Diagnostics: failed\n\n\*\*.*code 3.*\*\*\n\n- Exit code: 3\n/);
      else assert.equal(summary, '', 'it is GitHub’s');
    });

test('nothing is said where it went well, where nobody asks, and within an agent that is recorded itself', async () => {
  const github = { GITHUB_ACTIONS: 'true' };
  const well = await ran(github, [], ['sh', '-c', 'echo fine >&2']);
  assert.deepEqual([well.code, well.stderr], [0, 'fine\n']);
  assert.match(well.summary, /### Session Diagnostics: succeeded/, 'but the job’s summary has it');
  const quiet = { code: 3, stderr: '', summary: '' };
  const told = async (env: NodeJS.ProcessEnv, flags: readonly string[]): Promise<typeof quiet> => {
    const { code, stderr, summary } = await ran(env, flags);
    return { code: code ?? -1, stderr, summary };
  };
  assert.deepEqual(await told({}, []), quiet);
  assert.deepEqual(await told(github, ['--no-ci']), quiet);
  assert.deepEqual(await told({ ...github, SESSION_DIAGNOSTICS_SESSION: 'outer' }, []), quiet);
  assert.match((await ran({}, ['--ci'])).stderr, /^\nSession Diagnostics:\n/, 'a system that nobody knows');
});

test('a system that gives its jobs a terminal is told no more than others', async () => {
  const canary = `canary${Date.now()}`;
  const env = { BUILDKITE: 'true', SESSION_DIAGNOSTICS_END_WAIT: '60' };
  const flags = ['run', '--id', canary, '--label', canary, '--log-dir', root.path];
  const { code, stderr } = await runCli([...flags, '--', 'sh', '-c', 'exit 3', canary], {
    env,
    isStderrTerminal: true,
  });
  assert.equal(code, 3);
  assert.match(stderr, /^\n\+\+\+ Session Diagnostics\n/);
  assert.doesNotMatch(stderr, new RegExp(canary));
});

test('what the agent prints arrives byte for byte', async () => {
  const bytes = `process.stdout.write(Buffer.from(Array.from({length: 300_000}, (_, i) => i * 7 % 256))); process.exitCode = 3`;
  const script = `"$1" "$2" run --ci --log-dir "$3" -- "$1" -e "$4" 2>/dev/null | sha256sum; "$1" -e "$4" | sha256sum`;
  const args = ['-c', script, 'sh', process.execPath, CLI, root.path, bytes];
  const [ours, bare] = execFileSync('sh', args, { encoding: 'utf8', env: { ...process.env, GITHUB_ACTIONS: 'true' } })
    .trim()
    .split('\n');
  assert.equal(ours, bare);
});

const CODES: readonly (readonly [why: string, map: string, command: readonly string[], code: number])[] = [
  ['a command that is not there', 'environment=75,unknown=9', ['no-such-program'], 75],
  ['an exit code that says nothing', 'environment=75,unknown=9', ['sh', '-c', 'exit 3'], 9],
  ['a class that is not mapped', 'environment=75', ['sh', '-c', 'exit 3'], 3],
  ['a signal', 'unknown=9', ['sh', '-c', 'kill -9 $$'], 9],
  ['a signal that is not mapped', 'model=9', ['sh', '-c', 'kill -9 $$'], 137],
  ['a good end', 'unknown=9', ['true'], 0],
];
for (const native of WAYS)
  test(`--exit-map gives another code to a bad end of that class${native && ', without the native program'}`, async () => {
    const got = [];
    const cases = native === 'off' ? CODES.slice(0, 2) : CODES;
    for (const [why, map, command] of cases) {
      const { code } = await ran({ SESSION_DIAGNOSTICS_NATIVE: native }, ['--exit-map', map], command);
      got.push([why, code]);
    }
    assert.deepEqual(
      got,
      cases.map(([why, , , code]) => [why, code]),
    );
  });

for (const map of ['', 'enviroment=75', 'none=1', 'model=256', 'model', 'model=1,model=2', 'user=-1'])
  test(`--exit-map "${map}" is refused before anything runs`, async () => {
    const { code, stdout, stderr } = await ran({}, [`--exit-map=${map}`], ['echo', 'ran']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /--exit-map takes CLASS=CODE/);
  });

/** What could do something on such a page, were it let. */
const HOSTILE = [
  '::error::pwned',
  '  ::stop-commands::x',
  '##[error]pwned',
  '+++ pwned',
  'section_start:1:pwned\r\u001b[0Kpwned',
  '````',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '</system-out>]]>&amp;<!--',
  '| [click](javascript:alert(1)) ![](https://evil.test/x.png)',
  'exe.\u202egpj \u2066x\u200b',
  '\u001b]0;title\u0007 \u0000 \ufffe',
  '',
].join('\n');

test('hostile text commands no system and forges no page, even where texts were asked for', async () => {
  const commanding = /^\s*(?:::|##\[|\+\+\+|---|\^\^\^|section_(?:start|end):\d+:(?!session_diagnostics))/m;
  const harmful = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/;
  const own = /^(?:::error title=Session Diagnostics::|\+\+\+ Session Diagnostics$)/m;
  writeFileSync(join(home, 'hostile'), HOSTILE);
  for (const [name, env] of SYSTEMS) {
    const junit = join(home, `${name}.xml`);
    const command = ['sh', '-c', 'cat hostile >&2; exit 3', '::error::`<b>\u202e'];
    const { stderr, summary } = await ran(env, ['--ci-text', '--junit', junit], command);
    assert.equal(stderr.slice(0, HOSTILE.length), HOSTILE);
    const ours = stderr.slice(HOSTILE.length);
    assert.match(ours, own.test(ours) ? own : /Session Diagnostics/);
    assert.doesNotMatch(ours.replace(own, ''), commanding, name);
    assert.doesNotMatch(ours.replaceAll(/\r?\u001b\[(?:0K|31;1m|0m)/g, ''), harmful, name);
    if (name === 'GitHub') {
      assert.match(ours, /^[^\n]*\n$/, 'one annotation');
      assert.doesNotMatch(summary, harmful);
      assert.match(
        summary,
        /What it printed last:\n\n`{5,}text\n[^]*pwned[^]*\n`{5,}\n$/,
        'in a fence that it cannot end',
      );
    }
    assert.deepEqual(
      readJunit(junit).map(({ tag }) => tag),
      ['testsuites', 'testsuite', 'testcase', 'failure'],
    );
  }
});

test(
  'who ends before the recorder can tell is waited for two seconds, and keeps its exit code',
  { skip: !existsSync(NATIVE) && 'no native program' },
  async () => {
    const recorder = (id: string): number =>
      (root.json('running', id, 'enrollment.json')['recorder'] as { readonly pid: number }).pid;
    const go = join(home, 'go');
    const flags = ['run', '--id', 'stuck', '--exit-map', 'unknown=9', '--log-dir', root.path, '--'];
    const { finished } = startCli([...flags, 'sh', '-c', `while [ ! -e '${go}' ]; do sleep 0.05; done; exit 3`]);
    const pid = await until('its recorder', () => root.runningIds().includes('stuck') && recorder('stuck'));
    process.kill(pid, 'SIGSTOP');
    try {
      writeFileSync(go, '');
      const sinceMs = performance.now();
      const { code, stderr } = await finished;
      assert.deepEqual(
        [code, stderr],
        [3, 'session-diagnostics: The verdict was not known in time, so --exit-map changed nothing.\n'],
      );
      assert.ok(performance.now() - sinceMs > 1900);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  },
);

test('without --ci-text no page, file or bundle holds a word of the session', async () => {
  const canary = `canary${Date.now()}`;
  mkdirSync(join(home, canary));
  const files = ['junit', 'bundle'].map((flag) => join(home, `${canary}.${flag}`));
  for (const [name, env] of [SYSTEMS[0], SYSTEMS[3]].filter((system) => system !== undefined)) {
    const { stderr, summary } = await ran(
      env,
      ['--label', canary, '--id', `${canary}-${name}`, '--junit', files[0] ?? '', '--bundle', files[1] ?? ''],
      ['sh', '-c', `cd ${canary}; echo ${canary} >&2; exit 3`],
    );
    assert.ok(stderr.startsWith(`${canary}\n`), stderr);
    const unpacked = execFileSync('tar', ['-xzOf', files[1] ?? ''], { encoding: 'utf8' });
    assert.match(unpacked, /"form": "private"/);
    for (const text of [stderr.slice(canary.length), summary, readFileSync(files[0] ?? '', 'utf8'), unpacked])
      assert.doesNotMatch(text, new RegExp(canary), name);
  }
});

interface JunitElement {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** By somebody else's reader, as a CI system would: the way down to what is wrong. */
function readJunit(path: string): JunitElement[] {
  const script = `
import json, sys, xml.etree.ElementTree as tree
at = tree.parse(sys.argv[1]).getroot()
way = [at]
for tag in ('testsuite', 'testcase', 'failure', 'error', 'skipped'):
    at = way[-1].find(tag)
    if at is not None: way.append(at)
print(json.dumps([{'tag': one.tag, 'attributes': dict(one.attrib)} for one in way]))`;
  return JSON.parse(execFileSync('python3', ['-c', script, path], { encoding: 'utf8' })) as JunitElement[];
}

test('a reader of JUnit tells a failure of the environment from one of a check, and both from a success', async () => {
  const junit = join(home, 'read.xml');
  const read = async (command: readonly string[]): Promise<(string | undefined)[]> => {
    await ran({}, ['--junit', 'read.xml'], command);
    const way = readJunit(junit);
    const { tests, failures, errors, skipped } = way[1]?.attributes ?? {};
    return [way[3]?.tag, way[3]?.attributes['type'], `${tests} ${failures} ${errors} ${skipped}`];
  };
  assert.deepEqual(await read(['true']), [undefined, undefined, '1 0 0 0']);
  assert.deepEqual(await read(['sh', '-c', 'exit 3']), ['failure', 'exit_nonzero', '1 1 0 0']);
  assert.deepEqual(await read(['no-such-program']), ['error', 'launch_failed', '1 0 1 0']);
});

test('Buildkite’s own agent is handed the page of a bad end', async () => {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const got = join(home, 'annotation');
  writeFileSync(join(bin, 'buildkite-agent'), `#!/bin/sh\n{ echo "$@"; cat; } > '${got}'\n`);
  chmodSync(join(bin, 'buildkite-agent'), 0o755);
  await ran({ BUILDKITE: 'true', PATH: `${bin}:${process.env['PATH']}` }, []);
  assert.match(
    readFileSync(got, 'utf8'),
    /^annotate --style error --context session-diagnostics-[0-9a-f]{12}\n### Session Diagnostics: failed\n/,
  );
});

test('what cannot be written is said, and the agent’s exit code stands', async () => {
  const { code, stderr } = await ran({}, ['--junit', 'no/such/folder.xml', '--bundle', 'no/such/folder.tar.gz']);
  assert.equal(code, 3);
  assert.match(
    stderr,
    /folder\.xml could not be written \(ENOENT\)\.\n.*folder\.tar\.gz could not be written \(ENOENT\)/,
  );
});
