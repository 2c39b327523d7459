import { write } from 'node:fs';
import type { Readable } from 'node:stream';

/**
 * Hands the agent's output on, one chunk at a time: captured first, then written to our own descriptor.
 *
 * `process.stdout.write` is synchronous for pipes on POSIX: a reader that is slow (`| less`) would stop the sampler.
 * fs.write waits on a pool thread instead, and the agent waits through its pipe as it would without us.
 */
export function passThrough(source: Readable, fd: number, capture: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve) => {
    let isOpen = true;
    source.on('data', (chunk: Buffer) => {
      capture(chunk);
      if (!isOpen) return;
      source.pause();
      writeWhole(fd, chunk, (failure) => {
        if (failure === 'broken') {
          isOpen = false;
          source.destroy(); // `run -- yes | head -1`: the agent must meet the broken pipe itself
        } else if (failure !== undefined) {
          isOpen = false; // the terminal is gone: the agent goes on, and so does the capture
        }
        source.resume();
      });
    });
    source.once('close', resolve);
    source.once('error', () => resolve()); // a pipe that fails to read has ended for us; 'close' may not follow
  });
}

type WriteFailure = 'broken' | 'gone' | undefined;

function writeWhole(fd: number, chunk: Buffer, done: (failure: WriteFailure) => void): void {
  write(fd, chunk, (error, written) => {
    if (error?.code === 'EAGAIN') {
      // Somebody made the descriptor non-blocking (a shell's other job may): try again shortly.
      setTimeout(() => writeWhole(fd, chunk, done), 10);
    } else if (error !== null) {
      done(error.code === 'EPIPE' ? 'broken' : 'gone');
    } else if (written < chunk.length) {
      writeWhole(fd, chunk.subarray(written), done);
    } else {
      done(undefined);
    }
  });
}
