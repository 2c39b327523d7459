import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installedCodeServer, serveEditor } from './codeServer.ts';
import { packagedExtension } from './packagedExtension.ts';

/** `npm start`: a real VS Code in the browser, with the packaged extension and a session that is being recorded. */
const PROJECT = resolve(import.meta.dirname, '../..');
const CLI = join(PROJECT, 'dist/cli.js');
const DEMO_AGENT = join(import.meta.dirname, 'demoAgent.ts');
const LIVE = 'demo-live';

const server = installedCodeServer(console.log);
if ('missing' in server) {
  console.error(`${server.missing}\nIs the npm registry in reach, and are make, g++ and python3 installed?`);
  process.exit(1);
}

// A home of its own: the demo neither shows nor touches what you have recorded yourself.
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-demo-'));
const workspace = join(home, 'demo');
const env = { ...process.env, XDG_DATA_HOME: join(home, 'share') };
const root = join(home, 'share/autoskillit/logs');
mkdirSync(workspace);
writeFileSync(join(workspace, 'README.md'), '# Demo\n\nOpen the pulse icon at the left edge.\n');

const editor = await serveEditor(server.entry, {
  home,
  folder: workspace,
  vsix: packagedExtension(),
  env,
  isTrusted: true,
});
record(['--id', 'demo-failed', '--', 'sh', '-c', 'echo "dns: no such host" >&2; sleep 2; exit 3']);
record(['--id', LIVE, '--interval', '1', '--label', 'Demo agent', '--', process.execPath, DEMO_AGENT]);

console.log(`
Session Diagnostics is open in a real VS Code, on this machine only:

  ${editor.url}

A demo session is being recorded; it leaks a little memory. Open the pulse icon at the left edge, or press F1 and
choose "Session Diagnostics: Open Panel".

In your own VS Code: code --install-extension ${packagedExtension()}

Ctrl-C ends the editor and the session, and removes what they have written.`);

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
await new Promise<void>((done) => {
  for (const signal of signals) process.once(signal, () => done());
});
cli(['stop', LIVE]);
await editor.stop();
rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });

function record(args: readonly string[]): void {
  cli(['run', '--detach', ...args]);
}

function cli(args: readonly string[]): void {
  const [name = '', ...rest] = args;
  const done = spawnSync(process.execPath, [CLI, name, '--log-dir', root, ...rest], {
    cwd: workspace,
    env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  if (done.status !== 0) console.error(`session-diagnostics ${name}: ${done.stderr}`);
}
