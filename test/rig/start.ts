import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { installedCodeServer, serveEditor } from './codeServer.ts';
import { recordDemo } from './demoSessions.ts';
import { packagedExtension } from './packagedExtension.ts';

/** `npm start`: a real VS Code in the browser, open on the panel, with sessions that were just recorded and some that run. */
const { values } = parseArgs({ options: { port: { type: 'string' } } });
const port = values.port === undefined ? undefined : Number(values.port);
if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65_536)) {
  console.error(`--port takes a number from 1 to 65535, not "${values.port}".`);
  process.exit(2);
}

const server = installedCodeServer(console.log);
if ('missing' in server) {
  console.error(`${server.missing}\nIs the npm registry in reach, and are make, g++ and python3 installed?`);
  process.exit(1);
}

// A home of its own: the demo neither shows nor touches what you have recorded yourself.
const home = mkdtempSync(join(tmpdir(), 'session-diagnostics-demo-'));
const workspace = join(home, 'demo');
const env = { ...process.env, HOME: home, XDG_DATA_HOME: join(home, 'share'), SESSION_DIAGNOSTICS_OPEN_PANEL: '1' };
const root = join(home, 'share/autoskillit/logs');
mkdirSync(workspace);
writeFileSync(join(workspace, 'README.md'), '# Demo\n\nThe sessions in the panel were recorded a moment ago.\n');

const demo = recordDemo({ home, workspace, root, env });
const editor = await serveEditor(server.entry, {
  home,
  folder: workspace,
  vsix: packagedExtension(),
  env,
  isTrusted: true,
  ...(port !== undefined && { port }),
});

console.log(`
Session Diagnostics is open in a real VS Code, on this machine only:

  ${editor.url}

Its panel shows sessions that were just recorded: a child and an agent that ran out of memory, a network that fails, a good
run and a bad one, one that hangs and one that leaks right now. Later: F1, "Session Diagnostics: Open Panel".
${demo.missing.length === 0 ? '' : `\nNo memory group can be made here, so these are missing: ${demo.missing.join(', ')}. Root may.\n`}
In your own VS Code: code --install-extension ${packagedExtension()}

Ctrl-C ends the editor and the sessions, and removes what they have written.`);

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
await new Promise<void>((done) => {
  for (const signal of signals) process.once(signal, () => done());
});
demo.stop();
await editor.stop();
rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
