import { agentRow, KNOWN_AGENTS } from '../../core/words/agentTable.ts';
import { argumentsFrom } from '../proc/procReader.ts';

/** A process that has become a program with an agent's name in its command line, as it was at that instant. */
export interface Birth {
  readonly pid: number;
  readonly startTicks: number;
  /** The nearest first. */
  readonly ancestry: readonly { readonly pid: number; readonly startTicks: number }[];
  /** The launcher of a `run` is among them. */
  readonly isBelowRun: boolean;
  readonly words: readonly string[];
  readonly cwd: string;
  readonly stdin: string;
  /** The session whose environment it has. */
  readonly mark: string | undefined;
}

/** What `exit-of` of the native program is asked for: every name and package that an agent is started by. */
export const BIRTH_WORDS: readonly string[] = [
  '--births',
  ...new Set(
    KNOWN_AGENTS.flatMap((kind) => [...(agentRow(kind)?.programs ?? []), ...(agentRow(kind)?.packages ?? [])]),
  ),
];

/** `exec PID TICKS ANCESTORS IS_BELOW_RUN COMMAND CWD STDIN MARK`, as src/native/births.c writes it. */
export function birthFrom(line: string): Birth | undefined {
  const [word, pid = '', ticks = '', ancestors = '', below, command = '', cwd = '', stdin = '', mark = ''] =
    line.split(' ');
  if (word !== 'exec') return undefined;
  return {
    pid: Number(pid),
    startTicks: Number(ticks),
    ancestry: ancestors.split(',').flatMap((one) => {
      const [ancestor, since] = one.split(':').map(Number);
      return ancestor === undefined || since === undefined ? [] : [{ pid: ancestor, startTicks: since }];
    }),
    isBelowRun: below === '1',
    words: argumentsFrom(textFrom(command)),
    cwd: textFrom(cwd),
    stdin: textFrom(stdin),
    mark: mark === '-' ? undefined : textFrom(mark),
  };
}

function textFrom(hex: string): string {
  return hex === '-' ? '' : Buffer.from(hex, 'hex').toString('utf8');
}
