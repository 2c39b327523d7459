import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { CLI } from '../builtCli.ts';

/** A way to call `run`. */
export interface Entry {
  readonly name: 'native' | 'node' | 'off';
  readonly title: string;
  /** What stands before `--log-dir`, for a shell. */
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly isBuilt: boolean;
}

export const NATIVE = resolve(
  import.meta.dirname,
  `../../../dist/native/${process.platform}-${process.arch}/session-diagnostics`,
);
const isNativeBuilt = existsSync(NATIVE);

export const ENTRIES: readonly Entry[] = [
  { name: 'native', title: 'the native program', command: `${NATIVE} run`, env: {}, isBuilt: isNativeBuilt },
  {
    name: 'node',
    title: 'node, which hands over to the native program',
    command: `${process.execPath} ${CLI} run`,
    env: {},
    isBuilt: isNativeBuilt,
  },
  {
    name: 'off',
    title: 'node without the native program',
    command: `${process.execPath} ${CLI} run`,
    // The agent sees it too, bare and through `run`.
    env: { SESSION_DIAGNOSTICS_NATIVE: 'off' },
    isBuilt: true,
  },
];
