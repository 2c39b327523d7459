import { spawn } from 'node:child_process';
import { cliWords, type CliCall } from '../core/words/cliCall.ts';
import { parseJson } from '../core/words/json.ts';

/** The command line beside this bundle, run by the editor's own Node. */
export interface RecorderCli {
  readonly path: string;
  /** Runs a command to its end. */
  readonly run: (call: CliCall, options?: CliOptions) => Promise<CliResult>;
  /** Starts a command that outlives this window; resolves with its first line of output, or its failure. */
  readonly launch: (call: CliCall) => Promise<CliResult>;
}

export interface CliOptions {
  readonly cwd?: string;
}

export type CliResult =
  | { readonly ok: true; readonly stdout: string; readonly json: unknown }
  | { readonly ok: false; readonly why: string };

/** A report of a large session; beyond it something is wrong. */
const MAX_OUTPUT_CHARACTERS = 32_000_000;
/** Commands answer at once (`run` and `attach` are started with --detach); analyzing a large transcript takes seconds. */
const LIMIT_MS = 60_000;

export function createRecorderCli(path: string, home: string, log: (line: string) => void): RecorderCli {
  const logged = (call: CliCall, result: CliResult): CliResult => {
    // Somebody's own command may hold secrets: the log shows our own words only.
    log(`session-diagnostics ${cliWords({ ...call, program: [] }).join(' ')}${result.ok ? '' : `: ${result.why}`}`);
    return result;
  };
  return {
    path,
    run: async (call, options = {}) => logged(call, await finished(path, cliWords(call), options.cwd ?? home)),
    launch: async (call) => logged(call, await launched(path, cliWords(call), home)),
  };
}

/**
 * The extension host's environment without what VS Code adds for its own processes: an agent that starts `code` or an
 * Electron program must not inherit it. ELECTRON_RUN_AS_NODE makes the editor's own program a Node.
 */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !/^(ELECTRON_|VSCODE_(?!SHELL_LOGIN))/.test(name));
  return { ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: '1' };
}

function finished(path: string, args: readonly string[], cwd: string): Promise<CliResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path, ...args], {
      cwd,
      env: childEnvironment(process.env),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      timeout: LIMIT_MS,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < MAX_OUTPUT_CHARACTERS) stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
    child.once('error', (error) => resolve({ ok: false, why: `It could not be started: ${error.message}` }));
    // 'exit', not 'close': a detached recorder may keep our pipes open.
    child.once('exit', (code, signal) => setImmediate(() => resolve(resultOf({ code, signal, stdout, stderr }))));
  });
}

function launched(path: string, args: readonly string[], cwd: string): Promise<CliResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path, ...args], {
      cwd,
      env: childEnvironment(process.env),
      // Its stderr is nobody's: a pipe would break, and take the recorder with it, when this window closes.
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
      windowsHide: true,
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (!stdout.includes('\n')) return;
      child.stdout.destroy();
      child.unref();
      resolve(resultOf({ code: 0, signal: null, stdout, stderr: '' }));
    });
    child.once('error', (error) => resolve({ ok: false, why: `It could not be started: ${error.message}` }));
    child.once('exit', (code, signal) => resolve(resultOf({ code: code ?? 1, signal, stdout, stderr: '' })));
  });
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function resultOf({ code, signal, stdout, stderr }: Exit): CliResult {
  if (code === 0) {
    const parsed = parseJson(stdout);
    return { ok: true, stdout, json: parsed.ok ? parsed.value : undefined };
  }
  const said = stderr.trim().split('\n').at(-1) ?? '';
  return { ok: false, why: said === '' ? `It ended with ${signal ?? `code ${code}`}.` : said };
}
