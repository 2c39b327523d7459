// What programs see of `session-diagnostics/trace`: published as dist/trace.d.ts, so it imports nothing. A test compiles it
// against `traceLibrary.ts`: neither can change without the other.

/** Every text passes the redactor before it is written; refusals come back as values. */
export interface TraceStore {
  begin(trace: { skill: string; skillVersion?: string; inputSummary?: string }): TraceBegun;
  append(sessionId: string, phase: string, payload: { readonly [key: string]: unknown }): TraceResult;
  /** Writes the end line and refreshes meta.json from the whole trace. */
  finalise(sessionId: string, end: { outcome: 'success' | 'failure' | 'aborted'; summary: string }): TraceResult;
}

export type TraceBegun = { readonly ok: true; readonly sessionId: string; readonly dir: string } | TraceRefused;
export type TraceResult = { readonly ok: true; readonly dir: string } | TraceRefused;

export interface TraceRefused {
  readonly ok: false;
  readonly reason: 'bad_skill' | 'bad_phase' | 'no_such_trace' | 'already_ended' | 'unwritable';
  readonly message: string;
}

/**
 * The same as `session-diagnostics trace` without a process for each line.
 *
 * @param root the folder that holds, or will hold, `.devboy`; the repository around the working directory if left out
 */
export declare function openTraces(root?: string): TraceStore;
