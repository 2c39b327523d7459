import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { published, runCli, startCli, testRoot } from './builtCli.ts';

const root = testRoot();
after(() => root.remove());

const workspace = join(root.path, 'workspace');
mkdirSync(join(workspace, '.autoskillit'), { recursive: true });
writeFileSync(join(workspace, '.autoskillit/config.yaml'), 'linux_tracing:\n  enabled: false\n');
const standard = join(root.path, 'data/autoskillit/logs');
const surroundings = { cwd: workspace, env: { XDG_DATA_HOME: join(root.path, 'data') } };

for (const native of ['on', 'off']) {
  const env = { ...surroundings.env, SESSION_DIAGNOSTICS_NATIVE: native };

  test(`a workspace that switches recording off has its command run and nothing recorded (native program ${native})`, async () => {
    const finished = await runCli(['run', '--', 'sh', '-c', 'echo ran; exit 3'], { cwd: workspace, env });
    assert.deepEqual([finished.code, finished.stdout, finished.stderr], [3, 'ran\n', '']);
    await published(standard);
    assert.equal(existsSync(standard), false);
    const told = await startCli(['run', '--', 'sleep', '2'], { cwd: workspace, env, isStderrTerminal: true }).finished;
    assert.match(told.stderr, /^session-diagnostics: Nothing is recorded: linux_tracing\.enabled is false [^\n]*\n$/);
  });

  test(`a flag records all the same (native program ${native})`, async () => {
    const logDir = join(root.path, `chosen-${native}`);
    await runCli(['run', '--log-dir', logDir, '--id', 'kept', '--', 'true'], { cwd: workspace, env });
    assert.equal(existsSync(join(logDir, 'sessions/kept/summary.json')), true);
  });
}
