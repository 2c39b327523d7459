import { Socket } from 'node:net';
import type { ExitFacts } from '../../core/death/deathFacts.ts';
import { exitOfWaitStatus } from '../../core/death/waitStatus.ts';

/** The descriptors that the launcher gives its recorder; src/native/recorder.c puts them there. */
export const LAUNCHER_FDS = { control: 3, stdout: 4, stderr: 5, command: 6 } as const;

/** A pipe takes 4096 bytes as a whole. */
const MOST_PRINTED_BYTES = 4000;

/** A signal that reached the launcher, for the agent. */
export interface PassedSignal {
  readonly number: number;
  /** 0: the kernel's, such as a terminal's Ctrl-C. */
  readonly senderPid: number;
  /** si_code: 0 or less for a process's doing. */
  readonly code: number;
}

/** `gone`: the launcher was killed, and the agent with it, before it could tell a status. */
export type LauncherEnd =
  | { readonly kind: 'exit'; readonly exit: ExitFacts; readonly elapsedMs: number }
  | { readonly kind: 'gone' };

/** Of what the launcher keeps: everything that ever came, and how much of it was dropped again. */
export interface KeptBytes {
  readonly stdout: number;
  readonly stderr: number;
}

/** The way to the launcher that stands in the caller's place: lines in both directions. */
export class LauncherLink {
  readonly #socket: Socket;
  #rest = '';
  #kept: KeptBytes = { stdout: 0, stderr: 0 };
  #onSignal: ((signal: PassedSignal) => void) | undefined;
  #onLost: ((stream: string, errno: number) => void) | undefined;
  readonly #early: PassedSignal[] = [];
  readonly #end = moment<LauncherEnd>();
  readonly #captured = moment<void>();
  readonly #drained = moment<void>();

  constructor(fd: number) {
    this.#socket = new Socket({ fd, readable: true, writable: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#hear(text));
    this.#socket.on('error', () => undefined); // 'close' follows, and says all that matters
    this.#socket.on('close', () => {
      this.#end.resolve({ kind: 'gone' });
      this.#captured.resolve();
      this.#drained.resolve();
    });
  }

  get end(): Promise<LauncherEnd> {
    return this.#end.promise;
  }

  get kept(): KeptBytes {
    return this.#kept;
  }

  /** All that the agent wrote is passed on and kept. */
  async drained(): Promise<void> {
    await Promise.all([this.#captured.promise, this.#drained.promise]);
  }

  /** From now on; what has come already is told at once. */
  onSignal(listener: (signal: PassedSignal) => void): void {
    this.#onSignal = listener;
    for (const signal of this.#early.splice(0)) listener(signal);
  }

  onLost(listener: (stream: string, errno: number) => void): void {
    this.#onLost = listener;
  }

  /** The session's folder is there: what was kept without a name moves into it. */
  handOver({ dir, identity }: { readonly dir: string; readonly identity: string | undefined }): void {
    if (identity === undefined) this.recordNothing();
    else this.#say(`dir ${identity} ${dir}`);
  }

  recordNothing(): void {
    this.#say('off');
    this.#captured.resolve();
  }

  /** For the person, where there is one: the launcher prints it if its stderr is a terminal. */
  tell(sentence: string): void {
    this.#say(`text ${sentence.replaceAll(/[\r\n]+/g, ' ')}`);
  }

  /** For the caller's stderr, whatever it is, behind all that the agent printed; at most what the launcher reads at once. */
  print(line: string): void {
    const text = line.replaceAll('\n', ' ');
    const isShort = Buffer.byteLength(text) <= MOST_PRINTED_BYTES;
    this.#say(`print ${isShort ? text : Buffer.from(text).subarray(0, MOST_PRINTED_BYTES).toString('utf8')}`);
  }

  /** Instead of the agent's own; `undefined`: that stands. */
  exitAs(code: number | undefined): void {
    this.#say(`code ${code ?? -1}`);
  }

  published(): void {
    this.#say('done');
  }

  close(): void {
    this.#socket.end();
    this.#socket.unref();
  }

  #say(line: string): void {
    if (this.#socket.writable) this.#socket.write(`${line}\n`, 'utf8');
  }

  #hear(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
  }

  #take(line: string): void {
    const [word = '', ...values] = line.split(' ');
    const [first = 0, second = 0, third = 0] = values.map(Number);
    switch (word) {
      case 'exit':
        this.#end.resolve({ kind: 'exit', exit: exitOfWaitStatus(first), elapsedMs: third });
        break;
      case 'bytes':
        this.#kept = { stdout: first, stderr: second };
        break;
      case 'drained':
        this.#kept = { stdout: first, stderr: second };
        this.#drained.resolve();
        break;
      case 'captured':
        this.#captured.resolve();
        break;
      case 'lost':
        this.#onLost?.(values[0] ?? '', second);
        break;
      case 'signal':
        if (this.#onSignal === undefined) this.#early.push({ number: first, senderPid: second, code: third });
        else this.#onSignal({ number: first, senderPid: second, code: third });
        break;
      default: // a newer launcher has more to say
    }
  }
}

interface Moment<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
}

/** Promise.withResolvers, which Node 20 has not. */
function moment<Value>(): Moment<Value> {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((resolvePromise) => (resolve = resolvePromise));
  return { promise, resolve };
}
