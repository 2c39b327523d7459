import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCli } from './builtCli.ts';

const root = mkdtempSync(join(tmpdir(), 'trace-library-'));
after(() => rmSync(root, { recursive: true }));

test('another program begins, fills and ends a trace through the library, and the command line knows it', async () => {
  const key = `ghp_${randomBytes(18).toString('hex')}`;
  // As its user would write it; the name is that of package.json's exports.
  const program = `
    import { openTraces } from 'session-diagnostics/trace';
    const traces = openTraces(${JSON.stringify(root)});
    const begun = traces.begin({ skill: 'release' });
    traces.append(begun.sessionId, 'tool_result', { tool: 'bash', ok: false, error: 'no access with ' + process.env.USED });
    traces.finalise(begun.sessionId, { outcome: 'failure', summary: 'no access' });
    console.log(JSON.stringify([begun, traces.begin({ skill: '../evil' }).reason]));
  `;
  const project = join(import.meta.dirname, '../..');
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, USED: key },
    timeout: 30_000,
  });
  const [begun, refusal] = JSON.parse(said) as [{ sessionId: string; dir: string }, string];
  assert.equal(refusal, 'bad_skill');
  assert.ok(!readFileSync(join(begun.dir, 'trace.jsonl'), 'utf8').includes(key));
  const shown = await runCli(['show', begun.sessionId, '--json', '--log-dir', join(root, '.devboy')], {
    env: { XDG_DATA_HOME: join(root, 'data') },
  });
  assert.equal((JSON.parse(shown.stdout) as { verdict: { outcome: string } }).verdict.outcome, 'failed');
});
