import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AGENT_CONFIGS, type AgentConfig, type ConfigPlace } from './agentConfigs.ts';
import { entryIn, problemOf, valueOf, withEntry, withoutEntry, type Edited } from './editConfig.ts';
import { withHooks, withoutHooks } from './editHooks.ts';

export { AGENT_CONFIGS } from './agentConfigs.ts';

export interface IntegrateOptions extends ConfigPlace {
  readonly agent: string;
  /** How the agent starts our server. */
  readonly command: readonly string[];
  /** The native program, which its hooks call; without it there are none. */
  readonly hookProgram: string | undefined;
  readonly isRemoved: boolean;
  readonly isDryRun: boolean;
}

export type Integrated =
  | { readonly ok: true; readonly path: string; readonly before: string; readonly after: string }
  | { readonly ok: false; readonly path: string; readonly why: string };

const BACKUP = '.before-session-diagnostics';

/** One file of an agent, and what becomes of its text. */
interface Change {
  readonly config: AgentConfig;
  readonly path: string;
  readonly add: (text: string) => Edited;
  readonly remove: (text: string, backup: string) => Edited;
}

/**
 * Adds our server, and our hooks where an agent has some, to its own configuration, or takes them out again. A file that
 * cannot be read stays as it is, and then so do the others.
 */
export function integrateAgent(options: IntegrateOptions): readonly Integrated[] {
  const planned = changesOf(options).map((change) => planOf(change, options));
  if (options.isDryRun || planned.some(({ ok }) => !ok)) return planned;
  return planned.map((one) => (one.ok && one.after !== one.before ? written(one, options.isRemoved) : one));
}

function changesOf({ agent, command, hookProgram, ...place }: IntegrateOptions): readonly Change[] {
  const config = AGENT_CONFIGS[agent];
  if (config === undefined) return [];
  const entry = config.entry(command);
  const hooks = config.hooksPath?.(place);
  return [
    {
      config,
      path: config.path(place),
      // Written by us for the same command: nothing to do.
      add: (text) =>
        isDeepStrictEqual(entryIn(config, valueOf(config, text)), entry)
          ? { ok: true, text }
          : withEntry(config, text, entry),
      remove: (text, backup) => withoutEntry(config, text, backup, entry),
    },
    ...(hooks === undefined || hookProgram === undefined
      ? []
      : [
          {
            config: { ...config, at: ['hooks'] },
            path: hooks,
            add: (text: string) => withHooks(text, hookProgram),
            remove: (text: string, backup: string) => withoutHooks(text, backup, hookProgram),
          },
        ]),
  ];
}

function planOf({ config, path: named, add, remove }: Change, { isRemoved }: IntegrateOptions): Integrated {
  try {
    // Through links: what the link leads to is the file, and the link stays one.
    const path = existsSync(named) ? realpathSync(named) : named;
    const before = textOf(path);
    const problem = problemOf(config, before);
    if (problem !== undefined) return { ok: false, path, why: problem };
    const edited = isRemoved ? remove(before, textOf(path + BACKUP)) : add(before);
    return edited.ok ? { ok: true, path, before, after: edited.text } : { ok: false, path, why: edited.why };
  } catch (error) {
    return { ok: false, path: named, why: unreachable(error) };
  }
}

function written(planned: Extract<Integrated, { ok: true }>, isRemoved: boolean): Integrated {
  try {
    write(planned.path, { ...planned, isRemoved });
    return planned;
  } catch (error) {
    return { ok: false, path: planned.path, why: unreachable(error) };
  }
}

function unreachable(error: unknown): string {
  return `it could not be read or written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Whole or not at all, with the mode and the owner that the file had; what was there lies beside it. */
function write(
  path: string,
  { before, after, isRemoved }: { readonly before: string; readonly after: string; readonly isRemoved: boolean },
): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const old = statSync(path, { throwIfNoEntry: false });
  const backup = path + BACKUP;
  const wasThere = existsSync(backup);
  if (isRemoved) rmSync(backup, { force: true });
  else if (old !== undefined) {
    rmSync(backup, { force: true });
    writeFileSync(backup, before, { mode: 0o600, flag: 'wx' });
  }
  if (isRemoved && after === '' && !wasThere) {
    rmSync(path); // we had made it
    return;
  }
  const aside = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    const fd = openSync(aside, 'wx', 0o600);
    try {
      writeFileSync(fd, after);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (old !== undefined) {
      chmodSync(aside, old.mode & 0o777);
      if (process.getuid?.() === 0) chownSync(aside, old.uid, old.gid);
    }
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
