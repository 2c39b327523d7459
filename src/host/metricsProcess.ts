import { spawn, type ChildProcess } from 'node:child_process';
import { cliWords, type CliCall } from '../core/words/cliCall.ts';
import { childEnvironment } from './recorderCli.ts';

export interface MetricsProcess {
  /** Serves by this call from now on; `undefined` serves no longer. */
  readonly serve: (call: CliCall | undefined, cwd: string) => void;
  readonly dispose: () => void;
}

export interface MetricsProcessOptions {
  readonly cliPath: string;
  readonly log: (line: string) => void;
  /** Another window may have the port: when that is closed, this one takes over. */
  readonly retryMs?: number;
}

/** Keeps `session-diagnostics metrics` running. It is ours alone: it ends with this window, however that ends. */
export function createMetricsProcess({ cliPath, log, retryMs = 60_000 }: MetricsProcessOptions): MetricsProcess {
  let child: ChildProcess | undefined;
  let retry: NodeJS.Timeout | undefined;
  let told = '';

  const stop = (): void => {
    clearTimeout(retry);
    child?.removeAllListeners('exit');
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
    const again = (why: string): void => {
      // A port that stays taken is told once, not every minute.
      if (why !== told) log(why);
      told = why;
      retry = setTimeout(() => start(call, cwd), retryMs);
      retry.unref();
    };
    started.once('error', (error) => again(`Metrics could not be served: ${error.message}`));
    started.once('exit', () => again(said.trim() || 'The metrics server ended.'));
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
