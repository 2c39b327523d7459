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

export interface ProcessLedgerOptions {
  readonly append: (record: object) => void;
  readonly argumentsOf: (pid: number) => readonly string[];
}

/**
 * One line for each process when it is first seen, with its command line, and one when it is gone. A program that another
 * one has become (a shell's child before and after its exec) is told again.
 */
export class ProcessLedger {
  readonly #options: ProcessLedgerOptions;
  readonly #living = new Map<number, { readonly startTicks: number | undefined; readonly comm: string | undefined }>();
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
      if (known !== undefined && known.startTicks !== member.start_ticks) this.#gone(member.pid, ts);
      else if (known?.comm === member.comm && known !== undefined) continue;
      this.#tell(member, ts);
    }
    for (const pid of this.#living.keys()) if (!seen.has(pid)) this.#gone(pid, ts);
  }

  #tell({ pid, ppid, start_ticks, comm }: TreeMember, ts: string): void {
    this.#living.set(pid, { startTicks: start_ticks, comm });
    const command = this.#commandOf(pid);
    this.#options.append({ pid, start_ticks, ppid, comm, command, first_ts: ts });
  }

  #gone(pid: number, ts: string): void {
    const startTicks = this.#living.get(pid)?.startTicks;
    this.#living.delete(pid);
    this.#options.append({ pid, start_ticks: startTicks, last_ts: ts });
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
