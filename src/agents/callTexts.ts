import type { CallText } from '../core/session/call.ts';
import type { FailureSource } from '../core/session/failures.ts';
import type { CallSpan } from '../core/failures/callSpans.ts';
import type { TranscriptEvent } from '../core/failures/transcriptEvents.ts';
import type { LogPosition } from '../core/failures/transcriptTally.ts';
import { clippedText } from '../core/words/displayText.ts';
import { arrayOf, recordOf, stringOf } from '../core/words/json.ts';
import { contentText } from './messageText.ts';
import { shellCommandOf } from './shellCommand.ts';

interface Failed extends CallText {
  readonly exitCode: number | undefined;
}

const MAX_ASKED = 300;
const MAX_ANSWER = 400;
const MAX_LINES = 4;
/** Of so many calls, the newest: what a person looks at. */
const MAX_CALLS = 6000;
const MAX_OPEN = 4096;

/** Follows a log's events and keeps the texts of its calls and failures, clipped and bounded in number. */
export class CallTexts {
  readonly #open = new Map<string, { readonly line: number; readonly asked: string | undefined }>();
  readonly #calls = new Map<string, CallText>();
  readonly #failed = new Map<number, Failed[]>();

  take(event: TranscriptEvent, { line }: LogPosition): void {
    if (event.type === 'call_opened') {
      const asked = askedText(event.asked);
      keep(this.#open, event.call, { line, asked }, MAX_OPEN);
      if (asked !== undefined) keep(this.#calls, keyOf(line, event.call), { asked, answer: undefined }, MAX_CALLS);
    } else if (event.type === 'call_ok') {
      this.#close(event.call, firstLines(contentText(event.answer)));
    } else if (event.type === 'call_failed' || event.type === 'failed' || event.type === 'retrying') {
      const { output, said, exit_code } = event.symptom;
      const answer = firstLines([output, said].find((text) => text !== undefined && text.trim() !== '') ?? '');
      const asked = event.type === 'call_failed' ? this.#close(event.call, answer) : undefined;
      const failed = [...(this.#failed.get(line) ?? []), { asked, answer, exitCode: exit_code }];
      keep(this.#failed, line, failed, MAX_CALLS);
    }
  }

  ofCall({ line, id }: CallSpan): CallText | undefined {
    return this.#calls.get(keyOf(line, id));
  }

  /** Several may have failed in one line: their exit codes tell them apart. A call that never ended failed where it began. */
  ofFailure({ line, exit_code }: Pick<FailureSource, 'line' | 'exit_code'>): CallText | undefined {
    const failed = this.#failed.get(line);
    const one = failed?.find(({ exitCode }) => exitCode === exit_code) ?? failed?.[0];
    if (one !== undefined) return { asked: one.asked, answer: one.answer };
    const open = [...this.#open.values()].find((call) => call.line === line);
    return open && { asked: open.asked, answer: undefined };
  }

  #close(call: string | undefined, answer: string | undefined): string | undefined {
    const open = call === undefined ? undefined : this.#open.get(call);
    if (call === undefined || open === undefined) return undefined;
    this.#open.delete(call);
    keep(this.#calls, keyOf(open.line, call), { asked: open.asked, answer }, MAX_CALLS);
    return open.asked;
  }
}

function keyOf(line: number, call: string): string {
  return `${line} ${call}`;
}

function keep<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

/** What says most of a call that is no shell command, in the words of all agents' tools. */
const TELLING_KEYS = ['file_path', 'path', 'filePath', 'pattern', 'query', 'url', 'description', 'prompt'];

function askedText(args: unknown): string | undefined {
  const layers = Array.isArray(args) ? arrayOf(args) : [args];
  const command = layers.map(shellCommandOf).find((text) => text !== undefined);
  const other = (): string | undefined =>
    layers
      .flatMap((layer) => TELLING_KEYS.map((key) => stringOf(recordOf(layer)?.[key])))
      .find((text) => text !== undefined && text !== '');
  const text = command ?? other();
  return text === undefined || text.trim() === '' ? undefined : own(clippedText(text.trim(), MAX_ASKED));
}

function firstLines(text: string): string | undefined {
  const lines = text
    .slice(0, 20 * MAX_ANSWER)
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (lines.length === 0) return undefined;
  return own(clippedText(lines.slice(0, MAX_LINES).join('\n'), MAX_ANSWER));
}

/** A part of a text holds on to the whole of it, which may be megabytes: a text of its own does not. */
function own(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
