import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { rootProblem } from '../../../src/core/panel/rootWords.ts';
import type { SessionPage } from '../../../src/core/panel/serverProtocol.ts';
import { logRootAt } from '../../../src/logs/logRoot.ts';
import { findSession } from '../../../src/logs/sessionFiles.ts';
import { answerQuery } from '../../../src/server/panel/answerQuery.ts';
import { ChangeReporter } from '../../../src/server/panel/changeReporter.ts';
import { SessionCatalog } from '../../../src/server/panel/sessionCatalog.ts';
import { SessionReaders } from '../../../src/server/panel/sessionReaders.ts';

/** Log folders that are closed, broken or taken away while somebody looks at them. */
const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'session-diagnostics-unreadable-'));
  for (const id of ['one', 'two']) {
    mkdirSync(join(root, 'sessions', id), { recursive: true });
    const summary = { session_id: id, dir_name: id, skill_command: `agent ${id}`, success: true, subtype: 'success' };
    writeFileSync(join(root, 'sessions', id, 'summary.json'), JSON.stringify(summary));
  }
  mkdirSync(join(root, 'running'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What a user who owns the root is told; to root nothing is closed. */
function pageAsOwner(catalog = new SessionCatalog()): SessionPage {
  for (const path of ['', 'sessions', 'sessions/one', 'sessions/two', 'sessions/one/summary.json', 'running'])
    if (isRoot) chownSync(join(root, path), NOBODY, NOBODY);
  return asOwner(() => {
    catalog.setRoots([root]);
    return catalog.page({ filter: 'all', text: '', offset: 0, limit: 10 });
  });
}

function asOwner<R>(act: () => R): R {
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return act();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

function problemOf({ roots }: SessionPage): string | undefined {
  return roots[0] === undefined ? undefined : rootProblem(roots[0])?.replaceAll(root, '<root>');
}

const CLOSED: readonly (readonly [string, number, string])[] = [
  ['', 0o000, '<root> cannot be read (EACCES). Check its owner and permissions.'],
  ['sessions', 0o000, '<root>/sessions cannot be read (EACCES). Check its owner and permissions.'],
  ['sessions', 0o600, '<root>/sessions cannot be read (EACCES). Check its owner and permissions.'],
  ['running', 0o000, '<root>/running cannot be read (EACCES). Check its owner and permissions.'],
];

for (const [folder, mode, told] of CLOSED) {
  test(`a closed ${folder || 'root'} (${mode.toString(8).padStart(3, '0')}) is told as such`, () => {
    chmodSync(join(root, folder), mode);
    assert.equal(problemOf(pageAsOwner()), told);
  });
}

test('a file in the place of a folder of sessions is told as such, and no question about a session fails', () => {
  for (const folder of ['running', 'sessions']) {
    rmSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder), '');
    const catalog = new SessionCatalog();
    catalog.setRoots([root]);
    assert.equal(
      problemOf(catalog.page({ filter: 'all', text: '', offset: 0, limit: 10 })),
      `<root>/${folder} is not a folder. Move it away.`,
    );
    assert.equal(findSession(logRootAt(root), 'nothing'), undefined);
    rmSync(join(root, folder));
    mkdirSync(join(root, folder));
  }
});

test('a session whose summary is closed or damaged, or whose folder is, does not vanish, nor take others along', () => {
  chmodSync(join(root, 'sessions/one/summary.json'), 0o000);
  const closed = pageAsOwner();
  assert.deepEqual(closed.rows.map(({ title }) => title).toSorted(), ['agent two', 'one']);
  assert.equal(closed.rows.find(({ title }) => title === 'one')?.outcome, 'lost');
  writeFileSync(join(root, 'sessions/two/summary.json'), '{"session_id": "tw');
  assert.deepEqual(
    pageAsOwner()
      .rows.map(({ title }) => title)
      .toSorted(),
    ['one', 'two'],
  );
  const line = JSON.stringify({ session_id: 'one', dir_name: 'one', skill_command: 'agent one', anomaly_count: 1 });
  writeFileSync(join(root, 'sessions.jsonl'), `${line}\n`);
  chmodSync(join(root, 'sessions/one'), 0o000);
  assert.deepEqual(
    pageAsOwner()
      .rows.map(({ title }) => title)
      .toSorted(),
    ['agent one', 'two'],
  );
});

test('a root that is taken away while it is looked at is gone and not still to come, and is read when it is back', () => {
  const catalog = new SessionCatalog();
  assert.equal(problemOf(pageAsOwner(catalog)), undefined);
  renameSync(root, `${root}.away`);
  catalog.invalidate();
  const page = (): SessionPage => catalog.page({ filter: 'all', text: '', offset: 0, limit: 10 });
  assert.equal(page().roots[0]?.condition, 'gone');
  assert.match(problemOf(page()) ?? '', /^<root> has been removed or moved away\./);
  renameSync(`${root}.away`, root);
  catalog.invalidate();
  assert.equal(problemOf(page()), undefined);
  assert.equal(page().total, 2);
  const never = new SessionCatalog();
  never.setRoots([`${root}.never`]);
  assert.equal(never.page({ filter: 'all', text: '', offset: 0, limit: 10 }).roots[0]?.condition, 'missing');
});

test('whoever looks at a session is told once that its folder is gone, or closed to us', () => {
  const away: readonly (readonly [string, () => void])[] = [
    ['unreadable', () => chmodSync(join(root, 'sessions'), 0o000)],
    ['no_such_session', () => rmSync(root, { recursive: true })],
  ];
  for (const [kind, take] of away) {
    const catalog = new SessionCatalog();
    pageAsOwner(catalog);
    const readers = new SessionReaders(catalog);
    const told: string[] = [];
    const reporter = new ChangeReporter(catalog, readers, (method) => told.push(method));
    const session = { root, id: 'one' };
    reporter.watch([session]);
    take();
    asOwner(() => {
      reporter.filesChanged([root]);
      reporter.filesChanged([root]);
      const reply = answerQuery({ catalog, readers }, 'place', { session });
      assert.equal(reply.ok || reply.failure.kind, kind);
    });
    assert.equal(told.filter((method) => method === 'sessionDiagnostics/sessionChanged').length, 1, kind);
    if (kind === 'unreadable') chmodSync(join(root, 'sessions'), 0o700);
  }
});
