import { join } from 'node:path';
import { integerOf, recordOf, stringOf } from '../core/words/json.ts';
import { readJsonLines } from './jsonLines.ts';
import { isOfFile } from './series.ts';

export const PROCESSES_FILE = 'processes.jsonl';

/** A session of weeks has had millions; whoever is asked for is among the last of them. */
const MOST_KEPT = 50_000;

/** The command lines of a session's processes, read on from where they were last read. */
export class ProcessCommands {
  readonly #commands = new Map<string, string>();
  #offset = 0;

  read(dir: string): void {
    try {
      const { nextOffset } = readJsonLines(join(dir, PROCESSES_FILE), this.#offset, (value) => this.#take(value));
      this.#offset = nextOffset;
    } catch (error) {
      if (!isOfFile(error)) throw error; // older sessions and other writers' have none
    }
  }

  of(pid: number | undefined, startTicks: number | undefined): string | undefined {
    return this.#commands.get(`${pid} ${startTicks}`);
  }

  #take(value: unknown): void {
    const record = recordOf(value);
    const command = stringOf(record?.['command']);
    if (command === undefined) return; // that it is gone
    const key = `${integerOf(record?.['pid'])} ${integerOf(record?.['start_ticks'])}`;
    this.#commands.delete(key);
    this.#commands.set(key, command);
    if (this.#commands.size <= MOST_KEPT) return;
    for (const oldest of this.#commands.keys()) {
      this.#commands.delete(oldest);
      return;
    }
  }
}
