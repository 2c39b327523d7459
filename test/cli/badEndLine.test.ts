import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { runCli, startCli, testRoot } from './builtCli.ts';

const root = testRoot();
after(() => root.remove());

/** What `run` adds to a terminal once the agent has ended; the agent itself prints nothing. */
async function said(command: string, { native, flags = [] }: { readonly native: string; readonly flags?: string[] }) {
  const args = ['run', ...flags, '--log-dir', root.path, '--', 'sh', '-c', command];
  return (await startCli(args, { env: { SESSION_DIAGNOSTICS_NATIVE: native }, isStderrTerminal: true }).finished)
    .stderr;
}

for (const native of ['on', 'off']) {
  test(`on a terminal a bad end is told in one line, a good one not at all (native program ${native})`, async () => {
    const id = `told-${native}`;
    assert.equal(
      await said('exit 3', { native, flags: ['--id', id] }),
      `session-diagnostics: Failed with exit code 3. More: session-diagnostics show ${id}\n`,
    );
    assert.equal((await runCli(['show', id, '--log-dir', root.path])).code, 0, 'which is there by then');
    assert.match(
      await said('kill -9 $$', { native }),
      /^session-diagnostics: Killed with SIGKILL[^\n]* More: [^\n]+\n$/,
    );
    assert.equal(await said('true', { native }), '');
    assert.equal(await said('exit 3', { native, flags: ['--quiet'] }), '');
  });

  test(`a pipe gets the agent's own words alone (native program ${native})`, async () => {
    const env = { SESSION_DIAGNOSTICS_NATIVE: native };
    const ended = await runCli(['run', '--log-dir', root.path, '--', 'sh', '-c', 'echo own >&2; exit 3'], { env });
    assert.deepEqual([ended.code, ended.stderr], [3, 'own\n']);
  });
}
