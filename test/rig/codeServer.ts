import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A real VS Code served on loopback: code-server 4.139.1 is VS Code 1.139.1. */
const VERSION = '4.139.1';
const CACHE = resolve(import.meta.dirname, '../../.vscode-test');
const HOME = join(CACHE, `code-server-${VERSION}`);
const ENTRY = join(HOME, 'node_modules/code-server/out/node/entry.js');
const INSTALL_LIMIT_MS = 300_000;
const START_LIMIT_MS = 60_000;

export type CodeServer = { readonly entry: string } | { readonly missing: string };

/** The editor's entry script, installed on demand; a sentence when it cannot be had. */
export function installedCodeServer(report: (line: string) => void = () => {}): CodeServer {
  if (existsSync(ENTRY)) return { entry: ENTRY };
  report(`Installing code-server ${VERSION} into .vscode-test (about half a minute) ...`);
  // Made under another name and renamed when complete: an install that was interrupted is not mistaken for one.
  const work = `${HOME}.${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, 'package.json'), '{ "private": true }');
  const editor = join(work, 'node_modules/code-server/lib/vscode');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const steps: readonly Step[] = [
    { cwd: work, args: ['install', `code-server@${VERSION}`, '--ignore-scripts', ...quiet] },
    { cwd: editor, args: ['install', '--omit=dev', '--ignore-scripts', ...quiet] },
    { cwd: editor, args: ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog', 'node-pty', ...quiet] },
  ];
  for (const { cwd, args } of steps) {
    const step = spawnSync('npm', args, { cwd, timeout: INSTALL_LIMIT_MS, encoding: 'utf8' });
    if (step.status === 0) continue;
    rmSync(work, { recursive: true, force: true });
    return {
      missing: `code-server ${VERSION} cannot be installed: \`npm ${args.join(' ')}\` failed. ${lastLine(step.stderr)}`,
    };
  }
  if (!existsSync(ENTRY)) renameSync(work, HOME);
  return { entry: ENTRY };
}

interface Step {
  readonly cwd: string;
  readonly args: readonly string[];
}

function lastLine(text: string | null): string {
  return (text ?? '').trim().split('\n').at(-1) ?? '';
}

export interface EditorOptions {
  /** Holds the editor's settings, extensions and logs. */
  readonly home: string;
  readonly folder: string;
  readonly vsix: string;
  readonly port?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** False: the folder opens in Restricted Mode. */
  readonly isTrusted: boolean;
}

export interface ServedEditor {
  readonly url: string;
  readonly pid: number;
  /** What the server has printed, for a failure's message. */
  readonly output: () => string;
  readonly stop: () => Promise<void>;
}

/** Installs the package into a fresh editor and serves it; resolves when it answers. */
export async function serveEditor(entry: string, options: EditorOptions): Promise<ServedEditor> {
  const places = ['--user-data-dir', join(options.home, 'data'), '--extensions-dir', join(options.home, 'extensions')];
  mkdirSync(join(options.home, 'data/User'), { recursive: true });
  writeFileSync(join(options.home, 'data/User/settings.json'), JSON.stringify({ ...QUIET, ...options.settings }));
  const env = { ...process.env, ...options.env };
  const install = spawnSync(process.execPath, [entry, ...places, '--install-extension', options.vsix], {
    env,
    encoding: 'utf8',
    timeout: START_LIMIT_MS,
  });
  if (install.status !== 0) throw new Error(`The package could not be installed: ${install.stdout}${install.stderr}`);

  const port = options.port ?? (await freePort());
  const flags = ['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check'];
  if (options.isTrusted) flags.push('--disable-workspace-trust');
  // Its own process group, so that the extension host and its terminals can be ended with it.
  const child = spawn(process.execPath, [entry, ...places, ...flags, options.folder], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (text: string): void => void (output = (output + text).slice(-20_000));
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const url = `http://127.0.0.1:${port}/`;
  await answering(url, child, () => output);
  return {
    url: `${url}?folder=${encodeURIComponent(options.folder)}`,
    pid: child.pid ?? 0,
    output: () => output,
    stop: () => stopped(child),
  };
}

/** No welcome page, no prompts, no downloads: what is on the screen is ours. */
const QUIET = {
  'workbench.startupEditor': 'none',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  // A modal editor would lie over everything else.
  'workbench.editor.useModal': 'off',
  // An untrusted folder is opened as such, without asking.
  'security.workspace.trust.startupPrompt': 'never',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'git.openRepositoryInParentFolders': 'never',
};

async function answering(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (performance.now() < deadline && child.exitCode === null) {
    const answer = await fetch(url, { redirect: 'manual' }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer !== undefined && answer.status < 500) return;
    await delay(100);
  }
  await stopped(child);
  throw new Error(`code-server did not answer at ${url}:\n${output()}`);
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolveEnd) => child.once('exit', resolveEnd));
  signalGroup(child.pid, 'SIGTERM');
  const forced = setTimeout(() => signalGroup(child.pid ?? 0, 'SIGKILL'), 5_000);
  await ended;
  clearTimeout(forced);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolvePort(port));
    });
  });
}
