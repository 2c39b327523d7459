import { writeSync } from 'node:fs';
import { styleText } from 'node:util';
import { LINK_SCHEME_VARIABLE, sessionLink, type LinkedMoment } from '../core/words/sessionLink.ts';

type Style = Parameters<typeof styleText>[0];

/** Where a command writes what a person or a script reads. */
export interface Terminal {
  readonly out: (line: string) => void;
  /** A part of a line that is too long to be held as a whole. */
  readonly outPart: (text: string) => void;
  readonly err: (line: string) => void;
  /** Styles only on a terminal, and never against NO_COLOR. */
  readonly styled: (style: Style, text: string) => string;
  readonly columns: number;
  /** Whoever reads by a pipe or a file gets whole lines. */
  readonly isScreen: boolean;
}

/** `report ID > file` on a full disk leaves a file that must not pass for the report. */
const DISK_ERRORS: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/**
 * Node's streams are touched only when there is something to print: making them sets a pipe that we share with our
 * caller to O_NONBLOCK, and whoever else writes to it would lose output.
 */
export function createTerminal(process: NodeJS.Process): Terminal {
  let isListening = false;
  const streams = (): Pick<NodeJS.Process, 'stdout' | 'stderr'> => {
    if (!isListening) listenForErrors(process);
    isListening = true;
    return process;
  };
  const hasColour = (): boolean => streams().stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  return {
    out: (line) => streams().stdout.write(`${line}\n`),
    outPart: (text) => writeNow(streams().stdout, text),
    err: (line) => streams().stderr.write(`${line}\n`),
    styled: (style, text) => (hasColour() ? styleText(style, text, { validateStream: false }) : text),
    get isScreen() {
      return streams().stdout.isTTY;
    },
    get columns() {
      return Math.max(40, Math.min(streams().stdout.columns ?? 80, 120));
    },
  };
}

function listenForErrors(process: NodeJS.Process): void {
  // Whoever read us has gone (`show | head`, a closed terminal): nobody is left to tell, and a recorder goes on.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === undefined || !DISK_ERRORS.has(code) || process.exitCode !== undefined) return;
    process.exitCode = 1;
    process.stderr.write(`session-diagnostics: What was to be printed could not be written (${code}).\n`);
  });
}

/** While a pipe is full; whoever reads it sets the pace. */
const FULL_PIPE_MS = 2;

/**
 * What a stream cannot write at once it holds until the event loop turns: of 250 MB that are printed in one go, 230. This
 * waits instead.
 */
function writeNow(stdout: NodeJS.Process['stdout'], text: string): void {
  const bytes = Buffer.from(text);
  // What is held already comes first. Once somebody has gone nobody needs the rest.
  if (stdout.writableLength > 0 || stdout.destroyed) {
    stdout.write(bytes);
    return;
  }
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(stdout.fd, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException; // node:fs throws nothing else
      if (code !== 'EAGAIN') {
        stdout.destroy(error as Error);
        return;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_MS);
    }
  }
}

/** Log content is hostile: control and bidirectional characters must not reach a terminal as they are. */
export function printable(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

export function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Words of a paragraph on lines of at most `columns`, all but the first indented. */
export function wrapped(text: string, columns: number, indent: string): string {
  const lines: string[] = [];
  const lead = /^ */.exec(text)?.[0] ?? '';
  let line = lead === '' ? '' : lead.slice(1);
  for (const word of text.slice(lead.length).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = indent + word;
    } else {
      line = line === '' && lead === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

/** In a terminal of the editor: a link that shows the session there, at its moment. */
export function editorLink(env: NodeJS.ProcessEnv, moment: LinkedMoment): string | undefined {
  const scheme = env[LINK_SCHEME_VARIABLE];
  return scheme === undefined ? undefined : sessionLink(scheme, moment);
}
