import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createMarkerScanner, type OutputMarker } from '../core/outputMarkers.ts';
import { DEFAULT_CAP_BYTES, openCappedLog, type CappedLog } from '../logs/cappedLog.ts';
import { passThrough } from './passThrough.ts';
import type { AgentOutput as AgentStdio, SpawnedAgent } from './spawnAgent.ts';

/** The agent's two streams: where they go, how much came, and what its last words on stderr were. */
export interface AgentOutput {
  readonly stdio: AgentStdio;
  /** Begins reading; called once the agent is spawned. */
  attach(agent: SpawnedAgent): void;
  /** `undefined` when nothing is captured. */
  byteCount(): number | undefined;
  /** Trims what the agent writes by itself; called now and then. */
  tend(): void;
  /** Resolves when the streams have ended, or a moment after the agent did: what it left behind may hold them open. */
  drained(): Promise<void>;
  markers(): { readonly markers: readonly OutputMarker[]; readonly stderrBytes: number };
  close(): void;
}

/** How long after the agent's end its pipes may still bring something. */
const DRAIN_MS = 500;

/** No capture: straight to our own descriptors, or, detached, nowhere. */
export function uncapturedOutput(isDetached: boolean): AgentOutput {
  return {
    stdio: { kind: isDetached ? 'discard' : 'inherit' },
    attach: () => undefined,
    byteCount: () => undefined,
    tend: () => undefined,
    drained: () => Promise.resolve(),
    markers: () => ({ markers: [], stderrBytes: 0 }),
    close: () => undefined,
  };
}

/** Through us: handed on to our own stdout and stderr, and kept. */
export function pipedOutput(stdout: CappedLog, stderr: CappedLog): AgentOutput {
  const scanner = createMarkerScanner();
  let bytes = 0;
  let streams: readonly Promise<void>[] = [];
  let agent: SpawnedAgent | undefined;
  return {
    stdio: { kind: 'piped' },
    attach: (spawned) => {
      agent = spawned;
      streams = [
        spawned.stdout &&
          passThrough(spawned.stdout, 1, (chunk) => {
            bytes += chunk.length;
            stdout.write(chunk);
          }),
        spawned.stderr &&
          passThrough(spawned.stderr, 2, (chunk) => {
            bytes += chunk.length;
            scanner.add(chunk);
            stderr.write(chunk);
          }),
      ].filter((stream) => stream !== undefined);
    },
    byteCount: () => bytes,
    tend: () => undefined,
    drained: async () => {
      const timer = setTimeout(() => {
        agent?.stdout?.destroy();
        agent?.stderr?.destroy();
      }, DRAIN_MS);
      await Promise.all(streams);
      clearTimeout(timer);
    },
    markers: () => ({ markers: scanner.markers(), stderrBytes: scanner.byteCount }),
    close: () => {
      stdout.close();
      stderr.close();
    },
  };
}

/** The agent writes into the files itself: a recorder that dies takes nothing away from it. */
export function directOutput(stdout: CappedLog, stderr: CappedLog): AgentOutput {
  return {
    stdio: { kind: 'direct', stdoutFd: stdout.fd, stderrFd: stderr.fd },
    attach: () => undefined,
    byteCount: () => stdout.byteCount() + stderr.byteCount(),
    tend: () => {
      stdout.trim();
      stderr.trim();
    },
    drained: () => Promise.resolve(),
    markers: () => scanTail(stderr),
    close: () => {
      stdout.close();
      stderr.close();
    },
  };
}

/** After a recorder's death: what it captured, as it lies there. Nobody trims it any more but us. */
export function openedOutput(dir: string): AgentOutput {
  const logs = ['stdout.log', 'stderr.log'].map((name) => join(dir, name)).filter((path) => existsSync(path));
  const [stdout, stderr] = logs.map((path) =>
    openCappedLog(path, { capBytes: DEFAULT_CAP_BYTES, onFailure: () => undefined }),
  );
  if (stdout === undefined || stderr === undefined) return uncapturedOutput(true);
  return directOutput(stdout, stderr);
}

/** Last words are at the end: this much of it is read. */
const TAIL_BYTES = 1024 * 1024;

function scanTail(log: CappedLog): ReturnType<AgentOutput['markers']> {
  const scanner = createMarkerScanner();
  const tail = log.tail(TAIL_BYTES);
  scanner.add(tail);
  const stderrBytes = log.byteCount();
  const skipped = stderrBytes - tail.length;
  const markers = scanner.markers().map((marker) => ({ ...marker, offset: marker.offset + skipped }));
  return { markers, stderrBytes };
}
