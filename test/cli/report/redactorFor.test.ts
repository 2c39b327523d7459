import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { gitLines, gitProgram } from '../../../src/cli/gitLines.ts';
import { publicRedactor, redactorFor } from '../../../src/cli/redactorFor.ts';
import { userName } from '../../../src/cli/userName.ts';

const folder = mkdtempSync(join(tmpdir(), 'redactor-for-'));
after(() => rmSync(folder, { recursive: true }));
const workspace = join(folder, 'workspace');
mkdirSync(join(workspace, 'bin'), { recursive: true });
execFileSync('git', ['init', '-q', workspace]);
execFileSync('git', ['-C', workspace, 'config', 'user.email', 'qwertz@example.org']);

function plant(path: string): void {
  writeFileSync(path, `#!/bin/sh\ntouch ${join(folder, 'ran')}\necho qwertz@example.org\n`);
  chmodSync(path, 0o755);
}

test('a user without an entry in passwd, or without a descriptor left, has no name and is no error', () => {
  for (const code of ['ENOENT', 'EMFILE'])
    assert.equal(
      userName(() => {
        throw Object.assign(new Error(`uv_os_get_passwd returned ${code}`), { code });
      }),
      '',
    );
  assert.equal(
    userName(() => ({ username: 'bob' })),
    'bob',
  );
});

test('redactors are made for such a user', { skip: process.getuid?.() !== 0 && 'only root can become one' }, () => {
  const script = `
    process.setgroups([]); process.setgid(54321); process.setuid(54321);
    const { redactorFor, publicRedactor } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/cli/redactorFor.ts'))});
    const person = { env: { PATH: process.env.PATH }, home: '/nonexistent', cwd: '/' };
    console.log(redactorFor(person).credentialsOnly('fine').text, publicRedactor(person).redact('too').text);`;
  const shown = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', cwd: '/' });
  assert.equal(shown, 'fine too\n');
});

test('git is asked about the workspace, and is never the one that lies in it', () => {
  for (const name of ['git', 'git.exe']) for (const place of ['', 'bin']) plant(join(workspace, place, name));
  const own = process.env['PATH'] ?? '';
  for (const PATH of [
    own,
    `.${delimiter}${own}`,
    `${workspace}${delimiter}${own}`,
    `${join(workspace, 'bin')}${delimiter}bin${delimiter}${own}`,
  ]) {
    const place = { cwd: workspace, env: { ...process.env, PATH } };
    assert.ok(gitProgram(place)?.startsWith(folder) === false);
    assert.deepEqual(gitLines(place, ['config', '--local', 'user.email']), ['qwertz@example.org']);
    const person = { env: place.env, home: '/nonexistent', cwd: workspace };
    assert.ok(!publicRedactor(person).redact('ask qwertz').text.includes('qwertz'));
    assert.equal(redactorFor(person).credentialsOnly('fine').text, 'fine');
  }
  assert.ok(!existsSync(join(folder, 'ran')));
});

test('on Windows git.exe is taken from PATH, and without one git is not asked', () => {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  const place = { cwd: workspace, env: { Path: `${workspace}${delimiter}${tools}` }, platform: 'win32' } as const;
  assert.equal(gitProgram(place), undefined);
  assert.deepEqual(gitLines(place, ['config', 'user.email']), []);
  symlinkSync('/bin/true', join(tools, 'git.exe'));
  assert.equal(gitProgram(place), join(tools, 'git.exe'));
});
