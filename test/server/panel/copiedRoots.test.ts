import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { hostname } from 'node:os';
import { after, test } from 'node:test';
import { SessionCatalog } from '../../../src/server/panel/sessionCatalog.ts';
import { ScriptedRoot } from '../../webview/scriptedRoot.ts';

const [own, copy] = [new ScriptedRoot(), new ScriptedRoot()];
after(() => [own, copy].forEach((root) => root.remove()));

const listed = (roots: readonly string[]) => {
  const catalog = new SessionCatalog();
  catalog.setRoots(roots);
  return catalog.page({ filter: 'all', text: '', offset: 0, limit: 100 });
};

test('a copied root shows no session twice, and the copy of one that runs does not run', () => {
  own.session('sess-done').finish({ success: true, exit_code: 0, session_id: 'sess-done' });
  own.session('sess-runs', 'running').enroll();
  cpSync(own.path, copy.path, { recursive: true });
  copy.session('sess-theirs').finish({ success: false, exit_code: 1, session_id: 'sess-theirs' });
  const page = listed([own.path, copy.path]);
  assert.deepEqual([page.total, page.running], [3, 1]);
  const roots = new Map(page.rows.map(({ ref }) => [ref.id, ref.root]));
  assert.deepEqual(
    [roots.get('sess-done'), roots.get('sess-runs'), roots.get('sess-theirs')],
    [own.path, own.path, copy.path],
  );
});

test('a session of another machine says which, and one of this machine does not', () => {
  own.session('sess-here').finish({ success: true, exit_code: 0, session_id: 'a', host: hostname() });
  own.session('sess-there').finish({ success: true, exit_code: 0, session_id: 'b', host: 'ci-runner-7' });
  const hosts = new Map(listed([own.path]).rows.map(({ ref, host }) => [ref.id, host]));
  assert.deepEqual([hosts.get('sess-here'), hosts.get('sess-there')], [undefined, 'ci-runner-7']);
});
