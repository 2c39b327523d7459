import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import type * as Published from '../../media/trace.d.ts';
import type * as Real from '../../src/cli/traceLibrary.ts';
import { nodeOfMajor } from '../rig/nodes.ts';

/** What `npm publish` would publish, installed into an empty folder without a network, on the Nodes that it claims. */
const PROJECT = resolve(import.meta.dirname, '../..');
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-npm-'));
const prefix = join(home, 'prefix');
const installed = join(prefix, 'node_modules/session-diagnostics');
const command = join(prefix, 'node_modules/.bin/session-diagnostics');
after(() => rmSync(home, { recursive: true, force: true }));

interface Packed {
  readonly filename: string;
  readonly version: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly mode: number }[];
}

let packed: Packed;

/** Nothing of this machine but its programs: a home, a cache and a configuration of its own, and no registry. */
function bare(node?: string): NodeJS.ProcessEnv {
  const { PATH = '' } = process.env;
  const path = node === undefined ? PATH : `${folderWith(node)}:${PATH}`;
  return {
    PATH: path.replaceAll(/[^:]*node_modules\/\.bin:?/g, ''),
    HOME: home,
    XDG_DATA_HOME: join(home, 'share'),
    npm_config_cache: join(home, 'cache'),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
}

/** A folder in which `node` is that one. */
function folderWith(node: string): string {
  const folder = join(home, `bin-${node.replaceAll(/\W/g, '-')}`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'node'))) {
    writeFileSync(join(folder, 'node'), `#!/bin/sh\nexec '${node}' "$@"\n`, { mode: 0o755 });
  }
  return folder;
}

before(() => {
  const flags = ['--ignore-scripts', '--json', '--pack-destination', home];
  const said = execFileSync('npm', ['pack', ...flags], { cwd: PROJECT, encoding: 'utf8', env: bare() });
  packed = (JSON.parse(said) as Packed[])[0] ?? assert.fail('npm packed nothing');
  mkdirSync(prefix);
  writeFileSync(join(prefix, 'package.json'), '{ "private": true, "type": "module" }');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', join(home, packed.filename)], {
    cwd: prefix,
    env: bare(),
  });
});

test('the package holds what its commands need and nothing else, within its bars', () => {
  assert.ok(packed.size <= 1_300_000, `packed: ${packed.size} bytes`);
  assert.ok(packed.unpackedSize <= 4_500_000, `unpacked: ${packed.unpackedSize} bytes`);
  const manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(manifest['private'], undefined);
  assert.equal(manifest['dependencies'], undefined);
  const names = packed.files.map(({ path }) => path);
  for (const needed of [
    'LICENSE',
    'README.md',
    'dist/ThirdPartyNotices.txt',
    'dist/session-diagnostics.1',
    'dist/shared.css',
    'dist/webview.css',
    'dist/webview.js',
    'media/report.schema.json',
  ])
    assert.ok(names.includes(needed), needed);
  const foreign = names.filter(
    (name) => !/^(?:dist|media)\/|^(?:README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/.test(name),
  );
  assert.deepEqual(foreign, []);
  // Of the webview what a page of `report --format html` is made of.
  const ofTheEditor = names.filter(
    (name) =>
      /extension\.cjs|webview|backendParts|walkthrough|\.map$|\.png$/.test(name) &&
      !/^dist\/webview\.(?:js|css)$/.test(name),
  );
  assert.deepEqual(ofTheEditor, []);
  for (const { path, mode } of packed.files) if (path.includes('native/')) assert.equal(mode & 0o111, 0o111, path);
  // Alone in its prefix: it depends on no other package.
  assert.deepEqual(Object.keys(lockOf(prefix)), ['node_modules/session-diagnostics']);
});

function lockOf(folder: string): Record<string, unknown> {
  const lock = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8')) as {
    readonly packages: Record<string, unknown>;
  };
  return lock.packages;
}

