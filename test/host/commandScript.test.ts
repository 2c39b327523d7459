import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { commandBatch, commandScript, type CommandParts } from '../../src/host/terminal/commandScript.ts';
import { CLI } from '../cli/builtCli.ts';

/** The command that the editor puts into its terminals, on a machine without a Node of its own. */
const home = mkdtempSync(join(tmpdir(), "session diagnostics' script-"));
const bin = join(home, 'bin');
const extensions = join(home, 'extensions');
const platform = `${process.platform}-${process.arch}`;
const native = join(dirname(CLI), 'native', platform, 'session-diagnostics');
after(() => rmSync(home, { recursive: true, force: true }));

const manifest = readFileSync(join(dirname(CLI), '../package.json'), 'utf8');
const { version: VERSION } = JSON.parse(manifest) as { readonly version: string };

/** Electron is an editor unless it is told to be a Node. */
const electron = join(home, 'electron');
const parts = (version: string): CommandParts => ({
  runtime: electron,
  isElectron: true,
  dist: join(extensions, `session-diagnostics.session-diagnostics-${version}`, 'dist'),
  versions: join(extensions, 'session-diagnostics.session-diagnostics-'),
  platform,
});

before(() => {
  mkdirSync(bin);
  for (const tool of ['sh', 'ls', 'head', 'env', 'sleep'])
    symlinkSync(execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(bin, tool));
  makeElectron();
  makeVersion('0.9.0');
});

function makeElectron(): void {
  const text = `#!/bin/sh\n[ -n "$ELECTRON_RUN_AS_NODE" ] || { echo a window opens; exit 99; }\nexec '${process.execPath}' "$@"\n`;
  writeFileSync(electron, text, { mode: 0o755 });
}

function makeVersion(version: string): void {
  const { dist } = parts(version);
  cpSync(dirname(CLI), dist, { recursive: true });
  utimesSync(dist, new Date(), new Date());
}

function say(...args: string[]): { readonly code: number | null; readonly said: string } {
  const path = join(home, 'session-diagnostics');
  const env = { PATH: bin, HOME: home, XDG_DATA_HOME: join(home, 'share') };
  const { status, stdout, stderr } = spawnSync(path, args, { env, cwd: home, encoding: 'utf8', timeout: 30_000 });
  return { code: status, said: stdout + stderr };
}

const write = (version: string): void =>
  writeFileSync(join(home, 'session-diagnostics'), commandScript(parts(version)), { mode: 0o755 });

test('by the editor’s runtime alone it runs each command, and what it records is as bare', () => {
  write('0.9.0');
  assert.deepEqual(say('--version'), { code: 0, said: `${VERSION}\n` });
  const { code, said } = say('run', '--id', 'sess-script', '--', 'sh', '-c', 'env; exit 3');
  assert.equal(code, 3, said);
  assert.match(said, /^SESSION_DIAGNOSTICS_SESSION=sess-script$/m);
  assert.doesNotMatch(said, /ELECTRON/);
  assert.match(say('show', 'sess-script').said, /code 3/);
});

test(
  'what its native program leaves to Node is told by Node, and opens no window',
  { skip: !existsSync(native) },
  () => {
    const { code, said } = say('run', '--interval', 'often', '--', 'sh');
    assert.equal(code, 2, said);
    assert.match(said, /--interval takes a number/);
    assert.match(say('run', '--help').said, /keeps the evidence/);
  },
);

test('after an update it is the new version, also in a terminal that was open', () => {
  makeVersion('0.10.0');
  rmSync(dirname(parts('0.9.0').dist), { recursive: true });
  assert.deepEqual(say('--version'), { code: 0, said: `${VERSION}\n` });
});

test('after an update of the editor the Node of the PATH serves, and without one it says what to do', () => {
  rmSync(electron);
  const { code, said } = say('--version');
  assert.equal(code, 127);
  assert.match(said, /no Node on the PATH\. Open the editor once more/);
  symlinkSync(process.execPath, join(bin, 'node'));
  assert.deepEqual(say('--version'), { code: 0, said: `${VERSION}\n` });
});

test('without the extension it says so', () => {
  rmSync(extensions, { recursive: true });
  const { code, said } = say('list');
  assert.equal(code, 127);
  assert.match(said, /is not there any more\. Install it again, or remove /);
});

test('on Windows a batch file does the same', () => {
  const batch = commandBatch({ ...parts('0.9.0'), runtime: 'C:\\Code\\Code.exe', dist: 'C:\\x\\dist' });
  assert.match(batch, /set ELECTRON_RUN_AS_NODE=1\r\n"C:\\Code\\Code\.exe" "C:\\x\\dist\\cli\.js" %\*/);
});
