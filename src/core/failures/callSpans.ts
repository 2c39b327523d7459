import type { Call } from '../session/call.ts';
import type { OpenCall } from './openCalls.ts';

/** One call of the agent, for a timeline: kind and status, nothing of its content. */
export interface CallSpan extends Call {
  /** The log's own name of it, which never leaves the program. */
  readonly id: string;
  readonly opened_ts: string | undefined;
  readonly closed_ts: string | undefined;
  readonly line: number;
}

/** However long a log is, the last of its calls are what a timeline shows. */
const MAX_SPANS = 20_000;

export class CallSpans {
  #closed: CallSpan[] = [];

  close(call: OpenCall, closedTs: string | undefined, status: 'ok' | 'failed'): void {
    this.#closed.push(spanOf(call, closedTs, status));
    if (this.#closed.length > 2 * MAX_SPANS) this.#closed = this.#closed.slice(-MAX_SPANS);
  }

  with(open: readonly OpenCall[]): readonly CallSpan[] {
    return [...this.#closed, ...open.map((call) => spanOf(call, undefined, 'open'))].sort((a, b) => a.line - b.line);
  }
}

function spanOf(call: OpenCall, closedTs: string | undefined, status: CallSpan['status']): CallSpan {
  return {
    id: call.id,
    opened_ts: call.at.ts,
    closed_ts: closedTs,
    tool_kind: call.tool_kind,
    status,
    line: call.at.line,
  };
}
