import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Enrollment } from '../../core/session/session.ts';
import { createMarkerScanner, type OutputMarker } from '../../core/death/outputMarkers.ts';
import { createStreamRedactor, type StreamRedactor } from '../../core/privacy/streamRedactor.ts';
import { DEFAULT_CAP_BYTES, openCappedLog, readTail, type CappedLog } from '../../logs/cappedLog.ts';
import type { LauncherLink } from './launcherLink.ts';
import type { OutputIndex } from './outputIndex.ts';
import { passThrough, type PassedStream } from './passThrough.ts';
import type { AgentOutput as AgentStdio, SpawnedAgent } from './spawnAgent.ts';

/** The agent's two streams: how much came, and what its last words on stderr were. */
export interface AgentOutput {
  /** `undefined` when nothing is captured. */
  byteCount(): number | undefined;
  /** Trims what the agent writes by itself; called now and then. */
  tend(): void;
  /** Resolves when all that the agent wrote has been passed on and kept. */
  drained(): Promise<void>;
  markers(): { readonly markers: readonly OutputMarker[]; readonly stderrBytes: number };
  close(): void;
}

/** Of an agent that we spawn ourselves. */
export interface SpawnedOutput extends AgentOutput {
  readonly stdio: AgentStdio;
  /** Begins reading; called once the agent is spawned. */
  attach(agent: SpawnedAgent): void;
}

/** Which streams the launcher keeps; `isOne`: both go to one place, and all is in stdout.log. */
export interface LauncherCapture {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly isOne: boolean;
}

/** The agent's end does not wait for a reader that has stopped reading: after this long what is kept is enough. */
const READER_MS = 10_000;

/** The launcher passes the output on and keeps it, with us or without. */
export function launcherOutput(link: LauncherLink, dir: string, capture: LauncherCapture): AgentOutput {
  return {
    byteCount: () => (capture.stdout || capture.stderr ? link.kept.stdout + link.kept.stderr : undefined),
    tend: () => undefined,
    drained: () => Promise.race([link.drained(), delay(READER_MS, undefined, { ref: false })]),
    markers: () => {
      const stream = capture.isOne ? 'stdout' : 'stderr';
      if (!capture[stream]) return { markers: [], stderrBytes: 0 };
      return scanTail(readTail(join(dir, `${stream}.log`), TAIL_BYTES), link.kept[stream]);
    },
    close: () => undefined,
  };
}

/** How long after the agent's end, with nothing on its way any more, its pipes may still bring something. */
const DRAIN_MS = 500;

/** No capture: straight to our own descriptors, or, detached, nowhere. */
export function uncapturedOutput(isDetached: boolean): SpawnedOutput {
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

export interface Keeping {
  readonly stdout: CappedLog;
  readonly stderr: CappedLog;
  readonly index: OutputIndex;
  /** `--redact-output`: nothing unredacted reaches the disk. */
  readonly redactedSecrets: readonly string[] | undefined;
}

/** Through us: handed on to our own stdout and stderr, and kept. */
export function pipedOutput({ stdout, stderr, index, redactedSecrets }: Keeping): SpawnedOutput {
  const scanner = createMarkerScanner();
  let bytes = 0;
  const logs = { stdout, stderr } as const;
  const redactorOf = (): StreamRedactor | undefined =>
    redactedSecrets && createStreamRedactor({ secrets: redactedSecrets });
  const redactors = { stdout: redactorOf(), stderr: redactorOf() } as const;
  const keep = (name: 'stdout' | 'stderr', kept: Uint8Array): void => {
    if (kept.length === 0) return;
    index.add(name, logs[name].byteCount());
    logs[name].write(kept);
  };
  const pass = (name: 'stdout' | 'stderr', source: Readable | undefined): readonly PassedStream[] => {
    if (source === undefined) return [];
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (name === 'stderr') scanner.add(chunk);
      keep(name, redactors[name]?.push(chunk) ?? chunk);
    };
    return [passThrough(source, name === 'stdout' ? 1 : 2, take)];
  };
  let streams: readonly PassedStream[] = [];
  return {
    stdio: { kind: 'piped' },
    attach: (agent) => {
      streams = [...pass('stdout', agent.stdout), ...pass('stderr', agent.stderr)];
    },
    byteCount: () => bytes,
    tend: () => undefined,
    // What the agent left behind may hold the pipes open for ever; what waits for our own reader is the agent's.
    drained: async () => {
      await Promise.all(streams.map((stream) => stream.endedOrQuiet(DRAIN_MS)));
    },
    markers: () => ({ markers: scanner.markers(), stderrBytes: scanner.byteCount }),
    close: () => {
      for (const name of ['stdout', 'stderr'] as const) {
        keep(name, redactors[name]?.end() ?? new Uint8Array());
        logs[name].close();
      }
      index.close();
    },
  };
}

/** The agent writes into the files itself: a recorder that dies takes nothing away from it. */
export function directOutput(stdout: CappedLog, stderr: CappedLog): SpawnedOutput {
  return {
    stdio: { kind: 'direct', stdoutFd: stdout.fd, stderrFd: stderr.fd },
    attach: () => undefined,
    byteCount: () => stdout.byteCount() + stderr.byteCount(),
    tend: () => {
      stdout.trim();
      stderr.trim();
    },
    drained: () => Promise.resolve(),
    markers: () => scanTail(stderr.tail(TAIL_BYTES), stderr.byteCount()),
    close: () => {
      stdout.close();
      stderr.close();
    },
  };
}

/** After a recorder's death: what was captured, as it lies there. A launcher goes on keeping it; else only we trim it. */
export function openedOutput(dir: string, { launcher }: Pick<Enrollment, 'launcher'>): AgentOutput {
  if (launcher !== undefined) return keptOutput(dir);
  const logs = ['stdout.log', 'stderr.log'].map((name) => join(dir, name)).filter((path) => existsSync(path));
  const [stdout, stderr] = logs.map((path) =>
    openCappedLog(path, { capBytes: DEFAULT_CAP_BYTES, onFailure: () => undefined }),
  );
  if (stdout === undefined || stderr === undefined) return uncapturedOutput(true);
  return directOutput(stdout, stderr);
}

function keptOutput(dir: string): AgentOutput {
  const stdout = join(dir, 'stdout.log');
  const stderr = join(dir, 'stderr.log');
  const sizeOf = (path: string): number => lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return {
    ...uncapturedOutput(true),
    byteCount: () => sizeOf(stdout) + sizeOf(stderr),
    markers: () => scanTail(readTail(stderr, TAIL_BYTES), sizeOf(stderr)),
  };
}

/** Last words are at the end: this much of it is read. */
const TAIL_BYTES = 1024 * 1024;

function scanTail(tail: Uint8Array, byteCount: number): ReturnType<AgentOutput['markers']> {
  const scanner = createMarkerScanner();
  scanner.add(tail);
  const skipped = byteCount - tail.length;
  const markers = scanner.markers().map((marker) => ({ ...marker, offset: marker.offset + skipped }));
  return { markers, stderrBytes: byteCount };
}
