import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { isTraceName } from '../../core/session/devboyTrace.ts';
import { bundleOf, preparePrivate } from '../../sessions/sessionBundle.ts';
import { namedSession } from '../chosenSession.ts';
import type { Command } from '../command.ts';
import { CommandError } from '../failure.ts';

/** Put in by the build. */
declare const PRODUCT_VERSION: string;

export const bundle: Command = {
  usage: 'ID|last [--full] [--out FILE]',
  summary: 'One session as one file that can be posted: numbers, times and closed words only, unless it is --full',
  readsSessions: true,
  flagHelp: [
    ['--full', 'its files as they are: commands, paths and what was printed; look before you post it'],
    ['--out FILE', 'where to (NAME.tar.gz here)'],
  ],
  flags: { full: { type: 'boolean' }, out: { type: 'string' } },
  run: async (context) => {
    const { args, terminal, cwd } = context;
    const found = namedSession(context, { isPrefixEnough: true });
    const { name, dir, state } = found.place;
    if (state === 'running') throw new CommandError(`${name} still runs. It can be bundled when it has ended.`);
    if (isTraceName(name)) throw new CommandError(`${name} is a trace: its two files are in ${dir}.`);
    const scratch = mkdtempSync(join(tmpdir(), 'session-diagnostics-bundle-'));
    try {
      const isFull = args.isSet('full');
      const prepared = isFull
        ? ({ ok: true, name, folder: dir } as const)
        : preparePrivate(found, mkdtempSync(join(scratch, 'files-')));
      if (!prepared.ok) throw new CommandError(prepared.message);
      const out = resolve(cwd, args.text('out') ?? `${prepared.name}.tar.gz`);
      const bytes = bundleOf(prepared.folder, isFull ? 'full' : 'private', { scratch, version: PRODUCT_VERSION });
      await pipeline(Readable.from(bytes), createGzip(), createWriteStream(out, { flags: 'wx', mode: 0o600 })).catch(
        (error: unknown) => {
          throw unwritten(out, error);
        },
      );
      terminal.out(args.isSet('json') ? JSON.stringify({ file: out, form: isFull ? 'full' : 'private' }) : out);
      return 0;
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};

function unwritten(path: string, error: unknown): CommandError {
  const { code = 'unknown' } = error as NodeJS.ErrnoException; // streams of files throw nothing else
  const why = code === 'EEXIST' ? 'is there already: choose another name with --out' : `could not be written (${code})`;
  return new CommandError(`${path} ${why}.`, { cause: error });
}
