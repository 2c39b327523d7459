import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createMarkerScanner } from '../../core/death/outputMarkers.ts';
import { createStreamRedactor, type StreamRedactor } from '../../core/privacy/streamRedactor.ts';
import { DEFAULT_CAP_BYTES, openCappedLog, type CappedLog } from '../../logs/cappedLog.ts';
import { createLineWriter, type OnWriteFailure } from '../../logs/lineWriter.ts';
import type { AgentOutput, LauncherCapture } from './agentOutput.ts';
import { LAUNCHER_FDS, type LauncherLink } from './launcherLink.ts';
import { createOutputIndex, type OutputIndex } from './outputIndex.ts';

export interface RedactedOptions {
  readonly link: LauncherLink;
  readonly dir: string;
  readonly capture: LauncherCapture;
  readonly secrets: readonly string[];
  readonly onFailure: OnWriteFailure;
}

/**
 * `--redact-output`: the launcher hands its capture to us instead of a file, and nothing unredacted reaches the disk.
 * Should we die, the capture ends, and the agent's own output goes on.
 */
export function redactedOutput({ link, dir, capture, secrets, onFailure }: RedactedOptions): AgentOutput {
  const index = createOutputIndex(createLineWriter(join(dir, 'output.index'), onFailure));
  const scanner = createMarkerScanner();
  const names = (['stdout', 'stderr'] as const).filter((name) => capture[name]);
  const logs = names.map((name) => ({
    name,
    log: openCappedLog(join(dir, `${name}.log`), { capBytes: DEFAULT_CAP_BYTES, onFailure }),
  }));
  const lastWords = capture.isOne ? 'stdout' : 'stderr';
  const ended = logs.map(({ name, log }) => {
    const redactor = createStreamRedactor({ secrets });
    return keep({
      fd: LAUNCHER_FDS[name],
      redactor,
      log,
      index,
      name,
      scan: name === lastWords ? (bytes) => scanner.add(bytes) : noScan,
    });
  });
  return {
    byteCount: () => (logs.length === 0 ? undefined : logs.reduce((sum, { log }) => sum + log.byteCount(), 0)),
    tend: () => undefined,
    // What the agent left behind may hold its streams open: then what it wrote itself has come a moment after its end.
    drained: async () => {
      await Promise.race([Promise.all(ended), link.drained().then(() => delay(QUIET_MS))]);
    },
    markers: () => ({ markers: scanner.markers(), stderrBytes: scanner.byteCount }),
    close: () => {
      for (const { log } of logs) log.close();
      index.close();
    },
  };
}

const QUIET_MS = 300;

const noScan = (): void => undefined;

interface Kept {
  readonly fd: number;
  readonly redactor: StreamRedactor;
  readonly log: CappedLog;
  readonly index: OutputIndex;
  readonly name: 'stdout' | 'stderr';
  readonly scan: (bytes: Uint8Array) => void;
}

/** Until the launcher closes its end: the agent, and what it left behind, have ended. */
function keep({ fd, redactor, log, index, name, scan }: Kept): Promise<void> {
  const write = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return;
    index.add(name, log.byteCount());
    log.write(bytes);
    scan(bytes);
  };
  return new Promise((resolve) => {
    const stream = createReadStream('', { fd });
    stream.on('data', (chunk) => write(redactor.push(Buffer.from(chunk))));
    stream.once('error', () => resolve());
    stream.once('close', () => {
      write(redactor.end());
      resolve();
    });
  });
}
