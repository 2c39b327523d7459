import { isoFromMs } from '../../core/words/time.ts';
import { jsonLine } from '../../core/words/json.ts';
import { appendLifecycleLine } from '../../logs/lifecycleLog.ts';
import type { LogRoot } from '../../logs/logRoot.ts';
import {
  claimSpooled,
  releaseSpooled,
  removeSpooled,
  spool,
  type Spooled,
  type SpoolRequest,
} from '../../logs/spool.ts';
import type { OtlpSent } from '../../telemetry/otlp/otlpSend.ts';

/** Sends what belongs to one session. */
export type Send = (requests: readonly SpoolRequest[]) => Promise<OtlpSent>;

/** What others left is sent along for so long, and then left to the next. */
const ALONG_MS = 5000;

export interface Delivery {
  readonly root: LogRoot;
  readonly id: string;
  readonly requests: readonly SpoolRequest[];
  readonly send: Send;
}

export type Delivered = OtlpSent & { readonly isKept: boolean };

/** Kept on the disk first, then sent, and with it what waits: so a recorder that is killed meanwhile loses nothing. */
export async function deliver({ root, id, requests, send }: Delivery): Promise<Delivered> {
  const spooled = kept(root, id, requests);
  const sent = await send(requests);
  if (spooled !== undefined) settle(root, spooled, sent);
  if (sent.ok) await flushSpool(root, send, ALONG_MS);
  return { ...sent, isKept: spooled !== undefined && !sent.ok && !sent.isFinal };
}

/** `undefined` where the disk is full or not ours: it is sent all the same. */
function kept(root: LogRoot, id: string, requests: readonly SpoolRequest[]): Spooled | undefined {
  try {
    const { dropped, ...spooled } = spool(root, { id, requests, nowMs: Date.now() });
    if (dropped > 0) noteDropped(root, 'too much or too old', dropped);
    return spooled;
  } catch {
    return undefined;
  }
}

function settle(root: LogRoot, spooled: Spooled, sent: OtlpSent): void {
  if (!sent.ok && !sent.isFinal) return releaseSpooled(root, spooled);
  removeSpooled(root, spooled);
  if (!sent.ok) noteDropped(root, sent.why, 1);
}

export interface Flushed {
  readonly sent: number;
  readonly dropped: number;
  /** Why the last one was not sent, where one was not. */
  readonly why: string | undefined;
}

/** Sends what waits, the oldest first, until nothing does, the receiver is away, or the time is over. */
export async function flushSpool(root: LogRoot, send: Send, longestMs: number): Promise<Flushed> {
  const deadline = performance.now() + longestMs;
  const tried = new Set<string>();
  let [sent, dropped] = [0, 0];
  while (performance.now() < deadline) {
    const claimed = claimSpooled(root, Date.now(), tried);
    if (claimed === undefined) break;
    if (claimed.kind === 'damaged') {
      noteDropped(root, 'damaged', 1);
      dropped += 1;
      continue;
    }
    tried.add(claimed.spooled.name);
    const result = await send(claimed.requests);
    settle(root, claimed.spooled, result);
    if (result.ok) sent += 1;
    else if (result.isFinal) dropped += 1;
    else return { sent, dropped, why: result.why };
  }
  return { sent, dropped, why: undefined };
}

function noteDropped(root: LogRoot, reason: string, count: number): void {
  const event = {
    timestamp: isoFromMs(Date.now()),
    event: 'spool_dropped',
    session_id: '',
    reason,
    context: { count },
  };
  appendLifecycleLine(root, jsonLine(event), { onFailure: () => undefined }); // a full disk: it is gone all the same
}
