import { commandText } from '../../core/words/commandText.ts';
import { clippedText } from '../../core/words/displayText.ts';
import { createRedactor, secretsOfEnvironment, type Redactor } from '../../core/privacy/redact.ts';
import type { TreeMember } from '../../core/session/tree.ts';

/** What processes.jsonl tells of one process. */
const MOST_COMMAND_BYTES = 4096;
/** Redacted before it is cut: half a secret is not recognised. What is behind this is not looked at. */
const MOST_READ = 32 * 1024;
/** A build starts the same few commands thousands of times, each of which takes 20 to 200 µs to be redacted. */
const MOST_REMEMBERED = 512;

interface Living {
  readonly startTicks: number | undefined;
  /** As it was told last; `undefined` while there was nothing to tell. */
  readonly told: { readonly comm: string | undefined; readonly command: string } | undefined;
}

export interface ProcessLedgerOptions {
  readonly append: (record: object) => void;
  readonly argumentsOf: (pid: number) => readonly string[];
}

/**
 * One line for each process when it is first seen, with its command line, and one when it is gone. One that has become
 * another program is told again. Of thousands of short processes most have nothing to tell when a sample sees them.
 */
export class ProcessLedger {
  readonly #options: ProcessLedgerOptions;
  readonly #living = new Map<number, Living>();
  readonly #redacted = new Map<string, string>();
  #redactor: Redactor | undefined;

  constructor(options: ProcessLedgerOptions) {
    this.#options = options;
  }

  note(processes: readonly TreeMember[], ts: string): void {
    const seen = new Set<number>();
    for (const member of processes) {
      if (member.state === 'zombie' || member.state === 'dead') continue; // it has no command line any more
      seen.add(member.pid);
      const known = this.#living.get(member.pid);
      const isSame = known !== undefined && known.startTicks === member.start_ticks;
      if (known !== undefined && !isSame) this.#gone(member.pid, ts);
      if (!isSame || known.told === undefined || known.told.comm !== member.comm) this.#look(member, ts, !isSame);
    }
    for (const pid of this.#living.keys()) if (!seen.has(pid)) this.#gone(pid, ts);
  }

  /** What is ending has no command line, and a child before its exec its parent's: neither is worth a line yet. */
  #look({ pid, ppid, start_ticks, comm }: TreeMember, ts: string, isFirst: boolean): void {
    const command = this.#commandOf(pid);
    const isParents = isFirst && ppid !== undefined && this.#living.get(ppid)?.told?.command === command;
    const told = command === '' || isParents ? undefined : { comm, command };
    this.#living.set(pid, { startTicks: start_ticks, told });
    if (told === undefined) return;
    this.#options.append({ pid, start_ticks, ppid, comm, command, first_ts: ts });
  }

  #gone(pid: number, ts: string): void {
    const known = this.#living.get(pid);
    this.#living.delete(pid);
    if (known?.told !== undefined) this.#options.append({ pid, start_ticks: known.startTicks, last_ts: ts });
  }

  #commandOf(pid: number): string {
    const text = clippedText(commandText(this.#options.argumentsOf(pid)), MOST_READ);
    const known = this.#redacted.get(text);
    if (known !== undefined) return known;
    this.#redactor ??= createRedactor({ identity: {}, secrets: secretsOfEnvironment(process.env) });
    const command = clippedBytes(this.#redactor.credentialsOnly(text).text);
    if (this.#redacted.size >= MOST_REMEMBERED) this.#redacted.clear();
    this.#redacted.set(text, command);
    return command;
  }
}

function clippedBytes(text: string): string {
  const clipped = clippedText(text, MOST_COMMAND_BYTES);
  const bytes = Buffer.from(clipped);
  if (bytes.length <= MOST_COMMAND_BYTES) return clipped;
  return bytes.toString('utf8', 0, MOST_COMMAND_BYTES).replace(/\ufffd$/, '');
}
