import { spawn, type ChildProcess } from 'node:child_process';
import { cliWords, type CliCall } from '../core/words/cliCall.ts';
import { childEnvironment } from './recorderCli.ts';

export interface KeptProcess {
  /** Runs this call from now on; `undefined`: nothing. */
  readonly serve: (call: CliCall | undefined, cwd: string) => void;
  readonly dispose: () => void;
}

export interface KeptProcessOptions {
  readonly cliPath: string;
  readonly log: (line: string) => void;
  /** Another window may have its place: when that is closed, this one takes over. */
  readonly retryMs?: number;
  /** For the log: what failed, and what ended without a reason of its own. */
  readonly failed: string;
  readonly ended: string;
  /** What it says over its channel; `undefined`: it runs no longer. */
  readonly onMessage?: (message: unknown) => void;
}

/** Keeps a command of ours running. It is ours alone: it ends with this window, however that ends. */
export function createKeptProcess(options: KeptProcessOptions): KeptProcess {
  const { cliPath, log, retryMs = 60_000, failed, ended, onMessage = () => undefined } = options;
  let child: ChildProcess | undefined;
  let retry: NodeJS.Timeout | undefined;
  let told = '';

  const stop = (): void => {
    clearTimeout(retry);
    child?.removeAllListeners('exit').removeAllListeners('message');
    if (child !== undefined) onMessage(undefined);
    child?.kill();
    child = undefined;
  };
  const start = (call: CliCall, cwd: string): void => {
    // Its end of the channel closes with this process: that is how it learns of a window that crashed.
    const started = spawn(process.execPath, [cliPath, ...cliWords(call)], {
      cwd,
      env: childEnvironment(process.env),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      windowsHide: true,
    });
    child = started;
    let said = '';
    started.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-1000)));
    started.on('message', onMessage);
    const again = (why: string): void => {
      onMessage(undefined);
      // A place that stays taken is told once, not every minute.
      if (why !== told) log(why);
      told = why;
      retry = setTimeout(() => start(call, cwd), retryMs);
      retry.unref();
    };
    started.once('error', (error) => again(`${failed}: ${error.message}`));
    started.once('exit', () => again(said.trim() || ended));
  };
  return {
    serve: (call, cwd) => {
      stop();
      told = '';
      if (call !== undefined) start(call, cwd);
    },
    dispose: stop,
  };
}
