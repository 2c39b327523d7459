import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import type { Alert } from '../../../src/core/panel/serverProtocol.ts';
import { ChangeReporter } from '../../../src/server/panel/changeReporter.ts';
import { SessionCatalog } from '../../../src/server/panel/sessionCatalog.ts';
import { SessionReaders } from '../../../src/server/panel/sessionReaders.ts';
import { INCIDENT_ID, recordIncident } from '../../webview/scriptedIncident.ts';
import { ScriptedRoot } from '../../webview/scriptedRoot.ts';
import { writeRunningSession } from '../../webview/scriptedSessions.ts';

let root: ScriptedRoot;

beforeEach(() => {
  root = new ScriptedRoot();
});
afterEach(() => root.remove());

const DEATH = { success: false, subtype: 'crashed', exit_code: -1, signal: 'SIGHUP' };

test('sessions that died together are told once, with their cause, and none of them alone', async () => {
  const together = ['one', 'two', 'three'].map((id) => writeRunningSession(root, id, 3));
  const alone = writeRunningSession(root, 'alone', 3);
  const catalog = new SessionCatalog();
  catalog.setRoots([root.path]);
  const alerts: Alert[] = [];
  const reporter = new ChangeReporter(catalog, new SessionReaders(catalog), (method, params) => {
    if (method === 'sessionDiagnostics/alert') alerts.push(params as Alert); // this method's parameters
  });
  reporter.reset();
  const ended = (id: string) => reporter.filesChanged([join(root.path, 'running', id)]);
  const record = (sessions: readonly string[]) => {
    const candidates = [{ cause: 'terminal_lost', name: 'tmux_server', confidence: 'certain', evidence: [] }];
    const deaths = sessions.map((id) => ({ session_id: id, dir_name: id, ts: '2026-01-15T09:05:00Z' }));
    reporter.filesChanged([recordIncident(root, { candidates, sessions: deaths })]);
  };
  for (const session of together) {
    session.finish(DEATH);
    ended(session.id);
  }
  // The first recorder to look sees two of them; the last one all.
  record(['one', 'two']);
  record(['one', 'two', 'three']);
  alone.finish(DEATH);
  ended(alone.id);
  // Whatever was to be told of the others alone had to be told before this.
  const end = Date.now() + 30_000;
  while (!alerts.some(({ type }) => type === 'unexpected_death') && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.deepEqual(
    alerts.map((alert) => (alert.type === 'simultaneous_deaths' ? alert.sentence : alert.session.id)),
    ['3 sessions died within 0.2 s: their tmux server went away (certain).', 'alone'],
  );
  const page = catalog.page({ filter: 'all', text: '', offset: 0, limit: 10 });
  assert.deepEqual(
    page.incidents.map(({ ref }) => ref.id),
    [INCIDENT_ID],
  );
  assert.deepEqual(catalog.page({ filter: 'all', text: 'alone', offset: 0, limit: 10 }).incidents.length, 0);
});
