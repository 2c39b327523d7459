import type { LogOutputChannel } from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, type ErrorHandler } from 'vscode-languageclient/node';

/** More crashes than this within the time, and it is left alone until a person asks for it. */
const MOST_CRASHES = 4;
const WITHIN_MS = 3 * 60_000;

export interface Crashes {
  readonly handler: ErrorHandler;
  /** From now on a crash is followed by another start; before, whoever starts it learns of the failure. */
  readonly started: () => void;
}

/** What happens when the server's process or the connection to it ends: it is only logged as long as it comes back. */
export function createCrashes(log: Pick<LogOutputChannel, 'warn' | 'error'>, onDown: () => void): Crashes {
  let times: readonly number[] = [];
  let isStarted = false;
  return {
    started: () => {
      isStarted = true;
    },
    handler: {
      error: (error) => {
        log.warn(`The connection to the language server: ${error.message}`);
        return { action: ErrorAction.Continue, handled: true };
      },
      closed: () => {
        const now = performance.now();
        times = [...times.filter((time) => now - time < WITHIN_MS), now];
        if (isStarted && times.length <= MOST_CRASHES) {
          const message = `The language server ended unexpectedly (${times.length} of ${MOST_CRASHES}); it is started again.`;
          return { action: CloseAction.Restart, message, handled: true };
        }
        if (isStarted) onDown();
        return { action: CloseAction.DoNotRestart, message: 'The language server has ended.', handled: true };
      },
    },
  };
}

/** The library's own words name neither a cause nor a way out, and some of them ignore `handled`: they go to the log. */
export class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }
  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}
