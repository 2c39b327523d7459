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
import { entryIn, problemOf, valueOf, withEntry, withoutEntry } from './editConfig.ts';

export { AGENT_CONFIGS } from './agentConfigs.ts';

export interface IntegrateOptions extends ConfigPlace {
  readonly agent: string;
  /** How the agent starts our server. */
  readonly command: readonly string[];
  readonly isRemoved: boolean;
  readonly isDryRun: boolean;
}

export type Integrated =
  | { readonly ok: true; readonly path: string; readonly before: string; readonly after: string }
  | { readonly ok: false; readonly path: string; readonly why: string };

const BACKUP = '.before-session-diagnostics';

/** Adds our server to an agent's own configuration, or takes it out again. A file that cannot be read stays as it is. */
export function integrateAgent({ agent, command, isRemoved, isDryRun, ...place }: IntegrateOptions): Integrated {
  const config = AGENT_CONFIGS[agent];
  if (config === undefined) return { ok: false, path: '', why: `there is no agent ${agent}` };
  const named = config.path(place);
  try {
    // Through links: what the link leads to is the file, and the link stays one.
    const path = existsSync(named) ? realpathSync(named) : named;
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const problem = problemOf(config, before);
    if (problem !== undefined) return { ok: false, path, why: problem };
    const edited = isRemoved ? removed(config, { path, before, command }) : added(config, { before, command });
    if (!edited.ok) return { ok: false, path, why: edited.why };
    if (!isDryRun && edited.text !== before) write(path, { before, after: edited.text, isRemoved });
    return { ok: true, path, before, after: edited.text };
  } catch (error) {
    return {
      ok: false,
      path: named,
      why: `it could not be read or written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
    };
  }
}

function added(
  config: AgentConfig,
  { before, command }: { readonly before: string; readonly command: readonly string[] },
) {
  const entry = config.entry(command);
  const present = entryIn(config, valueOf(config, before));
  // Written by us for the same command: nothing to do.
  return isDeepStrictEqual(present, entry) ? { ok: true as const, text: before } : withEntry(config, before, entry);
}

function removed(
  config: AgentConfig,
  { path, before, command }: { readonly path: string; readonly before: string; readonly command: readonly string[] },
) {
  const backup = path + BACKUP;
  return withoutEntry(config, before, existsSync(backup) ? readFileSync(backup, 'utf8') : '', config.entry(command));
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