for (const major of [20, 22, 24]) {
  test(`on a bare Node ${major} its commands and its library work`, async (t) => {
    const found = nodeOfMajor(major);
    if ('missing' in found) return t.skip(found.missing);
    const env = bare(found.node);
    const root = join(home, `logs-${major}`);
    const say = (...args: string[]): { code: number | null; out: string } => {
      const { status, stdout, stderr } = spawnSync(command, args, {
        env,
        cwd: home,
        encoding: 'utf8',
        timeout: 60_000,
      });
      return { code: status, out: stdout + stderr };
    };
    const asked = ['--package', join(home, packed.filename), 'session-diagnostics'];
    const flags = ['--id', 'sess-npm', '--log-dir', root];
    const ran = spawnSync('npx', ['--yes', ...asked, 'run', ...flags, '--', 'sh', '-c', 'echo hello; exit 3'], {
      env,
      cwd: home,
      encoding: 'utf8',
    });
    assert.deepEqual([ran.status, ran.stdout], [3, 'hello\n'], ran.stderr);

    const listed = say('list', '--json', '--log-dir', root);
    assert.equal((JSON.parse(listed.out) as { dir_name: string }[])[0]?.dir_name, 'sess-npm');
    assert.match(say('show', 'sess-npm', '--log-dir', root).out, /code 3/);
    assert.match(say('metrics', '--once', '--log-dir', root).out, /^session_diagnostics_\w+/m);
    assert.match(say('report', 'sess-npm', '--log-dir', root).out, /exit/i);
    assert.match(say('mcp', '--ask', 'what_is_running', '{}', '--log-dir', root).out, /\S/);
    assert.match(say('doctor', '--log-dir', root).out, /ok +\S/);
    assert.equal(say('--version').out.trim(), packed.version);
    assert.match(await languageServerAnswer(found.node, env), /"capabilities"/);

    const program = `import { openTraces } from 'session-diagnostics/trace';
      console.log(openTraces(${JSON.stringify(home)}).begin({ skill: 'release' }).ok);`;
    const imported = spawnSync(found.node, ['--input-type=module', '-e', program], {
      cwd: prefix,
      env,
      encoding: 'utf8',
    });
    assert.equal(imported.stdout.trim(), 'true', imported.stderr);
  });
}

/** What the server says to an editor that introduces itself. */
async function languageServerAnswer(node: string, env: NodeJS.ProcessEnv): Promise<string> {
  const server = spawn(node, [join(installed, 'dist/cli.js'), 'lsp', '--stdio'], { env, timeout: 30_000 });
  const params = { processId: null, rootUri: null, capabilities: {} };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  server.stdin.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
  let said = '';
  for await (const text of server.stdout.setEncoding('utf8')) {
    said += String(text);
    if (said.includes('capabilities')) server.kill('SIGKILL');
  }
  return said;
}

test('a program in TypeScript sees the library’s types', () => {
  const program = `import { openTraces, type TraceResult } from 'session-diagnostics/trace';
    const traces = openTraces();
    const begun = traces.begin({ skill: 'release' });
    const told: TraceResult = begun.ok ? traces.append(begun.sessionId, 'call', { a: 1 }) : begun;
    export const said: string = told.ok ? told.dir : told.message;
    // @ts-expect-error an outcome is one of three words
    traces.finalise('id', { outcome: 'fine', summary: '' });`;
  writeFileSync(join(prefix, 'program.ts'), program);
  const tsc = join(PROJECT, 'node_modules/typescript/bin/tsc');
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', ''];
  const said = spawnSync(process.execPath, [tsc, ...flags, 'program.ts'], { cwd: prefix, encoding: 'utf8' });
  assert.equal(said.status, 0, said.stdout);
});

/** Does not compile where the published types and the library's own differ. */
const published: typeof Published.openTraces = (() => undefined) as unknown as typeof Real.openTraces;
const real: typeof Real.openTraces = published;
void real;
