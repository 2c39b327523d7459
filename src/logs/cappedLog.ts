import { closeSync, fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { openFile } from './door.ts';
import type { OnWriteFailure } from './lineWriter.ts';

/** One captured stream: at most `capBytes` on disk, the oldest dropped. */
export interface CappedLog {
  readonly path: string;
  /** For an agent that writes by itself; it appends (O_APPEND), so trimming under it is safe. */
  readonly fd: number;
  write(chunk: Uint8Array): void;
  /** Drops the oldest bytes when there are too many. */
  trim(): void;
  /** Everything that ever came, the dropped included. */
  byteCount(): number;
  /** What is kept of the last `bytes`: readable even when the file's path is gone. */
  tail(bytes: number): Buffer;
  close(): void;
}

export const DEFAULT_CAP_BYTES = 50 * 1024 * 1024;

/** A trim keeps this much of the cap, so that it is rare. */
const KEPT_SHARE = 0.75;
const COPY_BYTES = 1024 * 1024;

export interface CappedLogOptions {
  readonly capBytes: number;
  readonly onFailure: OnWriteFailure;
}

/** Throws as node:fs does when the file cannot be made. */
export function openCappedLog(path: string, { capBytes, onFailure }: CappedLogOptions): CappedLog {
  const fd = openFile(path, 'append');
  // Linux appends on pwrite too when the descriptor is O_APPEND (pwrite(2), BUGS): moving bytes needs another one.
  const moving = openFile(path, 'change');
  let size = fstatSync(fd).size;
  let droppedBytes = 0;
  let hasFailed = false;

  function guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      // The capture is a convenience, the agent's output is not ours to stop: say it once and go on without.
      if (!hasFailed) onFailure(path, (error as NodeJS.ErrnoException).code ?? 'unknown');
      hasFailed = true;
    }
  }

  /**
   * Moves the newest part to the front and cuts the rest. What is appended meanwhile is moved too, until nothing new
   * comes; bytes that arrive between the last look and the cut, some microseconds, are lost.
   */
  function dropOldest(roomBytes: number): void {
    const buffer = Buffer.allocUnsafe(COPY_BYTES);
    const keptBytes = Math.min(Math.floor(capBytes * KEPT_SHARE), capBytes - roomBytes);
    const keepFrom = Math.max(0, fstatSync(moving).size - keptBytes);
    let kept = 0;
    for (;;) {
      const length = readSync(moving, buffer, 0, COPY_BYTES, keepFrom + kept);
      if (length === 0) break;
      writeSync(moving, buffer, 0, length, kept);
      kept += length;
    }
    ftruncateSync(moving, kept);
    droppedBytes += keepFrom;
    size = kept;
  }

  return {
    path,
    fd,
    write: (chunk) => {
      guarded(() => {
        const kept = chunk.subarray(Math.max(0, chunk.length - capBytes));
        droppedBytes += chunk.length - kept.length;
        if (size + kept.length > capBytes) dropOldest(kept.length);
        size += writeSync(fd, kept);
      });
    },
    trim: () => {
      guarded(() => {
        if (fstatSync(fd).size > capBytes) dropOldest(0);
      });
    },
    byteCount: () => droppedBytes + fstatSync(fd).size,
    tail: (bytes) => {
      const total = fstatSync(moving).size;
      const buffer = Buffer.alloc(Math.min(bytes, total));
      return buffer.subarray(0, readSync(moving, buffer, 0, buffer.length, total - buffer.length));
    },
    close: () => {
      closeSync(fd);
      closeSync(moving);
    },
  };
}

/** The newest bytes of a file that somebody else writes; none where there is no such file. */
export function readTail(path: string, bytes: number): Buffer {
  let fd: number;
  try {
    fd = openFile(path, 'read');
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.min(bytes, size));
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, size - buffer.length));
  } finally {
    closeSync(fd);
  }
}
