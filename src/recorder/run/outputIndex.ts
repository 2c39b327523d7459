import { isoFromMs } from '../../core/words/time.ts';
import type { LineWriter } from '../../logs/lineWriter.ts';

/** Writes `output.index`: when which byte of a stream came. */
export interface OutputIndex {
  /** Something comes now, at this offset of the whole stream. */
  add(stream: 'stdout' | 'stderr', offset: number): void;
  close(): void;
}

/** At most this often for each stream: the launcher's own index keeps to the same (src/native/capture.c). */
const EVERY_MS = 250;

export function createOutputIndex(writer: LineWriter): OutputIndex {
  const lastMs = new Map<string, number>();
  return {
    add: (stream, offset) => {
      const atMs = performance.now();
      const last = lastMs.get(stream);
      if (last !== undefined && atMs - last < EVERY_MS) return;
      lastMs.set(stream, atMs);
      writer.append(JSON.stringify({ ts: isoFromMs(Date.now()), stream, offset }));
    },
    close: () => writer.close(),
  };
}
