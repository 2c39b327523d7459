import { write } from 'node:fs';
import type { Readable } from 'node:stream';

/** One stream of the agent on its way to our own descriptor. */
export interface PassedStream {
  /** Resolves at its end, or once nothing has come and nothing has waited for our reader for this long. */
  endedOrQuiet(quietMs: number): Promise<void>;
}

/**
 * Hands the agent's output on, one chunk at a time: captured first, then written to our own descriptor.
 *
 * `process.stdout.write` is synchronous for pipes on POSIX: a reader that is slow (`| less`) would stop the sampler.
 * fs.write waits on a pool thread instead, and the agent waits through its pipe as it would without us.
 */
export function passThrough(source: Readable, fd: number, capture: (chunk: Buffer) => void): PassedStream {
  let isWriting = false;
  let lastMs = performance.now();
  const ended = new Promise<void>((resolve) => {
    let isTerminalGone = false;
    source.on('data', (chunk: Buffer) => {
      capture(chunk);
      if (isTerminalGone) return;
      source.pause();
      isWriting = true;
      writeWhole(fd, chunk, (failure) => {
        isWriting = false;
        lastMs = performance.now();
        isTerminalGone = failure === 'EIO'; // its hangup is told by a signal; the agent may go on, and so does the capture
        // A reader that ended, a full disk: the agent must meet it itself, at its next write.
        if (failure === undefined || isTerminalGone) source.resume();
        else source.destroy();
      });
    });
    source.once('close', resolve);
    source.once('error', () => resolve()); // a pipe that fails to read has ended for us; 'close' may not follow
  });
  return {
    endedOrQuiet: (quietMs) => {
      lastMs = performance.now();
      return Promise.race([
        ended,
        new Promise<void>((resolve) => {
          const timer = setInterval(() => {
            if (isWriting || performance.now() - lastMs < quietMs) return;
            clearInterval(timer);
            source.destroy();
            resolve();
          }, 20);
          void ended.then(() => clearInterval(timer));
        }),
      ]);
    },
  };
}

function writeWhole(fd: number, chunk: Buffer, done: (failure: string | undefined) => void): void {
  write(fd, chunk, (error, written) => {
    if (error?.code === 'EAGAIN') {
      // Somebody made the descriptor non-blocking (a shell's other job may): try again shortly.
      setTimeout(() => writeWhole(fd, chunk, done), 10);
    } else if (error !== null) {
      done(error.code ?? 'unknown');
    } else if (written < chunk.length) {
      writeWhole(fd, chunk.subarray(written), done);
    } else {
      done(undefined);
    }
  });
}
