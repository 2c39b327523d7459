import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { CLI } from '../builtCli.ts';

/** The recipes of the README and the action, as their systems would run them: with made-up programs and variables. */
const ROOT = resolve(import.meta.dirname, '../../..');
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-recipes-'));
after(() => rmSync(home, { recursive: true }));
const bin = join(home, 'bin');
mkdirSync(bin);

function program(name: string, body: string): void {
  writeFileSync(join(bin, name), `#!/bin/bash\n${body}\n`);
  chmodSync(join(bin, name), 0o755);
}
program('npx', `[ "$1" = --yes ] && shift; shift; exec '${process.execPath}' '${CLI}' "$@"`);
program('claude', 'echo "$@"; [ "$2" = "fix the failing test" ] && exit 3; exit 4');

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly folder: string;
}

let count = 0;
function ranIn(script: string, env: NodeJS.ProcessEnv): Ran {
  const folder = join(home, `job-${(count += 1)}`);
  mkdirSync(folder);
  const given = {
    HOME: home,
    PATH: `${bin}:${process.env['PATH']}`,
    XDG_DATA_HOME: join(folder, 'data'),
    SESSION_DIAGNOSTICS_END_WAIT: '60',
    ...env,
  };
  return {
    ...spawnSync('bash', ['-eo', 'pipefail', '-c', script], { cwd: folder, env: given, encoding: 'utf8' }),
    folder,
  };
}

const blocks = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/```(yaml|groovy)\n([\s\S]*?)```/g)];
const recipes = blocks.flatMap(([, language, text = '']) => (text.includes('npx') ? [{ language, text }] : []));

/** The lines that the recipe has its system run. */
function scriptOf({ language, text }: (typeof recipes)[number]): string {
  if (language === 'groovy') return /sh '([^']*)'/.exec(text)?.[1] ?? '';
  const { steps, agent } = parse(text) as {
    readonly steps?: readonly { readonly run?: string }[];
    readonly agent?: { readonly script: readonly string[] };
  };
  return steps?.[0]?.run ?? agent?.script.join('\n') ?? '';
}

for (const [name, env, told] of [
  ['GitHub', { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: 'summary.md' }, /^::error title=Session Diagnostics::/m],
  ['GitLab', { GITLAB_CI: 'true' }, /section_end:\d+:session_diagnostics/],
  ['Jenkins', { JENKINS_URL: 'https://ci.test/' }, /^Session Diagnostics:$/m],
] as const)
  test(`the recipe for ${name} tells the end, keeps what it names, and the agent's own exit code`, () => {
    const recipe = recipes.find(({ text }) =>
      ({ GitHub: /upload-artifact/, GitLab: /reports:/, Jenkins: /archiveArtifacts/ })[name].test(text),
    );
    assert.ok(recipe !== undefined);
    const { status, stdout, stderr, folder } = ranIn(scriptOf(recipe), env);
    assert.deepEqual([status, stdout], [3, '-p fix the failing test\n'], stderr);
    assert.match(stderr, told);
    const kept = [...new Set(recipe.text.match(/session\.(?:tar\.gz|xml)/g))];
    assert.ok(kept.includes('session.tar.gz'));
    for (const file of kept) assert.ok(existsSync(join(folder, file)), file);
    assert.equal(existsSync(join(folder, 'summary.md')), name === 'GitHub');
  });

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly runs: {
    readonly using: string;
    readonly steps: readonly {
      readonly run: string;
      readonly shell: string;
      readonly env: Readonly<Record<string, string>>;
    }[];
  };
}
const action = parse(readFileSync(join(ROOT, '.github/actions/session-diagnostics/action.yml'), 'utf8')) as Action;

/** As GitHub's runner does it: inputs take the place of what names them. */
function ranAction(inputs: Readonly<Record<string, string>>): Ran & { readonly output: string } {
  const [step] = action.runs.steps;
  assert.ok(step !== undefined && action.runs.using === 'composite' && step.shell === 'bash');
  const filled = (text: string): string =>
    text.replace(
      /\$\{\{ inputs\.([\w-]+) \}\}/g,
      (_, name: string) => inputs[name] ?? action.inputs[name]?.default ?? '',
    );
  const env = Object.fromEntries(Object.entries(step.env).map(([name, text]) => [name, filled(text)]));
  assert.doesNotMatch(step.run, /\$\{\{/, 'an input is never a part of the script');
  const ran = ranIn(step.run, {
    ...env,
    GITHUB_ACTIONS: 'true',
    GITHUB_STEP_SUMMARY: 'summary.md',
    GITHUB_OUTPUT: 'output',
    GITHUB_RUN_ID: '17',
  });
  return { ...ran, output: readFileSync(join(ran.folder, 'output'), 'utf8') };
}

test('the action runs the agent, has its verdict as an output, and ends as it was asked to', () => {
  const failed = ranAction({ run: 'claude -p "fix the failing test" | cat', junit: 'session.xml' });
  assert.deepEqual([failed.status, failed.stdout], [3, '-p fix the failing test\n'], failed.stderr);
  const verdict = JSON.parse(failed.output.replace(/^verdict=/, '')) as Record<string, unknown>;
  assert.deepEqual([verdict['cause'], verdict['outcome']], ['exit_nonzero', 'failed']);
  for (const file of ['session.tar.gz', 'session.xml', 'summary.md'])
    assert.ok(existsSync(join(failed.folder, file)), file);
  assert.equal(ranAction({ run: 'exit 3', 'exit-map': 'unknown=75' }).status, 75);
  const well = ranAction({ run: 'echo "$SD_RUN"', bundle: '' });
  assert.deepEqual([well.status, well.stdout, well.stderr], [0, '\n', ''], 'the agent finds nothing of ours');
  assert.equal(existsSync(join(well.folder, 'session.tar.gz')), false);
});
