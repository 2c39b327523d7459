import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { COMMANDS } from '../../src/cli/commandTable.ts';
import { GUIDE } from '../../src/cli/guide/guideTable.ts';
import { AGENT_CONFIGS } from '../../src/mcp/integrate/agentConfigs.ts';
import { CLI, runCli } from './builtCli.ts';

/** How a person finds out what there is: help, manual page, completion, and what a slip of the finger is taken for. */
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-guide-'));
const root = join(home, 'logs');
after(() => rmSync(home, { recursive: true }));

before(() => {
  for (const name of ['sessions/sess-older', 'running/sess-runs']) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(home, 'session-diagnostics'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  chmodSync(join(home, 'session-diagnostics'), 0o755);
});

const env = { ...process.env, PATH: `${home}:${process.env['PATH'] ?? ''}`, HOME: home, TERM: 'dumb' };

test('completion knows the agents that can be integrated', () => {
  assert.deepEqual(GUIDE.get('integrate')?.takes, Object.keys(AGENT_CONFIGS));
});

test('each command has its group, and its examples are lines that it takes', async () => {
  assert.deepEqual([...COMMANDS.keys()].toSorted(), [...GUIDE.keys()].toSorted());
  const { stdout } = await runCli(['--help']);
  for (const name of COMMANDS.keys()) assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
  for (const [name, { examples }] of GUIDE) {
    assert.ok(examples.length > 0, name);
    const flags = Object.keys(COMMANDS.get(name)?.flags ?? {});
    for (const [line] of examples) {
      assert.ok(line.startsWith(name), line);
      const own = line.replace(/ (?:--|\||>) .*/, '');
      for (const [, flag = ''] of own.matchAll(/ --(\w[\w-]*)/g)) assert.ok([...flags, 'json'].includes(flag), line);
    }
  }
});

for (const [given, meant] of [
  ['shwo', 'show'],
  ['reprot', 'report'],
  ['incident', 'incidents'],
  ['recov', 'recover'],
] as const) {
  test(`who types ${given} is asked whether ${meant} was meant`, async () => {
    const { code, stderr } = await runCli([given]);
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`Did you mean ${meant}\\?`));
  });
}

test('a flag is guessed at too, and what resembles nothing is not', async () => {
  assert.match((await runCli(['list', '--faild'])).stderr, /Did you mean --failed\?/);
  assert.match((await runCli(['run', '--tiemout=3', '--', 'true'])).stderr, /Did you mean --timeout\?/);
  assert.doesNotMatch((await runCli(['list', '--xyzzy'])).stderr, /Did you mean/);
  assert.doesNotMatch((await runCli(['xyzzy'])).stderr, /Did you mean/);
});

const lacks = (program: string): string | false =>
  spawnSync(program, ['--version']).error === undefined ? false : `no ${program} here`;

test('the manual page is one that man reads without a warning', { skip: lacks('man') }, async () => {
  const page = join(home, 'session-diagnostics.1');
  writeFileSync(page, (await runCli(['--man'])).stdout);
  const said = spawnSync('man', ['--warnings', '-l', page], { encoding: 'utf8', env: { ...env, MANWIDTH: '100' } });
  assert.deepEqual([said.status, said.stderr], [0, '']);
  for (const name of COMMANDS.keys()) assert.match(said.stdout, new RegExp(`^   ${name}`, 'm'));
  assert.match(said.stdout, /--memory|--timeout S/);
});

/** What stands there after a Tab behind these words, or can be chosen from. */
type Completer = (line: string) => string;

function said(shell: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8', env, cwd: home, timeout: 60_000 });
  assert.equal(status, 0, stderr);
  return stdout;
}

const SHELLS: Readonly<Record<string, Completer>> = {
  bash: (line) =>
    said('bash', [
      '--norc',
      '-c',
      `source <(session-diagnostics completion bash)
       COMP_WORDS=(${line.endsWith(' ') ? `${line}''` : line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
       _session_diagnostics; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ]),
  fish: (line) =>
    said('fish', ['--no-config', '-c', `session-diagnostics completion fish | source; complete -C '${line}'`]),
  zsh: (line) => {
    const setup = join(home, 'setup.zsh');
    writeFileSync(
      setup,
      `autoload -Uz compinit; compinit -u -D; source <(session-diagnostics completion zsh)
       zstyle ':completion:*' list-prompt ''; LISTMAX=1000; PS1='READY> '; bindkey '^I' list-choices
       bindkey '^X' send-break`,
    );
    // A terminal of its own, since only its line editor completes.
    return said('zsh', [
      '-f',
      '-c',
      `zmodload zsh/zpty; zpty z 'TERM=dumb COLUMNS=200 zsh -f -i'; zpty -w z 'source ${setup}'
       zpty -r z seen '*READY> *'; zpty -w -n z ${JSON.stringify(line)}$'\\t\\x18'
       zpty -r z seen '*READY> *READY> *'; print -r -- $seen`,
    ]);
  },
};

const EXPECTED: readonly (readonly [line: string, shown: RegExp, hidden: RegExp])[] = [
  ['session-diagnostics s', /show[\s\S]*stop|stop[\s\S]*show/, /recover/],
  ['session-diagnostics list --f', /--failed/, /--running/],
  ['session-diagnostics report --format ', /skillevolve/, /sess-older/],
  [`session-diagnostics show --log-dir ${root} `, /sess-older/, /--format/],
  [`session-diagnostics stop --log-dir ${root} `, /sess-runs/, /sess-older/],
];

for (const [shell, complete] of Object.entries(SHELLS)) {
  test(`${shell} completes commands, flags, their words and sessions`, { skip: lacks(shell) }, () => {
    for (const [line, shown, hidden] of EXPECTED) {
      const answer = complete(line);
      assert.match(answer, shown, line);
      assert.doesNotMatch(answer.slice(answer.lastIndexOf(line) + line.length), hidden, line);
    }
  });
}
