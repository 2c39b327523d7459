/** A change that no test can notice, because nothing that anybody sees depends on it. */
export interface Equivalent {
  readonly file: string;
  /** The line as it stands, without its indentation. */
  readonly line: string;
  /** As the run prints it. */
  readonly change: string;
  readonly reason: string;
}

export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: 'src/core/report/reportNumbers.ts',
    line: 'if (value < -0x8000_0000 || value > 0xffff_ffff) return false;',
    change: '0xffff_ffff -> 4294967294',
    reason: 'the number between them is no code of any list that follows',
  },
];
