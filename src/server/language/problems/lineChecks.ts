import { humanSeconds } from '../../../core/words/humanUnits.ts';
import type { LogFileKind } from '../documents/fileKind.ts';
import type { LineFacts } from './lineFacts.ts';
import type { Problem } from './problem.ts';
import type { ProblemList } from './problemList.ts';

/** Wall clocks of several processes differ, and are set: only a longer way back is worth a word. */
const CLOCK_SLACK_MS = 1000;

/** `mixed`: captured output, in which an agent's records stand among whatever else was printed. */
export type Writing = 'finished' | 'live' | 'mixed';

/** What lines say together: goes over them in their order. */
export class LineChecks {
  readonly #kind: LogFileKind;
  readonly #writing: Writing;
  readonly #problems: ProblemList;
  #seq: number | undefined;
  #ms: number | undefined;
  /** A damaged line stands where a sample seems to be missing. */
  #hasHole = false;

  constructor(kind: LogFileKind, writing: Writing, problems: ProblemList) {
    this.#kind = kind;
    this.#writing = writing;
    this.#problems = problems;
  }

  /** `isLast`: nothing follows, not even a line break. */
  take(line: number, facts: LineFacts, isLast: boolean): void {
    if (facts.type === 'blank') return; // where a full disk took part of a line, writers leave empty ones
    if (facts.type === 'malformed') {
      this.#hasHole = true;
      if (this.#writing === 'mixed') return;
      // Somebody may just be writing it.
      if (!isLast) this.#problems.add({ line, ...MALFORMED });
      else if (this.#writing === 'finished') this.#problems.add({ line, ...TORN });
      return;
    }
    for (const problem of facts.problems) this.#problems.add({ line, ...problem });
    if (this.#kind === 'proc_trace' || this.#kind === 'tree') this.#checkSeq(line, facts.seq);
    if (facts.ms !== undefined) this.#checkTime(line, facts.ms, facts.isOurs);
    this.#hasHole = false;
  }

  #checkSeq(line: number, seq: number | undefined): void {
    const before = this.#seq;
    this.#seq = seq ?? before;
    if (seq === undefined || before === undefined || seq === before + 1) return;
    if (seq <= before) {
      const message = `Sample ${seq} follows sample ${before}: their numbers are to rise.`;
      this.#problems.add({ line, severity: 'warning', code: 'broken_order', message });
    } else if (this.#kind === 'proc_trace' && !this.#hasHole) {
      const missing = seq - before - 1;
      const message =
        missing === 1
          ? `Sample ${before + 1} is missing before this one.`
          : `Samples ${before + 1} to ${seq - 1} are missing before this one.`;
      this.#problems.add({ line, severity: 'info', code: 'missing_samples', message });
    }
  }

  #checkTime(line: number, ms: number, isOurs: boolean): void {
    const before = this.#ms;
    this.#ms = ms;
    if (before === undefined || ms > before) return;
    const isSample = this.#kind === 'proc_trace' || this.#kind === 'tree';
    if (isSample && isOurs) {
      const message = ms === before ? 'The same time as the sample before: times are to rise.' : backWords(before - ms);
      this.#problems.add({ line, severity: 'warning', code: 'broken_order', message });
    } else if ((isSample || this.#kind === 'lifecycle') && before - ms > CLOCK_SLACK_MS) {
      const message = `${backWords(before - ms)} The clock was set back, or lines are not in their order.`;
      this.#problems.add({ line, severity: 'info', code: 'broken_order', message });
    }
  }
}

const MALFORMED: Omit<Problem, 'line'> = {
  severity: 'warning',
  code: 'malformed_line',
  message: 'Not a JSON object: readers skip this line.',
};

const TORN: Omit<Problem, 'line'> = {
  severity: 'warning',
  code: 'torn_tail',
  message: 'The last line is torn: its writer ended in its middle, and nobody will complete it.',
};

function backWords(ms: number): string {
  return `Time goes back by ${humanSeconds(ms / 1000)}.`;
}
