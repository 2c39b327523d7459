import { homedir } from 'node:os';
import { devboyRoot, openTraceStore, type TraceStore } from '../logs/traceStore.ts';
import { publicRedactor } from './redactorFor.ts';

/**
 * For programs that write traces themselves: `import { openTraces } from 'session-diagnostics/trace'`. The same as
 * `session-diagnostics trace` without a process for each line; refusals come back as values.
 *
 * @param root the folder that holds, or will hold, `.devboy`; the repository around the working directory if left out
 */
export function openTraces(root: string = devboyRoot(process.cwd())): TraceStore {
  const redactor = publicRedactor({ env: process.env, home: homedir(), cwd: process.cwd() });
  return openTraceStore({ root, redactor, nowMs: Date.now });
}
