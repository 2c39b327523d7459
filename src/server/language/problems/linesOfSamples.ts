/** A file out of order everywhere needs no more of them to be told so. */
const MOST_RUNS = 10_000;

/** On which line each sample stands: a hundred thousand samples in their order are one run. */
export class LinesOfSamples {
  readonly #runs: { readonly seq: number; readonly line: number; length: number }[] = [];
  #count = 0;

  /** The lines of samples in their order; `seq` where they are numbered. */
  add(line: number, seq: number | undefined): void {
    const number = seq ?? this.#count;
    this.#count += 1;
    const last = this.#runs.at(-1);
    if (last !== undefined && number === last.seq + last.length && line === last.line + last.length) last.length += 1;
    else if (this.#runs.length < MOST_RUNS) this.#runs.push({ seq: number, line, length: 1 });
  }

  lineOf(seq: number): number | undefined {
    const run = this.#runs.find((one) => seq >= one.seq && seq < one.seq + one.length);
    return run && run.line + (seq - run.seq);
  }
}
