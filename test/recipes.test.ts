import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';

/** CONTRIBUTING's recipes, followed on a copy: what the compiler asks for is what they name. */
const ROOT = resolve(import.meta.dirname, '..');
const copy = mkdtempSync(join(tmpdir(), 'session-diagnostics-recipes-'));
after(() => rmSync(copy, { recursive: true }));

mkdirSync(join(copy, 'src'));
for (const room of ['core', 'agents', 'host'])
  cpSync(join(ROOT, 'src', room), join(copy, 'src', room), { recursive: true });
for (const file of ['tsconfig.json', 'package.json']) cpSync(join(ROOT, file), join(copy, file));
symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
// Its own place for what is built: not the sources'.
edit('tsconfig.json', 'node_modules/.cache/types', 'types');

function edit(file: string, from: string, to: string): void {
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  assert.ok(text.includes(from), `${file} has no ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}

function ran(program: string, ...args: string[]): Promise<{ readonly code: number; readonly stdout: string }> {
  return new Promise((done) => {
    execFile(program, args, { cwd: copy }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code ?? 1), stdout: stdout + (error === null ? '' : stderr) }),
    );
  });
}

/** The files of a room, and of those it needs, that do not compile. */
async function failing(room: string): Promise<readonly string[]> {
  const { stdout } = await ran(join(ROOT, 'node_modules/.bin/tsc'), '-b', `src/${room}`);
  const found = [...stdout.matchAll(/^(src\/[^(]+)\(/gm)].map((match) => match[1] ?? '');
  return [...new Set(found)].toSorted();
}

function recipe(task: string): readonly string[] {
  const rows = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8').split('\n');
  const row = rows.find((line) => line.startsWith(`| ${task} `)) ?? assert.fail(task);
  return [...row.matchAll(/`(src\/[^`]+)`/g)].map((match) => match[1] ?? '');
}

test('a new agent is one file, its row, and its line in the list, and everybody knows it', async () => {
  assert.deepEqual(await failing('host'), []);
  assert.deepEqual(await failing('agents'), []);
  const row = `  pretend: {
    name: 'Pretend',
    programs: ['pretend'],
    packages: ['@pretend/cli'],
    formats: ['pretend_log'],
    headless: ['pretend', '-p', PROMPT_WORD],
  },
`;
  edit('src/core/words/agentTable.ts', '  devboy: {', `${row}  devboy: {`);
  assert.deepEqual(await failing('agents'), ['src/agents/agentList.ts'], 'the row alone lacks its reader');
  writeFileSync(
    join(copy, 'src/agents/pretend.ts'),
    `import type { AgentLogs } from './agentLogs.ts';

export const pretend: AgentLogs = {
  formats: [
    {
      name: 'pretend_log',
      recognises: (record) => record['pretend'] !== undefined,
      open: () => (record, emit) => {
        if (record['pretend'] === 'denied') emit({ type: 'failed', symptom: { origin: 'session', code: 'policy' } });
      },
    },
  ],
  places: ({ home }) => [{ folder: \`\${home}/.pretend\`, name: /\\.jsonl$/ }],
};
`,
  );
  edit('src/agents/agentList.ts', '  droid,\n};', '  droid,\n  pretend,\n};');
  edit('src/agents/agentList.ts', 'import { qwen }', "import { pretend } from './pretend.ts';\nimport { qwen }");
  assert.deepEqual(await failing('agents'), []);
  assert.deepEqual(await failing('host'), []);
  const changed = ['src/core/words/agentTable.ts', 'src/agents/codewhale.ts', 'src/agents/agentList.ts'];
  assert.deepEqual(recipe("read another agent's transcript"), changed, 'the recipe, an agent of one file in its place');

  writeFileSync(
    join(copy, 'src/known.ts'),
    `import { createTranscriptAnalyzer } from './agents/transcriptReader.ts';
import { agentKindOf } from './core/session/agentKind.ts';
import { processKindOf } from './core/session/processKind.ts';
import { FORMAT_NAMES } from './core/words/agentTable.ts';

const analyzer = createTranscriptAnalyzer({ handleOf: () => '' });
analyzer.push('{"pretend":"denied"}');
analyzer.finish();
const { format, counts } = analyzer.snapshotOf();
const known = [agentKindOf(['npx', '@pretend/cli']), processKindOf('pretend'), FORMAT_NAMES.includes('pretend_log')];
console.log(JSON.stringify([...known, format, counts]));
`,
  );
  const { stdout } = await ran(process.execPath, 'src/known.ts');
  assert.deepEqual(JSON.parse(stdout), ['pretend', 'agent', true, 'pretend_log', { sandbox_approval: 1 }]);
});

test('a new cause of death does not compile until every table of the recipe has its row', async () => {
  edit('src/core/words/vocabulary.ts', "  'heap_limit',\n", "  'heap_limit',\n  'pretended',\n");
  // Its word is there; which facts mean it, and what of its story is to be told and advised, only a person knows.
  const byHand = new Set([
    'src/core/words/vocabulary.ts',
    'src/core/death/deathRules.ts',
    'src/core/story/advice.ts',
    'src/core/story/whoLine.ts',
  ]);
  const tables = recipe('add a cause of death').filter((file) => !byHand.has(file));
  assert.deepEqual(await failing('core'), tables.toSorted());
});
