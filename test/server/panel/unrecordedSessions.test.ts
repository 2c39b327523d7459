import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Queries, SessionPage } from '../../../src/core/panel/serverProtocol.ts';
import { answerQuery } from '../../../src/server/panel/answerQuery.ts';
import { SessionCatalog } from '../../../src/server/panel/sessionCatalog.ts';
import { SessionReaders } from '../../../src/server/panel/sessionReaders.ts';
import { homeEnvironment } from '../../agents/homeEnvironment.ts';
import { claudeAnswer, claudeLine, claudeOpen } from '../../cli/unrecorded/agentLines.ts';
import { addSession, scratchFolder, scratchRoot } from '../../logs/scratch.ts';

const home = scratchFolder();
const before = { ...process.env };
Object.assign(process.env, homeEnvironment(home));
after(() => {
  for (const name of Object.keys(homeEnvironment(home))) {
    const value = before[name];
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

const NOW = Date.now();
const folder = join(home, '.claude/projects/-srv-app');
mkdirSync(folder, { recursive: true });
const open = join(folder, 'open.jsonl');
writeFileSync(open, claudeOpen(NOW - 60_000));
writeFileSync(join(folder, 'done.jsonl'), claudeLine('user', NOW - 9000, 'say hello') + claudeAnswer(NOW - 8000));

const root = scratchRoot();
addSession(root, 'recorded');
let told: (() => void) | undefined;
const catalog = new SessionCatalog(() => told?.());
const readers = new SessionReaders(catalog);
const sources = { catalog, readers };

function ask<N extends 'listSessions' | 'overview' | 'place'>(name: N, params: object): Queries[N]['result'] {
  const reply = answerQuery(sources, name, params);
  assert.ok(reply.ok, JSON.stringify(reply));
  return reply.value as Queries[N]['result']; // of this very query
}
const page = (query: object = {}): SessionPage =>
  ask('listSessions', { filter: 'all', text: '', offset: 0, limit: 50, ...query });

/** Asks until the list is as it should be; told of each change, as the host is. */
async function pageWhen(isThere: (page: SessionPage) => boolean, query: object = {}): Promise<SessionPage> {
  for (;;) {
    const change = new Promise<void>((resolve) => (told = resolve));
    const found = page(query);
    if (isThere(found)) return found;
    await Promise.race([change, new Promise((resolve) => setTimeout(resolve, 200))]);
  }
}

test('without the setting nobody looks for agents’ own logs', () => {
  catalog.setRoots([root.path]);
  assert.deepEqual(
    page().rows.map(({ ref }) => ref.id),
    ['recorded'],
  );
});

test(
  'sessions that nobody recorded stand behind the recorded ones, found by the filters, and told when found',
  { timeout: 30_000 },
  async () => {
    catalog.setAgentLogs({ enabled: true, places: [], days: 90 });
    const found = await pageWhen(({ rows }) => rows.length === 3);
    assert.deepEqual(
      found.rows.map(({ title, outcome, logOnly }) => [title, outcome, logOnly?.folder]),
      [
        ['recorded', 'succeeded', undefined],
        ['say hello', 'succeeded', '/srv/app'],
        ['fix the failing test', 'lost', '/srv/app'],
      ],
    );
    assert.deepEqual([found.matching, found.total, found.running], [3, 3, 0]);
    assert.deepEqual(
      page({ filter: 'failed' }).rows.map(({ title }) => title),
      ['fix the failing test'],
    );
    assert.deepEqual(
      page({ text: 'hello' }).rows.map(({ title }) => title),
      ['say hello'],
    );
    assert.deepEqual(
      page({ offset: 1, limit: 1 }).rows.map(({ title }) => title),
      ['say hello'],
    );
    assert.deepEqual(page({ filter: 'anomalous' }).rows, []);
  },
);

test('one is opened as any session: its verdict, its calls, its failures, what was open and that nobody measured it', () => {
  const row = page({ filter: 'failed' }).rows[0];
  assert.ok(row !== undefined);
  const overview = ask('overview', { session: row.ref });
  assert.match(
    overview.verdictSentence,
    /^Stopped in the middle of its work; why is not known, for nobody recorded it \(possible\)/,
  );
  assert.deepEqual(
    overview.calls.map(({ tool_kind, status }) => [tool_kind, status]),
    [['shell', 'open']],
  );
  assert.equal(overview.failures?.format, 'claude_transcript');
  assert.deepEqual(
    [overview.snapshotCount, overview.row.isRunning, overview.row.logOnly?.folder],
    [0, false, '/srv/app'],
  );
  const notes = overview.evidenceSentences.join('\n');
  assert.match(notes, /Open when its log stops, a shell call: pytest -x tests\./);
  assert.match(notes, /Nobody recorded it, so that nothing of its processes was measured/);
  assert.deepEqual(ask('place', { session: row.ref }), { isRunning: false, folder });
});

test('a log that goes on is read on', { timeout: 30_000 }, async () => {
  appendFileSync(open, claudeAnswer(NOW));
  await pageWhen(({ rows }) => rows.every(({ outcome }) => outcome === 'succeeded'));
});

test('switched off, they are gone', () => {
  let isTold = false;
  told = () => (isTold = true);
  catalog.setAgentLogs(undefined);
  assert.ok(isTold, 'whoever looks at the list is told');
  assert.deepEqual(
    page().rows.map(({ ref }) => ref.id),
    ['recorded'],
  );
});
