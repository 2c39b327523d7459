import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Small kernel files as text. Synchronous on purpose: a round trip through libuv's pool costs several times the read.
 * An open file is read again from offset 0, which gives its present content and saves the open and close.
 */
export class TextReader {
  #buffer = Buffer.allocUnsafeSlow(16_384);

  open(path: string): number | undefined {
    try {
      return openSync(path, 'r');
    } catch {
      return undefined; // ENOENT: gone or unknown to this kernel; EACCES: another user's; EMFILE: next time
    }
  }

  textOf(fd: number): string | undefined {
    try {
      for (;;) {
        const length = readSync(fd, this.#buffer, 0, this.#buffer.length, 0);
        // environ and a status with thousands of groups outgrow the buffer; the kernel's own bounds lie below 4 MiB.
        if (length < this.#buffer.length || length >= 4_194_304) return this.#buffer.toString('utf8', 0, length);
        this.#buffer = Buffer.allocUnsafeSlow(length * 4);
      }
    } catch {
      return undefined; // ESRCH, ENODEV: what it was open on is gone; EACCES, EPERM: another user's
    }
  }

  readOnce(path: string): string | undefined {
    const fd = this.open(path);
    if (fd === undefined) return undefined;
    try {
      return this.textOf(fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** A handful of files that are read at every sample. */
export class KeptTexts {
  readonly #reader = new TextReader();
  readonly #open = new Map<string, number>();

  read(path: string): string | undefined {
    const kept = this.#open.get(path);
    if (kept !== undefined) {
      const text = this.#reader.textOf(kept);
      if (text !== undefined) return text;
      this.#open.delete(path); // a control group removed and made again is another file by the same name
      closeSync(kept);
    }
    const fd = this.#reader.open(path);
    if (fd === undefined) return undefined;
    this.#open.set(path, fd);
    return this.#reader.textOf(fd);
  }

  close(): void {
    for (const fd of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }
}

/** The number behind a label in the text of a kernel file. */
export function numberAfter(text: string | undefined, label: string): number | undefined {
  const at = text?.indexOf(label) ?? -1;
  if (text === undefined || at < 0) return undefined;
  const number = Number.parseFloat(text.slice(at + label.length, at + label.length + 24));
  return Number.isNaN(number) ? undefined : number;
}
