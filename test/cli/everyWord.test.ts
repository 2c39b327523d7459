import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rowFacts } from '../../src/core/find/shownWords.ts';
import { agentRow } from '../../src/core/words/agentTable.ts';
import { AGENT_KINDS, CAUSES, OUTCOMES, type Outcome } from '../../src/core/words/vocabulary.ts';
import { list } from '../../src/cli/commands/list.ts';
import { parseArguments } from '../../src/cli/arguments.ts';
import { SessionCatalog } from '../../src/server/panel/sessionCatalog.ts';
import { editor } from '../host/fakeEditor.ts';
import { addSession, scratchFolder, scratchRoot } from '../logs/scratch.ts';

const { treeItem } = await import('../../src/host/views/sessionItems.ts');

const SUBTYPES: Readonly<Record<Exclude<Outcome, 'running'>, string>> = {
  succeeded: 'success',
  incomplete: 'incomplete',
  failed: 'error_during_execution',
  died: 'crashed',
  stopped: 'stopped',
  lost: 'lost',
};

const root = scratchRoot();
const NOW = Date.now();
let count = 0;

function add(end: { readonly cause: string; readonly subtype: string }, command = 'make all'): void {
  count += 1;
  addSession(root, `s-${count}`, {
    'summary.json': {
      session_id: `s-${count}`,
      dir_name: `s-${count}`,
      start_ts: new Date(NOW - count * 20_000_000).toISOString(),
      skill_command: command,
      success: end.subtype === 'success',
      duration_seconds: count * 7,
      subtype: end.subtype,
      verdict: { outcome: 'died', cause: end.cause, layer: 'none', confidence: 'certain', evidence: [] },
    },
  });
}

for (const cause of CAUSES) add({ cause, subtype: cause === 'completed' ? 'success' : 'crashed' });
for (const subtype of Object.values(SUBTYPES)) add({ cause: 'unknown', subtype });
for (const kind of AGENT_KINDS) {
  const [program = 'make'] = agentRow(kind)?.programs ?? [];
  add({ cause: 'killed', subtype: 'crashed' }, `${program} -p 'work of ${kind}' --verbose`);
}
const running = {
  session_id: 'runs',
  enrolled_at: new Date(NOW).toISOString(),
  skill_command: 'sleep 60',
  mode: 'run',
};
mkdirSync(join(root.running, 'runs'));
writeFileSync(join(root.running, 'runs', 'enrollment.json'), JSON.stringify(running));

const catalog = new SessionCatalog();
catalog.setRoots([root.path]);
const page = (text: string) => catalog.page({ filter: 'all', text, offset: 0, limit: 1000 });

/** What the command line prints for a search. */
async function printed(words: readonly string[], isScreen = false): Promise<string[]> {
  const lines: string[] = [];
  const terminal = {
    out: (line: string) => void lines.push(line),
    outPart: () => undefined,
    err: () => undefined,
    styled: (_: unknown, text: string) => text,
    columns: 120,
    isScreen,
  };
  const args = parseArguments([...words, '--log-dir', root.path], list.flags);
  const folder = scratchFolder();
  const around = { env: {}, cwd: folder, home: folder, programPath: '', opened: new Map(), command: [] };
  await list.run({ ...around, args, terminal });
  return lines;
}

async function idsFound(text: string): Promise<readonly string[]> {
  const [json = '[]'] = await printed(['--json', '--grep', text]);
  return (JSON.parse(json) as { readonly dir_name: string }[]).map(({ dir_name: name }) => name);
}

test('each word that a list shows of any cause, agent and outcome is found in view, panel and command line', async () => {
  const rows = page('').rows;
  assert.deepEqual([...new Set(rows.map(({ outcome }) => outcome))].toSorted(), [...OUTCOMES].toSorted());
  const table = await printed([]);
  const wanted = new Map<string, Set<string>>();
  for (const row of rows) {
    editor.shown = [];
    treeItem({ type: 'session', row }, NOW);
    const inView = editor.shown.flatMap(({ surface, text }) =>
      /label|description/.test(surface) ? text.split(' · ') : [],
    );
    const inPanel = [row.title, ...rowFacts(row, NOW)];
    const inTable = (table.find((line) => line.includes(` ${row.ref.id} `)) ?? '').split(/ {2,}/);
    assert.ok(inTable.length > 3, row.ref.id);
    for (const text of [...inView, ...inPanel, ...inTable].filter((one) => one !== '')) {
      wanted.set(text, (wanted.get(text) ?? new Set()).add(row.ref.id));
    }
  }
  assert.ok(wanted.size > 100, String(wanted.size));
  const all = rows.map(({ ref }) => ref.id);
  for (const [text, ids] of wanted) {
    const listed = page(`"${text}"`).rows.map(({ ref }) => ref.id);
    assert.deepEqual(
      [...ids].filter((id) => !listed.includes(id)),
      [],
      `"${text}" in the editor`,
    );
    assert.deepEqual((await idsFound(`"${text}"`)).toSorted(), listed.toSorted(), `"${text}" on the command line`);
  }
  assert.equal(page('').matching, all.length);
});

test('each word of each facet, and how it is shown, finds the sessions that are so, and only these', async () => {
  for (const row of page('').rows) {
    const shown = String(treeItem({ type: 'session', row }, NOW).description).split(' · ');
    const queries = [
      `agent:${row.agent}`,
      `outcome:${row.outcome}`,
      ...(row.isRunning ? [] : [`cause:${row.cause ?? 'unknown'}`]),
      ...(row.cause === undefined ? [] : [`cause:"${shown[0]}"`]),
      ...(row.agent === 'other' ? [] : [`agent:"${shown[1]}"`]),
    ];
    for (const query of queries) {
      const { rows, matching, problem } = page(query);
      assert.equal(problem, undefined, query);
      assert.ok(
        rows.some(({ ref }) => ref.id === row.ref.id),
        `${query} finds ${row.ref.id}`,
      );
      assert.ok(matching < count, query);
    }
  }
  const [byFlag] = await printed(['--json', '--agent', 'claude', '--cause', 'killed']);
  assert.deepEqual(
    (JSON.parse(byFlag ?? '[]') as { readonly dir_name: string }[]).map(({ dir_name: name }) => name),
    page('agent:claude cause:killed').rows.map(({ ref }) => ref.id),
  );
});
