import { createWriteStream, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { isTraceName } from '../../core/session/devboyTrace.ts';
import type { FoundSession } from '../../sessions/readFound.ts';
import { bundleOf, preparePrivate, type BundleForm } from '../../sessions/sessionBundle.ts';
import { namedSession } from '../chosenSession.ts';
import type { Command, CommandContext } from '../command.ts';
import { CommandError, UsageError } from '../failure.ts';
import { writeParquet } from '../fleet/writeParquet.ts';

/** Put in by the build. */
declare const PRODUCT_VERSION: string;

export const bundle: Command = {
  usage: 'ID|last [--full | --parquet] [--out FILE]',
  summary: 'One session as one file that can be posted: numbers, times and closed words only, unless it is --full',
  readsSessions: true,
  flagHelp: [
    ['--full', 'its files as they are: commands, paths and what was printed; look before you post it'],
    ['--parquet', 'tables for `fleet --files` instead: rows of the session, its calls and samples, into a folder'],
    ['--out FILE', 'where to (NAME.tar.gz here; the folder `parquet`)'],
  ],
  flags: { full: { type: 'boolean' }, parquet: { type: 'boolean' }, out: { type: 'string' } },
  run: async (context) => {
    const { args, terminal, cwd } = context;
    const found = namedSession(context, { isPrefixEnough: true });
    const { name, dir, state } = found.place;
    if (state === 'running') throw new CommandError(`${name} still runs. It can be bundled when it has ended.`);
    if (isTraceName(name)) throw new CommandError(`${name} is a trace: its two files are in ${dir}.`);
    if (args.isSet('parquet')) return bundleParquet(context, found);
    const form = args.isSet('full') ? 'full' : 'private';
    const out = await writeBundle(found, {
      form,
      out: (bundled) => resolve(cwd, args.text('out') ?? `${bundled}.tar.gz`),
      replaces: false,
    });
    terminal.out(args.isSet('json') ? JSON.stringify({ file: out, form }) : out);
    return 0;
  },
};

async function bundleParquet(context: CommandContext, found: FoundSession): Promise<number> {
  const { args, cwd, terminal } = context;
  if (args.isSet('full')) throw new UsageError('Give --full or --parquet, not both: tables hold no texts.');
  const files = await writeParquet(found, resolve(cwd, args.text('out') ?? 'parquet'), context);
  if (args.isSet('json')) terminal.out(JSON.stringify({ files, form: 'parquet' }));
  else for (const file of files) terminal.out(file);
  return 0;
}

interface BundleTarget {
  readonly form: BundleForm;
  /** By the name that the session has in it. */
  readonly out: (name: string) => string;
  /** A file of that name, from an earlier run, gives way. */
  readonly replaces: boolean;
}

/** Returns where it is. */
export async function writeBundle(found: FoundSession, { form, out, replaces }: BundleTarget): Promise<string> {
  const { name, dir } = found.place;
  const scratch = mkdtempSync(join(tmpdir(), 'session-diagnostics-bundle-'));
  try {
    const prepared =
      form === 'full'
        ? ({ ok: true, name, folder: dir } as const)
        : preparePrivate(found, mkdtempSync(join(scratch, 'files-')));
    if (!prepared.ok) throw new CommandError(prepared.message);
    const path = out(prepared.name);
    // What is half written does not pass for a bundle, nor does it take the place of one.
    const part = replaces ? join(dirname(path), `.${basename(path)}.${process.pid}`) : path;
    const bytes = bundleOf(prepared.folder, form, { scratch, version: PRODUCT_VERSION });
    try {
      await pipeline(Readable.from(bytes), createGzip(), createWriteStream(part, { flags: 'wx', mode: 0o600 }));
      if (part !== path) renameSync(part, path);
    } catch (error) {
      if (part !== path) rmSync(part, { force: true });
      throw unwritten(path, error);
    }
    return path;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function unwritten(path: string, error: unknown): CommandError {
  const { code = 'unknown' } = error as NodeJS.ErrnoException; // streams of files throw nothing else
  const why = code === 'EEXIST' ? 'is there already: choose another name with --out' : `could not be written (${code})`;
  return new CommandError(`${path} ${why}.`, { cause: error });
}
